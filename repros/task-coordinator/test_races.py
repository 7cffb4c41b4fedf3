"""Cancels at awkward moments; the report counts such tests by category, and names none."""

import asyncio
import gc
import sqlite3
import weakref

from coordinators import make
from jobs import Client, Fetch, Job, SlowServer, one_connection, outcome_of, start


async def test_completion_a_cancel_before_the_first_step_leaves_nothing_behind():
    coordinator = make()
    task = coordinator.start(Job("a"))
    task.cancel()
    await outcome_of(task)
    assert coordinator.tasks == {}


async def test_connections_a_stuck_client_does_not_hold_up_a_cancel():
    coordinator = make()
    task = await start(coordinator, Job("a", clients=[Client("stuck")]))
    await coordinator.cancel_task("a")
    assert task.done()


async def test_connections_a_client_that_leaves_during_a_cancel_is_no_error():
    client = Client()
    task = await start(make(), Job(clients=[client, Client("gone")]))
    task.cancel()
    assert await outcome_of(task) == "cancelled"
    assert client.kinds() == ["cancelled"]


async def test_database_a_cancelled_transaction_is_rolled_back():
    database = sqlite3.connect(":memory:")
    database.execute("create table result (value)")

    class Save(Job):
        async def process(self):
            with database:
                database.execute("insert into result values (1)")
                return await super().process()

    task = await start(make(), Save())
    task.cancel()
    assert await outcome_of(task) == "cancelled"
    assert database.execute("select count(*) from result").fetchone() == (0,)


async def test_network_a_cancelled_download_gives_its_connection_back():
    async with SlowServer() as server, one_connection() as http:
        task = make().start(Fetch(http, server.url))
        await server.asked.wait()
        task.cancel()
        await outcome_of(task)
        assert (await http.get(server.url + "/quick")).text == "ok"


async def test_network_a_cancel_while_waiting_for_a_connection_blocks_nobody():
    async with SlowServer() as server, one_connection() as http:
        first = asyncio.ensure_future(http.get(server.url))
        await server.asked.wait()
        waiting = make().start(Fetch(http, server.url + "/quick"))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await outcome_of(waiting)
        server.answer.set()
        assert (await first).text == "ok"
        assert (await http.get(server.url + "/quick")).text == "ok"


async def test_memory_cancelled_jobs_are_let_go():
    coordinator, gone = make(), []
    for number in range(50):
        job = Job(str(number), clients=[Client()])
        task = await start(coordinator, job)
        task.cancel()
        await outcome_of(task)
        gone.append(weakref.ref(job))
    del job, task
    gc.collect()
    assert [reference for reference in gone if reference()] == []


async def test_state_a_key_can_be_used_again_while_its_first_task_ends():
    coordinator = make()
    first = await start(coordinator, Job("a", ends="slowly"))
    first.cancel()
    second = await start(coordinator, Job("a"))
    await outcome_of(first)
    assert coordinator.tasks.get("a") is second


async def test_exceptions_an_error_while_cleaning_up_is_told_to_the_clients():
    client = Client()
    task = await start(make(), Job(clients=[client], ends="with an error"))
    task.cancel()
    await outcome_of(task)
    assert client.kinds() in (["failed"], ["cancelled"])


async def test_exceptions_an_error_while_cleaning_up_does_not_hide_the_cancel():
    task = await start(make(), Job(ends="with an error"))
    task.cancel()
    assert await outcome_of(task) == "cancelled"
