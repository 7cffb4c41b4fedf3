"""What becomes of one task that is cancelled, and of those who listen to it."""

import asyncio

from coordinators import make
from jobs import Client, Fetch, Job, SlowServer, one_connection, outcome_of, start


async def test_a_client_is_told_of_a_cancel():
    client = Client()
    task = await start(make(), Job(clients=[client]))
    task.cancel()
    assert (await client.next())["kind"] == "cancelled"


async def test_a_cancel_reaches_whoever_awaits_the_task():
    task = await start(make(), Job())
    task.cancel()
    assert await outcome_of(task) == "cancelled"


async def test_every_client_is_told_of_a_cancel():
    clients = [Client() for _ in range(3)]
    task = await start(make(), Job(clients=clients))
    task.cancel()
    assert [(await client.next())["kind"] for client in clients] == ["cancelled"] * 3


async def test_a_cancelled_job_cleans_up():
    job = Job(ends="slowly")
    task = await start(make(), job)
    task.cancel()
    await outcome_of(task)
    assert job.cleaned_up.is_set()


async def test_there_is_a_way_to_cancel_by_key():
    assert callable(getattr(make(), "cancel_task", None))


async def test_a_running_task_can_be_cancelled_by_key():
    coordinator = make()
    task = await start(coordinator, Job("a"))
    assert await coordinator.cancel_task("a") is True
    assert await outcome_of(task) == "cancelled"


async def test_cancelling_an_unknown_key_says_no():
    assert await make().cancel_task("nobody") is False


async def test_cancelling_a_completed_task_says_no():
    coordinator, job = make(), Job("a")
    task = await start(coordinator, job)
    job.release.set()
    await outcome_of(task)
    assert await coordinator.cancel_task("a") is False


async def test_a_cancelled_download_hangs_up_and_says_so():
    client = Client()
    async with SlowServer() as server, one_connection() as http:
        task = make().start(Fetch(http, server.url, clients=[client]))
        await server.asked.wait()
        task.cancel()
        await outcome_of(task)
        await asyncio.wait_for(server.left.wait(), 1)
    assert client.kinds() == ["cancelled"]


async def test_no_client_is_kept_after_a_cancel():
    coordinator, job = make(), Job(clients=[Client()])
    task = await start(coordinator, job)
    task.cancel()
    await outcome_of(task)
    assert job.clients == []
    assert coordinator.tasks == {}


async def test_a_cancel_just_as_the_task_completes_ends_it_one_way():
    client = Client()
    job = Job(clients=[client])
    task = await start(make(), job)
    job.release.set()
    await asyncio.sleep(0)
    task.cancel()
    ended = await outcome_of(task)
    assert (ended, client.kinds()) in [("finished", ["completed"]), ("cancelled", ["cancelled"])]


async def test_a_task_without_clients_can_be_cancelled():
    task = await start(make(), Job())
    task.cancel()
    assert await outcome_of(task) == "cancelled"


async def test_a_task_can_be_cancelled_twice():
    task = await start(make(), Job(ends="slowly"))
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    assert await outcome_of(task) == "cancelled"
    assert task.cancel() is False
