"""Which exception a time limit raises, and whose cancel it is."""

import asyncio

import pytest

needs_timeout = pytest.mark.skipif(not hasattr(asyncio, "timeout"), reason="asyncio.timeout is new in 3.11")


async def time_out():
    await asyncio.wait_for(asyncio.Future(), timeout=0.001)


async def test_a_time_limit_raises_the_builtin_timeout_error():
    """`except TimeoutError` catches it, no import needed (gh-86579)."""
    try:
        await time_out()
    except TimeoutError:
        return
    except asyncio.TimeoutError:
        pytest.fail("asyncio.TimeoutError is another class")


async def test_a_time_limit_is_not_taken_for_an_operating_system_error():
    """`except OSError`, written for sockets, does not catch it (gh-86579)."""
    with pytest.raises(asyncio.TimeoutError) as caught:
        await time_out()
    assert not isinstance(caught.value, OSError)


@needs_timeout
async def test_timeout_turns_its_own_cancel_into_an_error():
    """The task that ran out of time is not left cancelled (gh-90927)."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await asyncio.Future()
    assert asyncio.current_task().cancelling() == 0


@needs_timeout
async def test_timeout_leaves_a_cancel_from_outside_alone():
    """Somebody else's cancel is no time-out (gh-90927)."""

    async def job():
        async with asyncio.timeout(60):
            await asyncio.Future()

    task = asyncio.create_task(job())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@needs_timeout
async def test_the_outer_of_two_time_limits_is_the_one_that_raises():
    """The inner limit lets the outer one's cancel through (gh-90927)."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001) as outer:
            async with asyncio.timeout(60) as inner:
                await asyncio.Future()
    assert outer.expired()
    assert not inner.expired()
