"""The edges of the program, opened for one command and closed after it."""

from __future__ import annotations

import os
import platform
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from bisectrix.containers.backend import Containers
from bisectrix.containers.workshop import Workshop
from bisectrix.environments.interpreters import find_interpreters
from bisectrix.environments.pool import Pool
from bisectrix.errors import UsageError
from bisectrix.model.words import ContainmentKind
from bisectrix.project import Project
from bisectrix.record.blobs import Blobs
from bisectrix.record.locks import LockBook
from bisectrix.record.store import Store
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.runner.scratch import Scratch
from bisectrix.runner.tools import Tools
from bisectrix.supervise.instrument import PTH_NAME, PTH_TEXT
from bisectrix.supervise.supervisor import Supervisor

POOL_GIB = "20"
GIB = 2**30

CONTAINMENTS = tuple(str(kind) for kind in ContainmentKind if kind is not ContainmentKind.CONTAINER)
"""What can be asked for; a container holds the cells of an axis platform, whatever this says."""


def cache_folder() -> Path:
    """Where environments, scratch folders and what was learned about interpreters are kept; documented in the README."""
    return platformdirs.user_cache_path("bisectrix")


def pool_bytes(environ: Mapping[str, str]) -> int:
    """How large the environments may grow before the least recently used are removed.

    Raises:
        UsageError: `BISECTRIX_POOL_GIB` is no number.
    """
    text = environ.get("BISECTRIX_POOL_GIB", POOL_GIB)
    if not text.isdecimal():
        raise UsageError(f"{text!r} is no whole number of GiB", place="BISECTRIX_POOL_GIB")
    return int(text) * GIB


def wanted_containment(environ: Mapping[str, str]) -> ContainmentKind | None:
    """What is to hold attempts together; None means the best that works here.

    Raises:
        UsageError: `BISECTRIX_CONTAINMENT` is no kind of containment.
    """
    word = environ.get("BISECTRIX_CONTAINMENT", "")
    if word and word not in CONTAINMENTS:
        raise UsageError(f"{word!r} is none of {', '.join(CONTAINMENTS)}", place="BISECTRIX_CONTAINMENT")
    return ContainmentKind(word) if word else None


def store_path(project: Project) -> Path:
    """The working database of a project."""
    return project.results / "bisectrix.db"


def current_platform() -> str:
    """Name system and machine as cells do: `linux-x86_64`."""
    return f"{sys.platform}-{platform.machine()}"


def current_python() -> str:
    """Minor version of the Python that runs the harness: `3.11`."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


@contextmanager
def opened_tools(project: Project, *, containment: ContainmentKind | None = None) -> Iterator[Tools]:
    """Open everything a run needs; whatever was started or locked is given back when the block ends."""
    settings = IndexSettings.discover(os.environ)
    cache = cache_folder()
    cancelled = threading.Event()
    uv = Uv.find(settings, cancelled)
    site_files = {PTH_NAME: PTH_TEXT}
    workshop = Workshop(uv=uv, cache=cache, machine=platform.machine(), site_files=site_files)
    with ExitStack() as stack:
        supervisor = stack.enter_context(
            Supervisor(redact=settings.redactor, containment=containment or wanted_containment(os.environ))
        )
        containers = stack.enter_context(Containers(os.environ, workshop))
        yield Tools(
            project=project,
            cancelled=cancelled,
            settings=settings,
            uv=uv,
            interpreters=find_interpreters(os.environ, cache=cache),
            pool=Pool(cache / "environments", uv, site_files=site_files),
            containers=containers,
            supervisor=supervisor,
            store=stack.enter_context(Store.open(store_path(project))),
            blobs=Blobs(project.results / "evidence"),
            kept=Blobs(project.kept),
            locks=LockBook(project.results / "locks"),
            scratch=stack.enter_context(Scratch(cache / "scratch")),
            now=lambda: datetime.now(UTC),
            platform=current_platform(),
            current_python=current_python(),
        )
