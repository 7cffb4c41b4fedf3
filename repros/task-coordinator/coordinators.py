"""One streaming coordinator in three states: as reported, as recommended, and with every wait bounded."""

import asyncio
import logging
import os
import signal

log = logging.getLogger("coordinator")


class Broken:
    """Runs jobs and streams their events; nobody thought of cancelling."""

    def __init__(self):
        self.tasks = {}

    def start(self, job):
        self.tasks[job.key] = task = asyncio.ensure_future(self._run(job))
        return task

    async def send(self, job, kind):
        await asyncio.gather(*(client.send({"kind": kind, "key": job.key}) for client in job.clients))

    async def _run(self, job):
        try:
            await job.process()
            await self.send(job, "completed")
        except Exception:
            await self.send(job, "failed")
        finally:
            self.tasks.pop(job.key, None)
            job.clients.clear()


class Naive(Broken):
    """The recommendations, word for word: tell the clients and raise again, `cancel_task`, `shutdown`, handlers."""

    async def send(self, job, kind):
        events = (client.send({"kind": kind, "key": job.key}) for client in job.clients)
        await asyncio.gather(*events, return_exceptions=True)

    async def _run(self, job):
        try:
            await job.process()
            await self.send(job, "completed")
        except asyncio.CancelledError:
            await self.send(job, "cancelled")
            raise
        except Exception:
            await self.send(job, "failed")
        finally:
            self.tasks.pop(job.key, None)
            job.clients.clear()

    async def cancel_task(self, key):
        task = self.tasks.get(key)
        if task is None:
            return False
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
        return True

    async def shutdown(self):
        tasks = list(self.tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def handle_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)

    def _on_signal(self):
        self.stopping = asyncio.ensure_future(self.shutdown())

    async def close_server(self, server):
        await self.shutdown()
        server.close()
        await server.wait_closed()


class Fixed(Naive):
    """The same, and nothing is waited for without a limit: not a job, a client, or a job that should end."""

    def __init__(self, job_limit_s=60, send_limit_s=0.2):
        super().__init__()
        self.job_limit_s, self.send_limit_s = job_limit_s, send_limit_s

    def start(self, job):
        task = super().start(job)
        task.add_done_callback(lambda _: self._forget(job, task))
        return task

    def _forget(self, job, task):
        """Also of a task that never ran, and never a later one under the same key."""
        if self.tasks.get(job.key) is task:
            del self.tasks[job.key]
        job.clients.clear()

    async def send(self, job, kind):
        event = {"kind": kind, "key": job.key}
        sends = (asyncio.wait_for(client.send(event), self.send_limit_s) for client in list(job.clients))
        await asyncio.gather(*sends, return_exceptions=True)

    async def _run(self, job):
        try:
            await asyncio.wait_for(job.process(), self.job_limit_s)
            await self.send(job, "completed")
        except asyncio.CancelledError:
            await self.send(job, "cancelled")
            raise
        except Exception:
            await self.send(job, "failed")

    async def cancel_task(self, key, within_s=0.5):
        task = self.tasks.get(key)
        if task is None or task.done():
            return False
        task.cancel()
        await asyncio.wait({task}, timeout=within_s)
        return task.cancelled()

    async def shutdown(self, timeout=0.5):
        tasks = dict(self.tasks)
        for task in tasks.values():
            task.cancel()
        if tasks:
            await asyncio.wait(set(tasks.values()), timeout=timeout)
        for key, task in tasks.items():
            if not task.done():
                log.warning("%s did not finish within %s s", key, timeout)
        self.tasks.clear()


COORDINATORS = {"broken": Broken, "naive": Naive, "fixed": Fixed}


def make(**named):
    return COORDINATORS[os.environ.get("COORDINATOR", "fixed")](**named)
