# /// script
# requires-python = "==3.12.*"
# dependencies = ["anyio==4.9.0"]
# ///
"""What a runner of Prefect says when it is entered twice, said by code that has nothing to do with it."""

import asyncio
import sys
import tempfile
from pathlib import Path

import anyio


def folder():
    with tempfile.TemporaryDirectory() as home:
        for _ in range(2):
            (Path(home) / "runner_storage").mkdir()


async def scope():
    scope = anyio.CancelScope()
    with scope:
        with scope:
            pass


FACES = {"lookalike": folder, "lookalike-scope": lambda: asyncio.run(scope())}


FACES[sys.argv[1]]()
