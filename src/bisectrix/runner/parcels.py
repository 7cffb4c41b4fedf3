"""What an export needs, gathered: the record, the files of then, the wheels of the lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from bisectrix.environments.interpreters import exactly, nearest_patch
from bisectrix.environments.repack import installed_wheel
from bisectrix.errors import UsageError
from bisectrix.export.looks import telling_test
from bisectrix.export.parcel import Parcel
from bisectrix.model.environment import Unavailable
from bisectrix.model.result import CellResult, Ran
from bisectrix.record.published import portable
from bisectrix.resolve.portable import requirements
from bisectrix.resolve.wheels import LockedWheel, NoWheel, Target, fetch_wheels, locked_wheels
from bisectrix.runner.remembered import NotHere, Remembered, recorded_venue, remember
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
    wheels = _wheels(tools, remembered, cache) if with_wheels else {}
    return Parcel(
        result=shown,
        state=state,
        repro=remembered.subject.repro,
        files=remembered.subject.files,
        lock=remembered.lock,
        requirements=requirements(remembered.lock).text,
        wheels=wheels,
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


def _wheels(tools: Tools, remembered: Remembered, cache: Path) -> dict[str, bytes]:
    """Return file name to content: those of the lock, and of packages that come as source what they build to here."""
    state = remembered.state
    target = Target(python=state.python, platform=state.system, libc=_libc(tools, state))
    found = locked_wheels(remembered.lock, target)
    built = _built(tools, remembered, [one for one in found if isinstance(one, NoWheel)])
    locked = [one for one in found if isinstance(one, LockedWheel)]
    fetched = fetch_wheels(locked, tools.settings, cache)
    return dict(sorted({**{file.name: file.read_bytes() for file in fetched}, **built}.items()))


def _built(tools: Tools, remembered: Remembered, missing: Sequence[NoWheel]) -> dict[str, bytes]:
    """Return wheels of what is installed of packages that have none; they must build on this machine."""
    if not missing:
        return {}
    found = recorded_venue(tools, remembered, nearest=False)
    if isinstance(found, NotHere):
        raise _no_wheels(remembered, missing, found.explanation)
    venue, _ = found
    if venue.image is not None:
        raise _no_wheels(remembered, missing, "they can be built for a cell that ran on the host only")
    install_s = remembered.subject.repro.limits.install_s
    with tools.pool.hold(remembered.lock, venue.interpreter, install_s=install_s) as environment:
        if isinstance(environment, Unavailable):
            raise _no_wheels(remembered, missing, environment.explanation)
        return dict(installed_wheel(environment, one.package) for one in missing)


def _no_wheels(remembered: Remembered, missing: Sequence[NoWheel], why: str) -> UsageError:
    return UsageError(
        f"not every package has a wheel: {'; '.join(one.why for one in missing)}: {why}",
        place=remembered.result.cell.name,
        hint="export it --as script, which builds them where it runs",
    )


def _libc(tools: Tools, state: Ran) -> str:
    """Return the C library of the record; of an older one, that of such a Python here."""
    recorded = next((attempt.machine.libc for attempt in state.attempts if attempt.machine), "")
    if recorded or state.system != tools.platform:
        return recorded
    python = exactly(tools.interpreters, state.python) or nearest_patch(tools.interpreters, state.python)
    return python.libc if python else ""
