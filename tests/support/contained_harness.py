"""A harness with containers in a process of its own, to be killed: `contained_harness.py ADDRESS IMAGE PYTHON CACHE COUNT`.

It prints `ready` and the pid of its reaper once that many containers wait, and then does nothing.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from bisectrix.containers.engine import Engine
from bisectrix.containers.session import Session
from bisectrix.containers.waiting import open_gate
from bisectrix.containers.workshop import Workshop
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.supervise import tree
from bisectrix.supervise.supervisor import Supervisor
from support.contained import ContainedCells


def main(address: str, image: str, python: str, cache: str, count: str) -> None:
    """Open the containers and wait to be killed."""
    engine = Engine.find({"DOCKER_HOST": address})
    assert isinstance(engine, Engine)
    workshop = Workshop(uv=Uv.find(IndexSettings()), cache=Path(cache), machine=os.uname().machine, site_files={})
    with Session.opened(engine, workshop) as session, Supervisor() as supervisor:
        cells = ContainedCells(session, supervisor, Path(cache), image, python)
        order = cells.order("")
        for _ in range(int(count)):
            open_gate(engine, session.folder, lambda mounts: cells.wanted(order, tuple(mounts)))
        reapers = [pid for pid in tree.children(os.getpid()) if b"reaper" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        print("ready", *reapers, flush=True)  # noqa: T201  (read by the test)
        time.sleep(3600)


if __name__ == "__main__":
    main(*sys.argv[1:])
