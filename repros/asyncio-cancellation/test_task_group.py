"""`asyncio.TaskGroup` between an error inside and a cancel from outside."""

import asyncio

import pytest
from settle import settle

pytestmark = pytest.mark.skipif(not hasattr(asyncio, "TaskGroup"), reason="asyncio.TaskGroup is new in 3.11")


async def fail():
    raise ValueError


async def test_a_failing_child_cancels_its_siblings():
    """One error ends the whole group, and the siblings are told by a cancel (gh-90908)."""
    with pytest.raises(Exception, match="TaskGroup"):
        async with asyncio.TaskGroup() as group:
            sibling = group.create_task(asyncio.sleep(60))
            group.create_task(fail())
    assert sibling.cancelled()


async def test_a_cancel_from_outside_cancels_the_children():
    """The group passes the cancel on, and waits for its children (gh-90908)."""
    children = []

    async def parent():
        async with asyncio.TaskGroup() as group:
            children.append(group.create_task(asyncio.sleep(60)))

    task = asyncio.create_task(parent())
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children[0].cancelled()


async def test_a_cancel_from_outside_survives_the_error_of_a_child():
    """Whoever handles the group's error is still cancelled at its next await (gh-116720)."""

    async def parent():
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fail())
                await asyncio.Future()
        except Exception:
            pass
        await asyncio.Future()

    task = asyncio.create_task(parent())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_two_nested_groups_each_end_on_the_error_of_their_own_child():
    """Errors in both at once: the inner group does not swallow the cancel meant for the outer one (gh-116720)."""

    async def nest():
        async with asyncio.TaskGroup() as outer:
            outer.create_task(fail())
            try:
                async with asyncio.TaskGroup() as inner:
                    inner.create_task(fail())
                    await asyncio.Future()
            except Exception:
                pass
            await asyncio.Future()

    with pytest.raises(Exception, match="TaskGroup"):
        await nest()
