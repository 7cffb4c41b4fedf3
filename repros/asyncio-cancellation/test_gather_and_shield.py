"""Who is cancelled along with whom."""

import asyncio

import pytest


async def fail():
    raise ValueError


async def test_gather_can_return_errors_as_results():
    """With `return_exceptions`, an error or a cancelled child is a result like any other."""
    cancelled = asyncio.create_task(asyncio.sleep(60))
    cancelled.cancel()
    ok, error, cancel = await asyncio.gather(asyncio.sleep(0, "ok"), fail(), cancelled, return_exceptions=True)
    assert ok == "ok"
    assert isinstance(error, ValueError)
    assert isinstance(cancel, asyncio.CancelledError)


async def test_gather_leaves_the_siblings_of_a_failing_child_running():
    """Without `return_exceptions`, the first error is raised and nobody is cancelled."""
    sibling = asyncio.create_task(asyncio.sleep(0.01, "finished"))
    with pytest.raises(ValueError):
        await asyncio.gather(fail(), sibling)
    assert await sibling == "finished"


async def test_cancelling_gather_cancels_every_child():
    """Even with `return_exceptions`, a cancel of the whole is a cancel (bpo-32684)."""
    children = [asyncio.create_task(asyncio.sleep(60)) for _ in range(3)]
    whole = asyncio.gather(*children, return_exceptions=True)
    await asyncio.sleep(0)
    whole.cancel()
    with pytest.raises(asyncio.CancelledError):
        await whole
    assert all(child.cancelled() for child in children)


async def test_shield_lets_the_inner_task_finish():
    """The one who waits is cancelled; what it waits for goes on."""
    inner = asyncio.create_task(asyncio.sleep(0.01, "finished"))

    async def wait():
        await asyncio.shield(inner)

    outer = asyncio.create_task(wait())
    await asyncio.sleep(0)
    outer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await outer
    assert await inner == "finished"


async def test_shield_protects_from_a_time_limit():
    """The limit of `wait_for` ends the waiting, not the work."""
    work = asyncio.create_task(asyncio.sleep(0.02, "finished"))
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.shield(work), timeout=0.001)
    assert await work == "finished"
