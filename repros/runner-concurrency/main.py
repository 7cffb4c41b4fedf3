"""Several flow runs at once, and one Runner for all of them.

By default a process worker is left while the flow runs it has just submitted are starting, as in the report.
"""

import argparse
import asyncio
import importlib
import traceback

from api import serve_stub, start_server

WAYS = ("leave-at-once", "leave-when-done", "enter-together", "enter-spread", "enter-late")
FIXES = ("lock", "flag", "fresh")


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--way", choices=WAYS, default=WAYS[0])
    parser.add_argument("--api", choices=["stub", "server"], default="stub")
    parser.add_argument("--fix", choices=FIXES, action="append", default=[])
    parser.add_argument("--count", type=int, default=5)
    return parser.parse_args()


def main():
    asked = read_arguments()
    with start_server() if asked.api == "server" else serve_stub(asked.count):
        ways = importlib.import_module("ways")  # Prefect reads its settings when it is imported
        for name in asked.fix:
            getattr(importlib.import_module("fixes"), name)()
        if asked.api == "server":
            asyncio.run(importlib.import_module("deploy").deploy(ways.POOL, asked.count))
        errors = asyncio.run(ways.run(asked.way, asked.count))
    print(f"{len(errors)} errors with {asked.count} flow runs", flush=True)
    for error in reversed(errors[1:]):
        traceback.print_exception(error)
    if errors:
        raise errors[0]


main()
