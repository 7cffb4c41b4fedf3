"""Where an attempt runs, or why it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bisectrix.model.words import SkipReason


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """A Python that was run and answered.

    Attributes:
        path: the executable itself, symbolic links resolved as far as a virtual environment allows.
        version: full version, `3.12.1`.
        implementation: `cpython`.
        platform: `linux-x86_64`.
        source: who provides it: `uv`, `pyenv`, `system`, `path` or `running`.
        build: how it was built: `(main, Jan 5 2026, 10:11:12) [GCC 12.2.0]`.
        abi: what native wheels must fit: `cpython-311-x86_64-linux-gnu`.
        libc: `glibc 2.36`; empty where it does not say.
    """

    path: Path
    version: str
    implementation: str
    platform: str
    source: str
    build: str = ""
    abi: str = ""
    libc: str = ""

    @property
    def minor(self) -> str:
        """`3.12`, the name of the coordinate."""
        return ".".join(self.version.split(".")[:2])


IN_IMAGE = "image"
"""The source of an interpreter that lies in an image; its path is one of the image."""

BUILD = "build:"
"""Starts the value of an axis that names a container file in the repro's folder instead of an image."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """An image that the engine has.

    Attributes:
        reference: as a person wrote it, `python:3.12-slim`.
        id: digest of the image, `sha256:...`, by which it is run.
    """

    reference: str
    id: str

    @property
    def short(self) -> str:
        """Enough of the digest for a person."""
        return self.id.removeprefix("sha256:")[:12]


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """A lock made runnable; never edited afterwards.

    Attributes:
        key: digest of all that went into it.
        root: folder of the virtual environment.
        python: its interpreter.
    """

    key: str
    root: Path
    python: Path
    interpreter: Interpreter
    lock_sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unavailable:
    """Why a cell could not be run at all, and what would make it run."""

    reason: SkipReason
    explanation: str
    remedy: str = ""
