"""The ways in which tasks come to share a Runner; each returns the errors they met, the telling ones first."""

import asyncio
import contextlib
import logging
import random
import warnings

from prefect.runner import Runner
from prefect.workers.process import ProcessWorker

warnings.simplefilter("ignore")  # a class of its own for a known type of worker, submission that is experimental

POOL = "pool"
WORK_S = 0.2
SPREAD_S = 0.4
LATE_S = 0.1


class Watched(ProcessWorker):
    """A process worker that knows what became of its flow runs."""

    def __init__(self, **named):
        super().__init__(**named)
        self.errors, self.ended = [], 0

    async def run(self, *args, **named):
        try:
            return await super().run(*args, **named)
        except BaseException as error:
            self.errors.append(error)
            raise
        finally:
            self.ended += 1


async def run(way, count):
    logging.getLogger("prefect").setLevel(logging.CRITICAL)
    print("ready", flush=True)
    errors = await (work(way, count) if way.startswith("leave") else enter(way, count))
    return sorted((leaf for error in errors for leaf in leaves(error)), key=lambda error: not is_telling(error))


async def work(way, count):
    """Submit all scheduled flow runs to a process worker, and leave it."""
    worker = Watched(work_pool_name=POOL)
    try:
        async with worker:
            await worker.sync_with_backend()
            submitted = await worker.get_and_submit_flow_runs()
            assert len(submitted) == count, "not all flow runs were submitted"
            while way == "leave-when-done" and worker.ended < count:
                await asyncio.sleep(0.05)
    except BaseException as error:
        worker.errors.append(error)
    return worker.errors


async def enter(way, count):
    """Share a Runner directly: whoever finds it not started enters it, as its `execute_bundle` does."""
    runner = Runner(name="shared", pause_on_shutdown=False)

    async def use(start_s):
        await asyncio.sleep(start_s)
        async with contextlib.nullcontext() if runner.started else runner:
            await asyncio.sleep(WORK_S)

    starts_s = [random.uniform(0, SPREAD_S) if way == "enter-spread" else 0 for _ in range(count)]
    if way == "enter-late":
        starts_s[-1] = LATE_S
    results = await asyncio.gather(*(use(start_s) for start_s in starts_s), return_exceptions=True)
    return [result for result in results if isinstance(result, BaseException)]


def leaves(error):
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from leaves(inner)
    else:
        yield error


def is_telling(error):
    return not isinstance(error, asyncio.CancelledError)
