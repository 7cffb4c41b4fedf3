"""Runs what the first argument names: nested flows, plain requests, or the suite, with the arguments of pytest after it.

Variables of the environment choose the rest; `settings.py` has them.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
from pathlib import Path

import settings


def ready():
    print("ready", flush=True)


@contextlib.contextmanager
def cassette():
    """Record as test suites do: requests to this machine are to be left alone."""
    if not settings.CASSETTE:
        yield
        return
    import vcr

    with tempfile.TemporaryDirectory() as folder, vcr.use_cassette(f"{folder}/cassette.yaml", ignore_localhost=True):
        yield


async def answer(reader, writer):
    """Answer each request of a connection, as any server does that keeps connections open."""
    with contextlib.suppress(asyncio.IncompleteReadError):
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\ntrue")
    writer.close()


async def requests():
    """Let one Prefect client ask the same thing again and again: no flow, no task, no Prefect server."""
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    with temporary_settings({PREFECT_API_URL: f"http://{host}:{port}/api"}), cassette():
        async with get_client() as client:
            ready()
            for number in range(1, settings.REQUESTS + 1):
                print("request", number, "of", settings.REQUESTS, flush=True)
                await client.hello()


def flows():
    """Let one flow call others, each of which makes several requests to Prefect's own test server."""
    from prefect import flow, task
    from prefect.testing.utilities import prefect_test_harness

    @task
    async def work(name):
        return name

    @flow
    async def child(name):
        return [await work(f"{name}, task {number}") for number in range(3)]

    @flow
    async def parent():
        for number in range(1, settings.CHILDREN + 1):
            await child(f"child {number}")
            print("finished", number, "of", settings.CHILDREN, flush=True)

    with prefect_test_harness(server_startup_timeout=settings.START_UP_S), cassette():
        ready()
        asyncio.run(parent())


def suite(*arguments):
    """Run the tests of the report, which say themselves when they are ready."""
    import pytest

    tests = str(Path(__file__).with_name("suite.py"))
    sys.exit(pytest.main([tests, "-s", "--tb=native", "-p", "no:cacheprovider", *arguments]))


def main(program="nested", *arguments):
    with tempfile.TemporaryDirectory() as home:
        os.environ["PREFECT_HOME"] = home
        settings.apply()
        if program == "suite":
            suite(*arguments)
        elif program == "requests":
            asyncio.run(requests())
        else:
            flows()
    print("done")


main(*sys.argv[1:])
