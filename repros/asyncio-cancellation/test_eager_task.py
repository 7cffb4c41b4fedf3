"""Tasks that start running before `create_task` returns."""

import asyncio

import pytest

pytestmark = pytest.mark.skipif(
    not hasattr(asyncio, "eager_task_factory"), reason="asyncio.eager_task_factory is new in 3.12"
)


async def test_an_eager_task_runs_up_to_its_first_await_at_once():
    """What does not wait is done when `create_task` returns (gh-97696)."""
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    assert asyncio.create_task(asyncio.sleep(0, "not yet")).done() is False

    async def quick():
        return "done"

    assert asyncio.create_task(quick()).result() == "done"


async def test_an_eager_task_cancelled_at_once_cleans_up():
    """It has started, so its `finally` runs, unlike that of an ordinary task (gh-97696)."""
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    events = []

    async def job():
        try:
            await asyncio.Future()
        finally:
            events.append("cleaned up")

    task = asyncio.create_task(job())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["cleaned up"]


async def test_a_task_group_ends_on_the_error_of_an_eager_child():
    """A child that fails before `create_task` returns is an error like any other, and no cancel leaks out (gh-128588)."""
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    with pytest.raises(Exception, match="TaskGroup"):
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())


async def test_an_eager_child_is_cancelled_by_the_error_it_causes():
    """A child that starts a failing sibling before its own first await is stopped as well (gh-128550)."""
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)

    async def start_a_failing_sibling():
        group.create_task(fail())
        await asyncio.Future()

    with pytest.raises(Exception, match="TaskGroup"):
        async with asyncio.TaskGroup() as group:
            group.create_task(start_a_failing_sibling())


async def fail():
    raise ValueError
