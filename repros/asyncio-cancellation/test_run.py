"""What `asyncio.run` does about the things that are still going on when it ends."""

import asyncio
import signal
import threading

import pytest


def test_run_returns_though_an_executor_thread_is_stuck():
    """The program goes on after `asyncio.run`, whatever a thread of the default executor waits for (gh-78218, gh-111358)."""
    released = threading.Event()

    async def main():
        asyncio.get_running_loop().run_in_executor(None, released.wait)

    asyncio.run(main())
    released.set()


def test_sigint_cancels_the_main_task():
    """Ctrl-C reaches the main task as CancelledError at an await, so that it can clean up (gh-83803)."""
    events = []

    async def main():
        try:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            events.append("cancelled")
            raise

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert events == ["cancelled"]


def test_run_cancels_the_tasks_that_are_left_and_waits_for_them():
    """A task nobody waits for still gets the time to clean up."""
    events = []

    async def left_alone():
        try:
            await asyncio.Future()
        finally:
            await asyncio.sleep(0)
            events.append("cleaned up")

    async def main():
        events.append(asyncio.create_task(left_alone()))
        await asyncio.sleep(0)

    asyncio.run(main())
    assert events[1:] == ["cleaned up"]


def test_run_closes_the_async_generators_that_are_left():
    """A generator stopped in the middle still runs its `finally`, on the loop."""
    events = []

    async def numbers():
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            events.append("closed")

    async def main():
        generator = numbers()
        events.append(generator)
        await generator.__anext__()

    asyncio.run(main())
    assert events[1:] == ["closed"]
