"""Everything is to stop, and in time."""

import asyncio
import logging
import signal

from coordinators import make
from jobs import Client, Job, outcome_of, start, stubborn_job


async def stop_by(number):
    """Send this process a signal, and let the tasks answer to it."""
    coordinator = make()
    task = await start(coordinator, Job())
    coordinator.handle_signals()
    signal.raise_signal(number)
    return await outcome_of(task)


async def test_sigterm_is_handled():
    assert await stop_by(signal.SIGTERM) == "cancelled"


async def test_sigint_is_handled():
    assert await stop_by(signal.SIGINT) == "cancelled"


async def test_a_signal_cancels_every_task():
    coordinator = make()
    tasks = [await start(coordinator, Job(str(number))) for number in range(3)]
    coordinator.handle_signals()
    signal.raise_signal(signal.SIGTERM)
    assert [await outcome_of(task) for task in tasks] == ["cancelled"] * 3


async def test_shutdown_ends_while_a_client_is_connected():
    """The server stops listening, and does not wait for the client to hang up."""
    connected = asyncio.Event()

    async def hold(reader, writer):
        connected.set()
        await reader.read()
        writer.close()

    coordinator = make()
    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    _, connection = await asyncio.open_connection(*server.sockets[0].getsockname())
    await connected.wait()
    await coordinator.close_server(server)
    connection.close()


async def test_shutdown_ends_although_a_job_does_not():
    coordinator = make()
    async with stubborn_job(coordinator):
        await coordinator.shutdown()


async def test_shutdown_names_the_tasks_that_did_not_end():
    texts = []
    handler = logging.Handler()
    handler.emit = lambda record: texts.append(record.getMessage())
    logging.getLogger("coordinator").addHandler(handler)
    coordinator = make()
    async with stubborn_job(coordinator):
        await coordinator.shutdown()
    assert any("stubborn" in text for text in texts)


async def test_there_is_a_way_to_shut_down():
    assert callable(getattr(make(), "shutdown", None))


async def test_shutdown_cancels_every_task():
    coordinator = make()
    tasks = [await start(coordinator, Job(str(number))) for number in range(3)]
    await coordinator.shutdown()
    assert [await outcome_of(task) for task in tasks] == ["cancelled"] * 3


async def test_shutdown_waits_until_jobs_have_cleaned_up():
    coordinator, job = make(), Job(ends="slowly")
    await start(coordinator, job)
    await coordinator.shutdown()
    assert job.cleaned_up.is_set()


async def test_shutdown_takes_a_time_limit():
    coordinator = make()
    async with stubborn_job(coordinator):
        await coordinator.shutdown(timeout=0.1)


async def test_shutdown_forgets_every_task():
    coordinator = make()
    for number in range(3):
        await start(coordinator, Job(str(number)))
    await coordinator.shutdown()
    assert coordinator.tasks == {}


async def test_shutdown_tells_every_client():
    clients = [Client() for _ in range(3)]
    coordinator = make()
    for number, client in enumerate(clients):
        await start(coordinator, Job(str(number), clients=[client]))
    await coordinator.shutdown()
    assert [client.kinds() for client in clients] == [["cancelled"]] * 3
