"""What an export needs, gathered: the record, the files of then, the wheels of the lock."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from bisectrix.environments.interpreters import exactly, nearest_patch
from bisectrix.errors import UsageError
from bisectrix.export.looks import telling_test
from bisectrix.export.parcel import Parcel
from bisectrix.model.result import CellResult, Ran
from bisectrix.record.published import portable
from bisectrix.resolve.portable import requirements
from bisectrix.resolve.wheels import LockedWheel, NoWheel, Target, fetch_wheels, locked_wheels
from bisectrix.runner.remembered import NotHere, Remembered, remember
from bisectrix.runner.tools import Tools
from bisectrix.supervise.instrument import PTH_NAME, PTH_TEXT

STUB = b'"""Only what a capsule needs."""\n'


def gather(tools: Tools, result: CellResult, cache: Path, *, test: str = "", with_wheels: bool = True) -> Parcel:
    """Return all that an export of a cell is made of.

    Args:
        tools: the edges.
        result: as recorded.
        cache: where fetched wheels are kept.
        test: of a pytest repro, the one to run; empty means the one that tells most.
        with_wheels: fetch the wheels, too.

    Raises:
        UsageError: it was never run, something of it is gone, or a package has no wheel.
        InfraError: a wheel cannot be fetched.
    """
    remembered = remember(tools, result)
    if isinstance(remembered, NotHere):
        raise UsageError(remembered.explanation, place=result.cell.name, hint=remembered.remedy)
    shown = portable(result)
    state = shown.state
    assert isinstance(state, Ran)  # noqa: S101  remembered: it ran
    machine = next((attempt.machine for attempt in state.attempts if attempt.machine), None)
    wheels = fetch_wheels(_wheels(tools, remembered), tools.settings, cache) if with_wheels else ()
    return Parcel(
        result=shown,
        state=state,
        repro=remembered.subject.repro,
        files=remembered.subject.files,
        lock=remembered.lock,
        requirements=requirements(remembered.lock).text,
        wheels={file.name: file.read_bytes() for file in wheels},
        args=remembered.call.args,
        variables=remembered.call.env,
        machine=machine,
        test=test or (telling_test(state.attempts) if remembered.subject.repro.tests else ""),
    )


def program() -> Mapping[str, bytes]:
    """Return the files of the program in a capsule: path to content."""
    here = files("bisectrix")
    modules = {
        f"bisectrix/capsule/{file.name}": file.read_bytes()
        for file in here.joinpath("capsule").iterdir()
        if file.name.endswith(".py")
    }
    frames = {
        f"bisectrix/model/{name}": here.joinpath("model", name).read_bytes() for name in ("__init__.py", "frames.py")
    }
    probe = {f"probe/{name}": here.joinpath("probe", name).read_bytes() for name in ("tasks.py", "dump.py")}
    return {**modules, **frames, **probe, "bisectrix/__init__.py": STUB, f"probe/{PTH_NAME}": PTH_TEXT.encode()}


def _wheels(tools: Tools, remembered: Remembered) -> tuple[LockedWheel, ...]:
    state = remembered.state
    target = Target(python=state.python, platform=state.platform, libc=_libc(tools, state))
    found = locked_wheels(remembered.lock, target)
    if missing := [one.why for one in found if isinstance(one, NoWheel)]:
        raise UsageError(
            f"not every package has a wheel: {'; '.join(missing)}",
            place=remembered.result.cell.name,
            hint="export it --as script, which builds them where it runs",
        )
    return tuple(one for one in found if isinstance(one, LockedWheel))


def _libc(tools: Tools, state: Ran) -> str:
    """Return the C library of the record; of an older one, that of such a Python here."""
    recorded = next((attempt.machine.libc for attempt in state.attempts if attempt.machine), "")
    if recorded or state.platform != tools.platform:
        return recorded
    python = exactly(tools.interpreters, state.python) or nearest_patch(tools.interpreters, state.python)
    return python.libc if python else ""
