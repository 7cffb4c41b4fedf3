"""What was proposed against it, each made to the `Runner` that is installed."""

import asyncio

from prefect.runner import Runner


def lock():
    """One task at a time initialises the runner."""
    enter = Runner.__aenter__

    async def enter_in_turn(self):
        async with self.__dict__.setdefault("_enter_lock", asyncio.Lock()):
            return await enter(self)

    Runner.__aenter__ = enter_in_turn


def flag():
    """Who finds that the runner has been entered initialises nothing."""
    enter, leave = Runner.__aenter__, Runner.__aexit__

    async def enter_once(self):
        if self.__dict__.get("_is_entered"):
            return self
        self._is_entered = True
        return await enter(self)

    async def leave_and_forget(self, *exc_info):
        self._is_entered = False
        await leave(self, *exc_info)

    Runner.__aenter__, Runner.__aexit__ = enter_once, leave_and_forget


def fresh():
    """Every entry makes task groups of its own, and reuses none."""
    enter = Runner.__aenter__

    async def enter_afresh(self):
        for name in ("_runs_task_group", "_loops_task_group"):
            self.__dict__.pop(name, None)
        return await enter(self)

    Runner.__aenter__ = enter_afresh
