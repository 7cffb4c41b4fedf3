"""What killed harnesses have left: containers, and the folders of their sockets."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bisectrix.containers.engine import Engine
from bisectrix.containers.owner import OWNER, is_orphaned, owner
from bisectrix.errors import InfraError

PREFIX = "bx-"
"""Short, as are the folders for temporary files: the kernel takes no path of a socket beyond 107 bytes."""

OWNER_FILE = "owner"


@contextmanager
def socket_folder() -> Iterator[Path]:
    """Yield a folder for sockets, which says whose it is; it is removed when the block ends."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        Path(name, OWNER_FILE).write_text(owner(), encoding="utf-8")
        yield Path(name)


def sweep(engine: Engine) -> int:
    """Remove containers of ours whose harness has ended, and return how many there were; others are not touched."""
    removed = 0
    for found in engine.labelled(OWNER):
        if is_orphaned(str((found.get("Labels") or {}).get(OWNER, ""))):
            with suppress(InfraError):
                engine.remove(str(found["Id"]))
                removed += 1
    return removed


def sweep_folders(place: Path) -> int:
    """Remove folders for sockets below `place` whose harness has ended, and return how many there were."""
    orphaned = [file.parent for file in place.glob(f"{PREFIX}*/{OWNER_FILE}") if _is_left(file)]
    for folder in orphaned:
        shutil.rmtree(folder, ignore_errors=True)
    return len(orphaned)


def _is_left(file: Path) -> bool:
    with suppress(OSError, ValueError):
        return file.parent.stat().st_uid == os.geteuid() and is_orphaned(file.read_text(encoding="utf-8"))
    return False
