"""What makes an environment of a lock: uv on this machine, or something else that keeps to the same protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bisectrix.errors import TooSlowError
from bisectrix.model.environment import Interpreter, Unavailable
from bisectrix.model.lock import Lock
from bisectrix.model.words import SkipReason
from bisectrix.resolve.complaints import Complaint, classify
from bisectrix.resolve.portable import has_to_be_built, requirements
from bisectrix.resolve.uv import Uv, failure

VENV_DEADLINE_S = 60.0

MORE_TIME = "if it only takes long, raise install_s among the limits of the repro"


@dataclass(frozen=True, kw_only=True, slots=True)
class Making:
    """An environment to be made in `folder/venv`.

    Attributes:
        held: descriptor of the lock on the folder, to be inherited by whatever works on it should we be killed.
        install_s: how long the installation may take.
    """

    folder: Path
    lock: Lock
    interpreter: Interpreter
    held: int
    install_s: float


class Installer(Protocol):
    """Makes environments."""

    @property
    def marks(self) -> Sequence[str]:
        """What tells its environments from those that others make of the same lock and interpreter."""

    def beside(self, uv: Uv) -> Installer:
        """Return the same for somebody who can be cancelled alone, through `uv`."""

    def install(self, making: Making) -> Unavailable | None:
        """Make it, or say why the packages do not let it be made.

        Raises:
            InfraError: our side failed.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class OnThisMachine:
    """Makes environments for this machine; what comes as source is built."""

    uv: Uv

    @property
    def marks(self) -> Sequence[str]:
        """None: these are the ordinary ones."""
        return ()

    def beside(self, uv: Uv) -> OnThisMachine:
        """Return the same with that `uv`."""
        return OnThisMachine(uv=uv)

    def install(self, making: Making) -> Unavailable | None:
        """Make it with `uv venv` and `uv pip sync`."""
        folder, interpreter, keep_open = making.folder, making.interpreter, (making.held,)
        venv = ("venv", "venv", "--quiet", "--no-project", "--python", interpreter.path)
        made = self.uv.call(venv, deadline_s=VENV_DEADLINE_S, cwd=folder, keep_open=keep_open)
        if made.exit_code:
            raise failure(f"no environment can be made of {interpreter.path}", self.uv.explanation(made, folder))
        wanted = requirements(making.lock)
        if not wanted.text:
            return None
        (folder / "requirements.txt").write_text(wanted.text, encoding="utf-8")
        sync = (
            *("pip", "sync", "requirements.txt", "--quiet", "--python", "venv/bin/python"),
            *("--link-mode", "hardlink", "--compile-bytecode", *(("--require-hashes",) if wanted.hashed else ())),
        )
        try:
            done = self.uv.call(sync, deadline_s=making.install_s, cwd=folder, keep_open=keep_open)
        except TooSlowError:
            if not has_to_be_built(making.lock):
                raise
            explanation = f"still building after {making.install_s:g} s"
            return Unavailable(reason=SkipReason.INSTALL_FAILED, explanation=explanation, remedy=MORE_TIME)
        return refusal(classify(done.stderr), self.uv.explanation(done, folder)) if done.exit_code else None


def refusal(complaint: Complaint, explanation: str) -> Unavailable:
    """Return what uv's refusal to install says about the packages.

    Raises:
        InfraError: it says nothing about them.
    """
    if complaint is Complaint.NOT_THE_PACKAGES:
        raise failure("uv could not install", explanation)
    unbuildable = complaint is Complaint.UNBUILDABLE
    return Unavailable(
        reason=SkipReason.UNBUILDABLE if unbuildable else SkipReason.INSTALL_FAILED, explanation=explanation
    )
