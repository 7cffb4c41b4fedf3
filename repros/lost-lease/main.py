"""Holds a concurrency slot for some seconds while the server, the connection or the work itself misbehaves."""

import asyncio
import os
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

CAUSE = sys.argv[1]
HAS_TIME_TO_RETRY = CAUSE in {"one-500", "one-503", "dropped-connection"}
"""The client waits 1 to 2 s before it asks again, and a renewal is due after three quarters of a lease."""

LEASE_S = 12 if HAS_TIME_TO_RETRY else 1
WORK_S = 16 if HAS_TIME_TO_RETRY else 12
BLOCKED_S = 4


def start_stub():
    command = [sys.executable, str(Path(__file__).with_name("stub.py")), CAUSE]
    environ = {**os.environ, "PREFECT_VERSION": version("prefect")}
    stub = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ)
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{int(stub.stdout.readline())}/api"
    return stub


def lease():
    from inspect import signature

    from prefect.concurrency.asyncio import concurrency

    return {"lease_duration": LEASE_S} if "lease_duration" in signature(concurrency).parameters else {}


def compute(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(1000))


async def work():
    from prefect.concurrency.asyncio import concurrency

    async with concurrency("database", strict=CAUSE != "revoked-not-strict", **lease()):
        print("ready", flush=True)
        if CAUSE == "blocked-loop":
            await asyncio.sleep(0.2)
            time.sleep(BLOCKED_S)
        elif CAUSE == "busy-loop":
            await asyncio.sleep(0.2)
            compute(BLOCKED_S)
        await asyncio.sleep(WORK_S)
    print("done", flush=True)


def work_in_a_thread_of_its_own():
    from prefect.concurrency.sync import concurrency

    with concurrency("database", strict=True, **lease()):
        print("ready", flush=True)
        time.sleep(WORK_S)
    print("done", flush=True)


def main():
    stub = start_stub()
    try:
        if CAUSE == "blocked-sync":
            work_in_a_thread_of_its_own()
        else:
            asyncio.run(work())
    finally:
        stub.stdin.close()
        stub.wait()


main()
