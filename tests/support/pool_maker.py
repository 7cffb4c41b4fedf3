"""A harness that only makes one environment: `pool_maker.py ROOT LOCK WHEELS CACHE UV`; prints the environment's folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bisectrix.environments.pool import Pool
from bisectrix.model.environment import Environment, Interpreter
from bisectrix.resolve.portable import read_lock
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv

HERE = Interpreter(
    path=Path(getattr(sys, "_base_executable", sys.executable)).resolve(),
    version=".".join(map(str, sys.version_info[:3])),
    implementation="cpython",
    platform="linux-x86_64",
    source="running",
)
SITE_FILES = {"probe.pth": "# nothing\n"}


def make_pool(root: Path, wheels: Path, cache: Path, uv: Path | None = None) -> Pool:
    """Return a pool that installs from a folder of wheels and touches no cache but its own."""
    variables = {
        "HOME": str(cache),
        "PATH": os.environ["PATH"],
        "UV_CACHE_DIR": str(cache),
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(wheels),
    }
    found = Uv.find(IndexSettings.discover(variables, home=cache, prefix=cache, system=cache))
    return Pool(root, Uv(path=uv or found.path, version=found.version, settings=found.settings), site_files=SITE_FILES)


def main(root: str, lock: str, wheels: str, cache: str, uv: str) -> None:
    """Make the environment or wait for whoever does."""
    pool = make_pool(Path(root), Path(wheels), Path(cache), Path(uv))
    with pool.hold(read_lock(Path(lock).read_text(encoding="utf-8"), resolver="uv 0"), HERE) as environment:
        assert isinstance(environment, Environment), environment
        sys.stdout.write(str(environment.root))


if __name__ == "__main__":
    main(*sys.argv[1:])
