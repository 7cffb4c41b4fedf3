"""How asyncio's own tools behave, and whether the coordinator makes use of them."""

import asyncio

import pytest
from coordinators import make
from jobs import Client, Job, outcome_of, start

needs_timeout = pytest.mark.skipif(not hasattr(asyncio, "timeout"), reason="asyncio.timeout is new in 3.11")
needs_group = pytest.mark.skipif(not hasattr(asyncio, "TaskGroup"), reason="asyncio.TaskGroup is new in 3.11")


async def test_a_client_that_has_gone_keeps_no_event_from_the_others():
    """What `gather` without `return_exceptions` does to a job when one of its clients is gone."""
    client = Client()
    job = Job(clients=[Client("gone"), client])
    task = await start(make(), job)
    job.release.set()
    assert await outcome_of(task) == "finished"
    assert client.kinds() == ["completed"]


async def test_a_cancel_while_events_are_sent_ends_the_task():
    job = Job(clients=[Client("stuck")])
    task = await start(make(), job)
    job.release.set()
    await asyncio.sleep(0.01)
    task.cancel()
    assert await outcome_of(task) == "cancelled"


async def test_wait_for_raises_a_timeout_error():
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.Future(), 0.01)


@needs_timeout
async def test_the_timeout_context_raises_a_timeout_error():
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.Future()


@needs_timeout
async def test_one_timeout_bounds_several_operations():
    done = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            for number in range(3):
                done.append(number)
                await (asyncio.sleep(0) if number < 2 else asyncio.Future())
    assert done == [0, 1, 2]


async def test_a_job_has_a_time_limit():
    client = Client()
    try:
        coordinator = make(job_limit_s=0.05)
    except TypeError:
        pytest.fail("this coordinator takes no time limit for its jobs")
    await start(coordinator, Job(clients=[client]))
    assert (await client.next())["kind"] == "failed"


async def test_there_is_a_task_group():
    if not hasattr(asyncio, "TaskGroup"):
        pytest.skip("asyncio.TaskGroup is new in 3.11")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(asyncio.sleep(0, "done"))
    assert task.result() == "done"


@needs_group
async def test_a_task_group_cancels_the_others_when_one_fails():
    with pytest.raises(Exception, match="TaskGroup"):
        async with asyncio.TaskGroup() as group:
            sibling = group.create_task(asyncio.sleep(60))
            group.create_task(asyncio.wait_for(asyncio.Future(), 0.01))
    assert sibling.cancelled()


@needs_group
async def test_a_task_group_could_send_events():
    """It could, but one gone client cancels the sending to all others: `gather` suits this better."""
    clients = [Client(), Client("gone"), Client()]
    with pytest.raises(Exception, match="TaskGroup"):
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(client.send({"kind": "completed"}))


async def test_shield_protects_what_must_not_stop():
    work = asyncio.ensure_future(asyncio.sleep(0.02, "saved"))

    async def caller():
        await asyncio.shield(work)

    task = asyncio.ensure_future(caller())
    await asyncio.sleep(0)
    task.cancel()
    assert await outcome_of(task) == "cancelled"
    assert await work == "saved"


async def test_a_cancel_travels_through_an_await_chain():
    passed = []

    async def level(depth):
        try:
            await (level(depth - 1) if depth else asyncio.Future())
        except asyncio.CancelledError:
            passed.append(depth)
            raise

    task = asyncio.ensure_future(level(2))
    await asyncio.sleep(0)
    task.cancel()
    assert await outcome_of(task) == "cancelled"
    assert passed == [0, 1, 2]


async def test_except_exception_does_not_catch_a_cancel():
    task = asyncio.ensure_future(catching(Exception))
    await asyncio.sleep(0)
    task.cancel()
    assert await outcome_of(task) == "cancelled"


async def test_a_bare_except_catches_a_cancel():
    """What the report's test is named after is not so: a bare `except:` is `except BaseException`."""
    task = asyncio.ensure_future(catching(BaseException))
    await asyncio.sleep(0)
    task.cancel()
    assert await outcome_of(task) == "finished"


async def catching(kind):
    try:
        await asyncio.Future()
    except kind:
        return "caught"


async def test_a_task_counts_its_cancels():
    if not hasattr(asyncio.Task, "cancelling"):
        pytest.skip("Task.cancelling is new in 3.11")
    task = asyncio.ensure_future(asyncio.sleep(60))
    await asyncio.sleep(0)
    task.cancel()
    task.cancel()
    assert task.cancelling() == 2
    assert await outcome_of(task) == "cancelled"
