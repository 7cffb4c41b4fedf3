"""What a coordinator runs, and who listens to it."""

import asyncio
import contextlib

import httpx


class Client:
    """Somebody who streams the events of a job; a gone one raises, a stuck one never takes anything."""

    def __init__(self, state="listening"):
        self.state, self.events = state, asyncio.Queue()

    async def send(self, event):
        if self.state == "gone":
            raise ConnectionResetError("the client has gone")
        if self.state == "stuck":
            await asyncio.Future()
        await self.events.put(event)

    async def next(self, within_s=1):
        return await asyncio.wait_for(self.events.get(), within_s)

    def kinds(self):
        """Take the events that are here, and return their kinds in order."""
        kinds = []
        while not self.events.empty():
            kinds.append(self.events.get_nowait()["kind"])
        return kinds


class Job:
    """Work under a key. Ends when `release` is set; what it does when it is cancelled is up to `ends`."""

    def __init__(self, key="job", clients=(), ends="at once"):
        self.key, self.clients, self.ends = key, list(clients), ends
        self.started, self.release, self.cleaned_up = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def process(self):
        self.started.set()
        try:
            await self.release.wait()
            return "done"
        except asyncio.CancelledError:
            if self.ends == "never":
                await self.release.wait()
            elif self.ends == "with an error":
                raise ValueError("while cleaning up") from None
            raise
        finally:
            if self.ends == "slowly":
                await asyncio.sleep(0.05)
            self.cleaned_up.set()


class Fetch(Job):
    """A download over HTTP."""

    def __init__(self, client, url, **more):
        super().__init__(**more)
        self.client, self.url = client, url

    async def process(self):
        self.started.set()
        return (await self.client.get(self.url)).text


class SlowServer:
    """Answers only when it is told to, and knows how many connections it has; requests to `/quick` at once."""

    async def __aenter__(self):
        self.asked, self.left, self.answer = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = "http://127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info):
        self.server.close()

    async def _serve(self, reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        if not request.startswith(b"GET /quick"):
            self.asked.set()
            gone = asyncio.ensure_future(reader.read())
            told = asyncio.ensure_future(self.answer.wait())
            await asyncio.wait({gone, told}, return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if gone.done():
                self.left.set()
            gone.cancel()
        if not self.left.is_set() or request.startswith(b"GET /quick"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        writer.close()


def one_connection():
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=1), timeout=httpx.Timeout(5, pool=1), trust_env=False)


async def start(coordinator, job):
    """Start a job and wait until it works."""
    task = coordinator.start(job)
    await job.started.wait()
    return task


@contextlib.asynccontextmanager
async def stubborn_job(coordinator):
    """A job that does not end when it is cancelled; let go at the end, so that the test is not held up by it."""
    job = Job("stubborn", ends="never")
    await start(coordinator, job)
    try:
        yield job
    finally:
        job.release.set()


async def outcome_of(task, within_s=2):
    """Wait for a task and say how it ended."""
    await asyncio.wait({task}, timeout=within_s)
    if not task.done():
        return "running"
    if task.cancelled():
        return "cancelled"
    return "failed" if task.exception() else "finished"
