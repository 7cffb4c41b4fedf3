"""A recorded cell brought back: repro, lock, Python and invocation as they were, or what is missing of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bisectrix.environments.interpreters import exactly, nearest_patch
from bisectrix.manifest.digest import repro_sha256
from bisectrix.manifest.repro import MANIFEST, parse_repro
from bisectrix.matrix.request import Invocation, cell_key, invocation
from bisectrix.model.environment import Image, Interpreter, Unavailable
from bisectrix.model.lock import Lock
from bisectrix.model.matrix import Matrix
from bisectrix.model.result import CellResult, Ran
from bisectrix.model.words import SkipReason
from bisectrix.project import Project
from bisectrix.record.blobs import Blobs
from bisectrix.runner.planning import ON_CURRENT_PYTHON, Subject, subject_of
from bisectrix.runner.tools import Tools
from bisectrix.runner.venue import Venue


class Missing(StrEnum):
    """What a cell lacks to be run again here."""

    ATTEMPTS = "attempts"
    REPRO = "repro"
    MATRIX = "matrix"
    LOCK = "lock"
    PYTHON = "python"
    PLATFORM = "platform"
    IMAGE = "image"
    PACKAGES = "packages"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotHere:
    """Why a recorded cell cannot be run again here, and what would change that."""

    missing: Missing
    explanation: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """A recorded cell as it was run.

    Attributes:
        state: what is recorded of it.
        notes: sentences about what has changed since and is taken from the record.
    """

    result: CellResult
    state: Ran
    subject: Subject
    call: Invocation
    lock: Lock
    notes: tuple[str, ...]


def remember(tools: Tools, result: CellResult) -> Remembered | NotHere:
    """Bring back what a cell was made of, from the record alone where that suffices.

    Raises:
        InfraError: the record is damaged.
    """
    state = result.state
    if isinstance(state, Unavailable):
        return NotHere(
            missing=Missing.ATTEMPTS, explanation=f"it was never run: {state.explanation}", remedy=state.remedy
        )
    lock = tools.locks.named(state.lock_sha256)
    if lock is None:
        return NotHere(
            missing=Missing.LOCK,
            explanation=f"the lock {state.lock_sha256[:12]} is not there",
            remedy="restore results/locks from git; a lock with packages from a local folder is never recorded",
        )
    found = _subject(tools.project, tools.kept, result, state)
    if isinstance(found, NotHere):
        return found
    subject, notes = found
    call = _invocation(tools, result, state, subject)
    if isinstance(call, NotHere):
        return call
    return Remembered(result=result, state=state, subject=subject, call=call, lock=lock, notes=notes)


def recorded_venue(tools: Tools, remembered: Remembered, *, nearest: bool) -> tuple[Venue, tuple[str, ...]] | NotHere:
    """Return the image and the Python that a cell ran on, and what is to be said about them.

    Args:
        tools: where they are looked for.
        remembered: the cell.
        nearest: where the very one is missing, take what the image's name stands for now, and of Python the nearest
            patch release of the same minor version.

    Raises:
        InfraError: the engine does not answer.
    """
    state = remembered.state
    if state.system != tools.platform:
        return NotHere(
            missing=Missing.PLATFORM,
            explanation=f"it was recorded on {state.system}, and this is {tools.platform}",
            remedy="replay it on such a machine",
        )
    if not state.image_reference:
        return _with_python(tools.interpreters, "on this machine", state, None, nearest=nearest)
    found = _recorded_image(tools, remembered, nearest=nearest)
    if isinstance(found, NotHere):
        return found
    image, remarks = found
    pythons = tools.containers.interpreters(image)
    if isinstance(pythons, Unavailable):
        return NotHere(missing=Missing.IMAGE, explanation=pythons.explanation, remedy=pythons.remedy)
    chosen = _with_python(pythons, f"in {image.reference}", state, image, nearest=nearest)
    return chosen if isinstance(chosen, NotHere) else (chosen[0], (*remarks, *chosen[1]))


def _recorded_image(tools: Tools, remembered: Remembered, *, nearest: bool) -> tuple[Image, tuple[str, ...]] | NotHere:
    """Return the image of the record by its digest; on request what its name stands for now."""
    state = remembered.state
    reference, short = state.image_reference, state.image_id.removeprefix("sha256:")[:12]
    now = tools.containers.image(reference, remembered.subject.files)
    if isinstance(now, Image) and now.id == state.image_id:
        return now, ()
    recorded = tools.containers.image(state.image_id, {})
    if isinstance(recorded, Image):
        return replace(recorded, reference=reference), ()
    if isinstance(now, Unavailable):
        what = "cannot be had" if now.reason is SkipReason.NO_ENGINE else "is gone"
        explanation = f"image {reference} ({short}), which is recorded, {what}: {now.explanation}"
        return NotHere(missing=Missing.IMAGE, explanation=explanation, remedy=now.remedy)
    if nearest:
        return now, (f"in {reference} ({now.short}): {short}, which is recorded, is gone",)
    return NotHere(
        missing=Missing.IMAGE,
        explanation=f"{reference} stands for {now.short} now, and {short}, which is recorded, is gone",
        remedy=f"load the recorded one from a capsule with its image, or take {now.short} with --nearest",
    )


def _with_python(
    pythons: Sequence[Interpreter], where: str, state: Ran, image: Image | None, *, nearest: bool
) -> tuple[Venue, tuple[str, ...]] | NotHere:
    if exact := exactly(pythons, state.python):
        return Venue(interpreter=exact, image=image), ()
    near = nearest_patch(pythons, state.python)
    missing = f"{state.python}, which is recorded, is not {where}"
    if near is not None and nearest:
        return Venue(interpreter=near, image=image), (f"on Python {near.version}: {missing}",)
    install = f"uv python install {state.python}" if image is None else "choose an image that has it"
    return NotHere(
        missing=Missing.PYTHON,
        explanation=f"Python {missing}" + (f"; the nearest is {near.version}" if near else ""),
        remedy=f"{install}, or take {near.version} with --nearest" if near else install,
    )


def _subject(
    project: Project, kept: Blobs, result: CellResult, state: Ran
) -> tuple[Subject, tuple[str, ...]] | NotHere:
    name = result.cell.repro
    now = subject_of(project, name) if name in project.repro_names() else None
    unchanged = now is not None and now.sha256 == result.repro_sha256
    files = state.recipe.files if state.recipe else ()
    if files and all(kept.has(sha256) for _, sha256 in files):
        then = _as_it_was(project, name, {file: kept.get(sha256) for file, sha256 in files})
        return then, () if unchanged else tuple(_changes(name, then, now))
    if now is not None and unchanged:
        return now, ()
    return NotHere(
        missing=Missing.REPRO,
        explanation=f"{name} has changed since, and its files are not kept as they were",
        remedy=f"check out the commit of the record, or record it anew: bisectrix run {name} --rerun",
    )


def _as_it_was(project: Project, name: str, files: dict[str, bytes]) -> Subject:
    manifest = MANIFEST if MANIFEST in files else f"{name}.py"
    path = project.repros / (name if MANIFEST in files else manifest)
    repro = parse_repro(files[manifest].decode(), path, name)
    return Subject(repro=repro, sha256=repro_sha256(repro, files), files=files)


def _changes(name: str, then: Subject, now: Subject | None) -> Iterator[str]:
    if now is None:
        yield f"{name} is no longer among the repros: what is recorded of it is run"
        return
    names = sorted(file for file in {*then.files, *now.files} if then.files.get(file) != now.files.get(file))
    yield f"{name} has changed since ({', '.join(names)}): the recorded version is run"


def _invocation(tools: Tools, result: CellResult, state: Ran, subject: Subject) -> Invocation | NotHere:
    """Return arguments and variables: recorded, or, of an older record, those of its matrix if that is what it was."""
    if state.recipe is not None:
        return Invocation(args=state.recipe.args, env=state.recipe.variables)
    for matrix in _matrices(tools.project, result.matrix):
        call = invocation(subject.repro, matrix, result.cell)
        key = cell_key(
            repro_sha256=result.repro_sha256,
            lock_sha256=state.lock_sha256,
            interpreter_version=state.python,
            platform=state.platform,
            invocation=call,
        )
        if key == state.key:
            return call
    return NotHere(
        missing=Missing.MATRIX,
        explanation=f"the matrix {result.matrix} has changed since, and this record is too old to hold what it said",
        remedy=f"check out the commit of the record, or record it anew: bisectrix run {result.cell.repro} --rerun",
    )


def _matrices(project: Project, name: str) -> Iterator[Matrix]:
    """Yield what a cell of an older record can come from; a search makes up matrices that add nothing to a command."""
    if (project.matrices / f"{name}.toml").is_file():
        yield project.matrix(name)
    yield ON_CURRENT_PYTHON
