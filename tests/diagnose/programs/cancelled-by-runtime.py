# /// script
# requires-python = "==3.12.*"
# dependencies = ["prefect==3.6.21"]
#
# [tool.uv]
# exclude-newer = "2026-03-12T00:00:00Z"
# ///
"""A flow whose task is cancelled from outside, as by an eviction; the look-alike fails by an error of its own."""

import asyncio
import os
import sys
import tempfile

HOME = tempfile.TemporaryDirectory()
os.environ.update(PREFECT_HOME=HOME.name, DO_NOT_TRACK="1", PREFECT_SERVER_ANALYTICS_ENABLED="false")
os.environ["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] = "240"

from prefect import flow


@flow
async def cancelled():
    asyncio.current_task().cancel()
    await asyncio.sleep(1)


@flow
async def failed():
    raise ValueError("no such order: 17")


FACES = {"true": lambda: asyncio.run(cancelled()), "lookalike": lambda: asyncio.run(failed())}


FACES[sys.argv[1]]()
