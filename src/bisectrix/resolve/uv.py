"""uv as a value: where it is, what it is told about the index, and how it turns a request into a lock."""

from __future__ import annotations

import importlib.metadata
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, assert_never

import uv

from bisectrix.errors import InfraError, TooSlowError
from bisectrix.model.environment import IN_IMAGE, Interpreter
from bisectrix.model.lock import LockRequest, Resolved, Unbuildable, Unsatisfiable
from bisectrix.resolve.complaints import Complaint, classify, explain
from bisectrix.resolve.portable import portable_lock
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.wheels import GLIBC
from bisectrix.supervise.command import Completed, run_command

RESOLVE_DEADLINE_S = 900.0  # `lowest` may build dozens of source releases to learn what they depend on
GLIBCS_OF_UV = (17, 28, *range(31, 41))
"""Of glibc 2.x, those that uv has a platform for."""

AFTER_EVERY_UPLOAD = "9000-01-01T00:00:00Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class Uv:
    """The uv that came with us, called by its full path: a shim on the PATH would cost more than most of its work.

    Attributes:
        version: `0.13.8`.
        cancelled: set by whoever wants no answer any more; ends what runs.
    """

    path: Path
    version: str
    settings: IndexSettings
    cancelled: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def find(cls, settings: IndexSettings, cancelled: threading.Event | None = None) -> Self:
        """Find it beside the package that brings it.

        Raises:
            InfraError: there is none.
        """
        try:
            path = Path(uv.find_uv_bin())
        except FileNotFoundError:
            raise InfraError("uv is not installed beside bisectrix", hint="python -m pip install uv") from None
        return cls(
            path=path,
            version=importlib.metadata.version("uv"),
            settings=settings,
            cancelled=cancelled or threading.Event(),
        )

    @property
    def resolver(self) -> str:
        """Program and version, as locks record it."""
        return f"uv {self.version}"

    def call(
        self, arguments: Sequence[str | Path], *, deadline_s: float, cwd: Path, keep_open: Sequence[int] = ()
    ) -> Completed:
        """Run uv with our settings and no others; its own complaints come without colours or progress.

        Raises:
            Cancelled: nobody wants the answer any more.
            InfraError: it cannot be started or is too slow.
        """
        argv = (str(self.path), *map(str, arguments), "--color", "never", *self.settings.uv_arguments())
        variables = self.settings.uv_environment()
        return run_command(
            argv, env=variables, cwd=cwd, deadline_s=deadline_s, keep_open=keep_open, cancelled=self.cancelled
        )

    def explanation(self, completed: Completed, folder: Path) -> str:
        """Return what uv says about its failure, without credentials and without the path of a folder of ours."""
        return self.settings.redactor(explain(completed.stderr.replace(f"{folder}/", "")))

    def resolve(
        self, request: LockRequest, interpreter: Interpreter, *, within_s: float = RESOLVE_DEADLINE_S
    ) -> Resolved:
        """Ask the index which packages fit, and build what does not say otherwise what it depends on.

        Raises:
            InfraError: no answer could be had: index, network, disk or uv itself.
            TooSlowError: it takes longer than `within_s`.
        """
        with tempfile.TemporaryDirectory(prefix="bisectrix-resolve-") as name:
            folder = Path(name)
            (folder / "requirements.in").write_text("".join(f"{line}\n" for line in request.requirements))
            (folder / "constraints.txt").write_text("".join(f"{line}\n" for line in request.constraints))
            try:
                completed = self.call(_arguments(request, interpreter), deadline_s=within_s, cwd=folder)
            except TooSlowError:
                message = f"still resolving after {within_s:g} s, most likely building a release to learn what it needs"
                raise TooSlowError(message) from None
            if completed.exit_code:
                return self._refusal(completed, folder)
            pylock = (folder / "pylock.toml").read_text(encoding="utf-8")
        return portable_lock(pylock, python=request.python, resolver=self.resolver)

    def _refusal(self, completed: Completed, folder: Path) -> Unsatisfiable | Unbuildable:
        explanation = self.explanation(completed, folder)
        match classify(completed.stderr):
            case Complaint.UNSATISFIABLE:
                return Unsatisfiable(explanation=explanation, resolver=self.resolver)
            case Complaint.UNBUILDABLE:
                return Unbuildable(explanation=explanation, resolver=self.resolver)
            case Complaint.NOT_THE_PACKAGES | Complaint.OTHER:
                raise failure("uv could not resolve", explanation)
            case unexpected:
                assert_never(unexpected)


def failure(what: str, explanation: str) -> InfraError:
    """Return the error for a failure of uv that says nothing about the packages."""
    return InfraError(
        f"{what}: {explanation or 'it gave no reason'}",
        hint="bisectrix doctor says whether the package index can be reached and which settings are used",
    )


def _arguments(request: LockRequest, interpreter: Interpreter) -> tuple[str | Path, ...]:
    return (
        *("pip", "compile", "requirements.in", "--quiet", "--no-header", "--no-annotate"),
        *("--format", "pylock.toml", "--output-file", "pylock.toml", "--constraints", "constraints.txt"),
        *_python(interpreter),
        *("--resolution", request.resolution),
        *_cutoff(request),
    )


def _python(interpreter: Interpreter) -> tuple[str | Path, ...]:
    """Name the Python; for one in an image say what it is, and build nothing: its code must not run here."""
    if interpreter.source != IN_IMAGE:
        return ("--python", interpreter.path)
    platform = uv_platform(interpreter.platform.partition("-")[2], interpreter.libc)
    return ("--python-version", interpreter.version, "--python-platform", platform, "--no-build")


def uv_platform(machine: str, libc: str) -> str:
    """Return uv's word for a Linux: the newest it knows that a C library covers."""
    if libc.startswith("musl"):
        return f"{machine}-unknown-linux-musl"
    found = GLIBC.fullmatch(libc)
    minor = int(found["minor"]) if found else GLIBCS_OF_UV[0]
    return f"{machine}-manylinux_2_{max((known for known in GLIBCS_OF_UV if known <= minor), default=GLIBCS_OF_UV[0])}"


def _cutoff(request: LockRequest) -> tuple[str, ...]:
    if not request.cutoff:
        return ()
    exempt = (f"{package}={AFTER_EVERY_UPLOAD}" for package in request.cutoff_exempt)
    return ("--exclude-newer", request.cutoff, *(word for e in exempt for word in ("--exclude-newer-package", e)))
