"""Where a cell runs: on this machine, or in an image; and with which Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from packaging.version import Version

from bisectrix.environments.interpreters import choose
from bisectrix.matrix.request import HOST, platform_of
from bisectrix.model.environment import Image, Interpreter, Unavailable
from bisectrix.model.words import SkipReason
from bisectrix.runner.planning import PlannedCell
from bisectrix.runner.tools import Tools


@dataclass(frozen=True, kw_only=True, slots=True)
class Venue:
    """A Python, in an image or, without one, on this machine."""

    interpreter: Interpreter
    image: Image | None = None

    def resolved_for(self, here: str) -> str:
        """Return what decides which wheels fit: `linux-x86_64`, for an image with its C library."""
        return here if self.image is None else f"{self.interpreter.platform} {self.interpreter.libc}"

    def identity(self, here: str) -> str:
        """Return what decides an outcome: an image counts by its digest, whatever it is called."""
        return here if self.image is None else f"{self.interpreter.platform} {self.image.id}"


def find_venue(tools: Tools, planned: PlannedCell) -> Venue | Unavailable:
    """Find image and Python of a cell, or say what is missing.

    A repro that is not trusted runs in an image of its Python, unless its matrix has a platform.

    Raises:
        InfraError: the engine does not answer.
    """
    python = planned.cell.get("python")
    usual = HOST if planned.subject.repro.trusted else f"python:{python or tools.current_python}-slim"
    platform = platform_of(planned.matrix, planned.cell, default=usual)
    if platform in {HOST, tools.platform}:
        interpreter = choose(tools.interpreters, python or tools.current_python)
        return interpreter if isinstance(interpreter, Unavailable) else Venue(interpreter=interpreter)
    image = tools.containers.image(platform, planned.subject.files)
    if isinstance(image, Unavailable):
        return image if planned.subject.repro.trusted else _or_trusted(image)
    pythons = tools.containers.interpreters(image)
    if isinstance(pythons, Unavailable):
        return pythons
    found = in_image(pythons, image, python)
    return found if isinstance(found, Unavailable) else Venue(interpreter=found, image=image)


def _or_trusted(missing: Unavailable) -> Unavailable:
    """Name the other way out for a repro that nobody trusts: to say on which platform it may run."""
    return replace(
        missing,
        explanation=f"an untrusted repro runs in a container: {missing.explanation}",
        remedy=f'{missing.remedy}; or name an image, or "host", as platform in the matrix',
    )


def in_image(pythons: Sequence[Interpreter], image: Image, minor: str) -> Interpreter | Unavailable:
    """Return the newest of a minor version in an image; of all where none is asked for."""
    fitting = [python for python in pythons if minor in {"", python.minor}]
    if fitting:
        return max(fitting, key=lambda python: (Version(python.version), str(python.path)))
    has = ", ".join(python.version for python in pythons)
    return Unavailable(
        reason=SkipReason.NO_INTERPRETER,
        explanation=f"no Python {minor} in {image.reference}, which has {has}",
        remedy="choose an image that has it, or exclude the cell with this reason",
    )


def platform_text(here: str, image: Image | None) -> str:
    """Return what a person reads: `linux-x86_64`, `linux-x86_64 in python:3.12-slim (1f2e3d4c5b6a)`."""
    return here if image is None else f"{here} in {image.reference} ({image.short})"
