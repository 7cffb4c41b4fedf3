"""Waits for ever: in 2.0 a task, in 2.1 the whole event loop, in 2.2 a thread, at another place than those two."""

import asyncio
import threading


def act():
    if __version__ in {"2.0", "2.1"}:
        asyncio.run(ask())
    if __version__ == "2.2":
        lock_up()


async def ask():
    await wait_for_an_answer()


async def wait_for_an_answer():
    if __version__ == "2.1":
        threading.Event().wait()
    await asyncio.Future()


def lock_up():
    lock = threading.Lock()
    with lock, lock:
        pass
