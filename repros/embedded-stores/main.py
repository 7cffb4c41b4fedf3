"""Opens a store in one process and keeps it; then opens it in a second one."""

import subprocess
import sys
import tempfile
from pathlib import Path

from stores import STORES

FIRST, SECOND = "first", "second"


def main(store):
    with tempfile.TemporaryDirectory() as path:
        command = [sys.executable, __file__, store, path]
        holder = subprocess.Popen([*command, FIRST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if holder.stdout.readline() != "holds\n":
                raise SystemExit("the first process could not open the store")
            print("ready", flush=True)
            code = subprocess.run([*command, SECOND]).returncode
        finally:
            holder.stdin.close()
            holder.wait()
    sys.exit(code)


def hold(store, path, which):
    opened = STORES[store](path)
    if which == FIRST:
        print("holds", flush=True)
        sys.stdin.read()
    else:
        print("the second process opened it, too", flush=True)
    del opened


if len(sys.argv) == 2:
    main(sys.argv[1])
else:
    hold(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
