"""Which await chain or stack tells where a program waits, and which of its frames a reader needs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from bisectrix.model.attempt import Chain, Frame

MAIN_TASK = "Task-1"
MAIN_THREAD = "MainThread"

BOILERPLATE = (
    "asyncio/runners.py",
    "asyncio/base_events.py:run_forever",
    "asyncio/base_events.py:run_until_complete",
    "asyncio/base_events.py:_run_once",
    "asyncio/events.py:_run",
    "selectors.py",
    "threading.py:_bootstrap",
    "threading.py:_bootstrap_inner",
    "threading.py:run",
    "concurrent/futures/thread.py:_worker",
    "concurrent/futures/thread.py:run",
    "runpy.py",
)
BOILERPLATE_PACKAGES = {"_pytest", "pytest", "pluggy", "pytest_asyncio"}

WAITING_PACKAGES = {"anyio", "trio", "sniffio", "uvloop"}
"""They wait on behalf of whoever called them, as the standard library does."""

WAITING_FILES = {"_synchronization.py"}

IDLE_LOOP = ("selectors.py", "asyncio/base_events.py:_run_once", "asyncio/base_events.py:run_forever")


def matches(stack: Sequence[str], frames: Sequence[Frame]) -> bool:
    """Say whether the parts of `stack` stand in `frames` in this order, each in a frame of its own.

    A part is `file.py`, `folder/file.py`, `file.py:function` or `function`; files match from their end, by whole
    path components. No parts match anything.
    """
    return matched(stack, frames) is not None


def matched(stack: Sequence[str], frames: Sequence[Frame]) -> tuple[int, ...] | None:
    """Return the index of the frame in which each part of `stack` stands, the earliest; None when one does not."""
    found: list[int] = []
    for part in stack:
        following = range(found[-1] + 1 if found else 0, len(frames))
        index = next((index for index in following if _is(part, frames[index])), None)
        if index is None:
            return None
        found.append(index)
    return tuple(found)


def _is(part: str, frame: Frame) -> bool:
    file, separator, function = part.rpartition(":")
    if not separator:
        file, function = ("", part) if not part.endswith(".py") and "/" not in part else (part, "")
    return (not function or function == frame.function) and _is_end_of(file, frame.file)


def _is_end_of(wanted: str, file: str) -> bool:
    parts, ends = PurePosixPath(wanted).parts, PurePosixPath(file).parts
    return not parts or ends[-len(parts) :] == parts


def telling_chain(chains: Sequence[Chain], stack: Sequence[str] = ()) -> Chain | None:
    """Return the chain that tells most about a hang; None when there are no chains.

    That is the one in which the declared stack stands; else the main thread's when what it runs keeps its event
    loop from turning; else the main task's; else the main thread's.
    """
    with_stack = [chain for chain in chains if stack and matches(stack, chain.frames)]
    tasks = [chain for chain in chains if chain.kind == "task"]
    threads = [chain for chain in chains if chain.kind == "thread"]
    mains = [chain for chain in threads if chain.owner == MAIN_THREAD]
    stuck_loops = [chain for chain in mains if _keeps_loop_from_turning(chain.frames)]
    main_tasks = [chain for chain in tasks if chain.owner == MAIN_TASK]
    candidates = (*with_stack, *stuck_loops, *main_tasks, *tasks, *mains, *chains)
    return next((chain for chain in candidates if chain.frames), None)


def _keeps_loop_from_turning(frames: Sequence[Frame]) -> bool:
    in_loop = any(_is("asyncio/base_events.py:_run_once", frame) for frame in frames)
    return in_loop and not any(_is(part, frames[-1]) for part in IDLE_LOOP)


def owner_text(chain: Chain) -> str:
    """`main task`, `main thread`, `task NAME`, `thread NAME`."""
    is_main = chain.owner in {MAIN_TASK, MAIN_THREAD}
    return f"main {chain.kind}" if is_main else f"{chain.kind} {chain.owner}"


def place_text(frame: Frame) -> str:
    """`wait_for_connection (httpcore/_async/connection_pool.py)`."""
    return f"{frame.function} ({frame.file})" if frame.function else frame.file


def without_boilerplate(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """Drop what runs event loops, threads and tests; all frames if nothing else is there."""
    return tuple(frame for frame in frames if not _is_boilerplate(frame)) or tuple(frames)


def place(frames: Sequence[Frame]) -> Frame | None:
    """Return the innermost frame of code that does not just wait on behalf of its caller."""
    shown = without_boilerplate(frames)
    return shown[_place_index(shown)] if shown else None


def useful(frames: Sequence[Frame], stack: Sequence[str] = ()) -> tuple[Frame, ...]:
    """Return the shortest chain worth reading, outermost first.

    The entry, the last frame of each package on the way, the place, the frames of the declared `stack`, and what of
    the standard library was called in the end.
    """
    shown = without_boilerplate(frames)
    if not shown:
        return ()
    kept = {0, _place_index(shown), *(matched(stack, shown) or ()), *_ends_of_packages(shown), *_call_outside(shown)}
    return tuple(shown[index] for index in sorted(kept))


def _ends_of_packages(frames: Sequence[Frame]) -> Iterable[int]:
    own = [index for index, frame in enumerate(frames) if not _only_waits(frame)]
    yield from own[-1:]
    for index, following in pairwise(own):
        if _package(frames[following]) != _package(frames[index]):
            yield index


def _call_outside(frames: Sequence[Frame]) -> tuple[int, ...]:
    """Return the frame of the standard library that was called in the end, if one was."""
    inner = len(frames)
    while inner and _is_standard_library(frames[inner - 1]):
        inner -= 1
    return (inner,) if inner < len(frames) else ()


def _place_index(frames: Sequence[Frame]) -> int:
    own = [index for index, frame in enumerate(frames) if not _only_waits(frame)]
    return own[-1] if own else len(frames) - 1


def _package(frame: Frame) -> str:
    return frame.file.partition("/")[0]


def _is_standard_library(frame: Frame) -> bool:
    return frame.file.startswith("<frozen") or _package(frame).removesuffix(".py") in sys.stdlib_module_names


def _only_waits(frame: Frame) -> bool:
    is_waiting_file = frame.file.rpartition("/")[2] in WAITING_FILES
    return _is_standard_library(frame) or _package(frame) in WAITING_PACKAGES or is_waiting_file


def _is_boilerplate(frame: Frame) -> bool:
    if _package(frame) in BOILERPLATE_PACKAGES or frame.file.startswith("<frozen"):
        return True
    return any(frame.file in {part, part.partition(":")[0]} and _is(part, frame) for part in BOILERPLATE)
