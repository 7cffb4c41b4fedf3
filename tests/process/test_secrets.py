"""Every byte that a whole run leaves behind, searched for a secret that the program under test knew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SECRET = "aB3-correct-horse-battery-staple-9xY"  # noqa: S105 - what must not be found
DEADLINE_S = 120
PIECE = 8

REPRO = """
# /// script
# requires-python = ">=3.9"
# dependencies = []
#
# [tool.bisectrix]
# title = "Tells all it knows and hangs"
# ready = "ready"
#
# [tool.bisectrix.bug]
# kind = "hang"
#
# [tool.bisectrix.limits]
# quiet_s = 1
# ///
import asyncio, fcntl, os, socket, subprocess, sys, threading

SECRET = "".join(@PIECES@)
KEPT = 256 * 1024

print("ready", flush=True)
for piece in (SECRET[:5], SECRET[5:]):
    os.write(1, piece.encode())
os.write(1, b"." * (KEPT - len("ready\\n") - len(SECRET) - len(SECRET) // 2) + SECRET.encode())
os.write(1, b"." * KEPT * 3)
os.write(1, SECRET.encode() + b"." * (KEPT - len(SECRET) // 2))
print("key=" + SECRET, file=sys.stderr, flush=True)
file = open("lock-" + SECRET, "w")
fcntl.flock(file, fcntl.LOCK_EX)
server = socket.socket(socket.AF_UNIX)
server.bind(SECRET)
os.symlink(sys.executable, "python-" + SECRET)
waits = "import threading; threading.Event().wait()"
subprocess.Popen([sys.executable, "-c", waits, "x" * (200 - len(waits) - len(sys.executable) - 25), SECRET])

exec(compile("def " + "work(): threading.Event().wait()", SECRET + ".py", "exec"))
threading.Thread(target=work, name="thread " + SECRET).start()

async def main():
    asyncio.current_task().set_name("task " + SECRET)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_a_run_leaves_no_byte_of_a_secret_that_the_program_told_in_every_way(tmp_path: Path) -> None:
    project, home = tmp_path / "project", tmp_path / "home"
    (project / "repros").mkdir(parents=True)
    pieces = repr([SECRET[at : at + PIECE] for at in range(0, len(SECRET), PIECE)])
    (project / "repros" / "telltale.py").write_text(REPRO.replace("@PIECES@", pieces), encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "UV_INDEX_PRIVATE_PASSWORD": SECRET, "UV_OFFLINE": "1"}
    env |= {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    command = [sys.executable, "-m", "bisectrix"]
    said = b""
    for arguments in (["run", "telltale"], ["findings"], ["show", "telltale@"]):
        done = subprocess.run(
            [*command, *arguments], cwd=project, env=env, capture_output=True, timeout=DEADLINE_S, check=False
        )
        said += done.stdout + done.stderr
    assert b"hang" in said
    assert SECRET.encode() not in said
    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert [str(path) for path, content in written.items() if SECRET.encode() in content] == []
    evidence = b"".join(content for path, content in written.items() if "evidence" in path.parts)
    for told in (b"key=****", b"lock-****", b"task ****", b"thread ****"):
        assert told in evidence
    half = len(SECRET) // 2
    assert SECRET[:half].encode() not in evidence
    assert SECRET[half:].encode() not in evidence
