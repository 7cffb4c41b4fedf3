"""Writes where every task of asyncio and trio and every thread of this process waits, as one JSON file.

Runs inside a signal handler, in the main thread, when the program is about to be ended. It only looks: it takes
no lock, calls no code of the program it can avoid, and finds tasks through the garbage collector, because a
loop knows only some of its tasks. Standard library only, Python 3.8 and later.
"""
# Importing pathlib could run code of the program, and only private attributes tell what waits:
# ruff: noqa: PTH104, PTH118, PTH120, SLF001

from __future__ import annotations

import _thread
import gc
import json
import os
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

MOST_TASKS = 1000
MOST_FRAMES = 200

RESUMABLE = (
    (types.CoroutineType, "cr"),
    (types.GeneratorType, "gi"),
    (types.AsyncGeneratorType, "ag"),
)


THREAD_WAITS = frozenset({"run_sync_in_worker_thread", "to_thread_run_sync"})


def write(folder: str, frame: types.FrameType) -> None:
    """Write `tasks-PID.json` in `folder`, all of it or nothing; `frame` is where the main thread was."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        text = json.dumps(describe_process(frame)).encode("ascii")
    finally:
        if collecting:
            gc.enable()
    path = os.path.join(folder, "tasks-%d.json" % os.getpid())
    descriptor = os.open(path + ".part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        while text:
            text = text[os.write(descriptor, text) :]
    finally:
        os.close(descriptor)
    os.rename(path + ".part", path)


def describe_process(main_frame: types.FrameType) -> dict[str, Any]:
    """Return threads, loops and tasks as plain values."""
    innermost = dict(sys._current_frames())
    innermost[_thread.get_ident()] = main_frame
    stacks = {ident: frames_of_stack(frame) for ident, frame in innermost.items()}
    tasks, loops = asyncio_objects()
    trio_tasks, runners = trio_objects()
    return {
        "pid": os.getpid(),
        "python": sys.version.split()[0],
        "threads": [describe_thread(ident, stack) for ident, stack in stacks.items()],
        "loops": [*described(loops, describe_loop), *described(runners, describe_runner)],
        "tasks": [
            *described(tasks[:MOST_TASKS], describe_task, stacks),
            *described(trio_tasks[:MOST_TASKS], describe_trio_task, stacks),
        ],
        "task_count": len(tasks) + len(trio_tasks),
    }


def described(
    objects: Iterable[Any], describe: Callable[..., dict[str, Any]], *context: object
) -> Iterator[dict[str, Any]]:
    """Yield the description of each object; a class that breaks ours costs its own line and no other."""
    for described_object in objects:
        try:
            yield describe(described_object, *context)
        except Exception:  # noqa: S112  nobody would read a log
            continue


# --- threads


def frames_of_stack(frame: types.FrameType | None) -> list[types.FrameType]:
    """Return the frames of a thread's stack, outermost first."""
    stack: list[types.FrameType] = []
    while frame is not None:
        stack.append(frame)
        frame = frame.f_back
    return stack[::-1]


def describe_thread(ident: int, stack: list[types.FrameType]) -> dict[str, Any]:
    """Name a thread without asking `threading`, whose functions take a lock."""
    threading = sys.modules.get("threading")
    thread = getattr(threading, "_active", {}).get(ident)
    is_main = ident == _thread.get_ident()
    name = getattr(thread, "_name", None) or ("MainThread" if is_main else "thread %d" % ident)
    return {"name": str(name), "main": is_main, "frames": [describe_frame(frame) for frame in stack][-MOST_FRAMES:]}


def describe_frame(frame: types.FrameType) -> list[str | int]:
    """Return file, function and line."""
    return [frame.f_code.co_filename, frame.f_code.co_name, frame.f_lineno or 0]


# --- loops


def asyncio_objects() -> tuple[list[Any], list[Any]]:
    """Return the tasks that are not done, by name, and the loops that are not closed."""
    task_module, event_module = sys.modules.get("asyncio.tasks"), sys.modules.get("asyncio.events")
    loop_type = getattr(event_module, "AbstractEventLoop", None)
    if loop_type is None or not hasattr(task_module, "_PyTask"):
        return [], []
    tasks, loops = [], []
    for candidate in gc.get_objects():
        if is_pending_task(candidate):
            tasks.append(candidate)
        elif issubclass(type(candidate), loop_type) and not candidate.is_closed():
            loops.append(candidate)
    return sorted(tasks, key=natural_name), loops


def natural_name(task: Any) -> tuple[int, str]:  # noqa: ANN401
    """Return a key under which Task-2 comes before Task-10."""
    name = task.get_name()
    return len(name), name


def describe_loop(loop: Any) -> dict[str, Any]:  # noqa: ANN401
    """Count what could still wake a loop up; None stands for what this kind of loop does not tell."""
    timers = [timer._when for timer in getattr(loop, "_scheduled", ()) if not timer._cancelled]
    selector = getattr(loop, "_selector", None)
    return {
        "id": id(loop),
        "kind": type(loop).__name__,
        "running": loop.is_running(),
        "timers": len(timers) if hasattr(loop, "_scheduled") else None,
        "next_timer_s": round(min(timers) - loop.time(), 3) if timers else None,
        "ready": len(loop._ready) if hasattr(loop, "_ready") else None,
        "descriptors": sorted(selector.get_map()) if selector is not None else None,
    }


# --- tasks


def describe_task(task: Any, stacks: dict[int, list[types.FrameType]]) -> dict[str, Any]:  # noqa: ANN401
    """Return a task's chain of awaits, what it waits for, and the tasks that would wake it."""
    frames, awaited = frames_of_task(task, stacks)
    waiter = getattr(task, "_fut_waiter", None)
    inner = {} if awaited is RUNNING else inner_tasks(task, waiter, frames)
    return {
        "id": id(task),
        "name": task.get_name(),
        "loop": id(task.get_loop()),
        "state": state_of(awaited, waiter),
        "waits_for": "" if awaited is RUNNING else what_is_awaited(waiter, frames, inner),
        "awaits": list(inner),
        "scope": scope_of(task),
        "frames": [describe_frame(frame) for frame in frames][-MOST_FRAMES:],
    }


def scope_of(task: Any) -> str:  # noqa: ANN401
    """Say whether somebody asked a task to cancel, and which time limit anyio has set it; empty for neither."""
    cancelled = task._must_cancel or (task.cancelling() if hasattr(task, "cancelling") else 0)
    backend = sys.modules.get("anyio._backends._asyncio")
    state = getattr(backend, "_task_states", {}).get(task)
    scopes = enclosing(getattr(state, "cancel_scope", None), "_parent_scope")
    return in_words(scopes, cancelled, task.get_loop().time)


def enclosing(scope: Any, outer: str) -> list[Any]:  # noqa: ANN401
    """Return a cancel scope and those around it, by the attribute that leads outwards."""
    scopes: list[Any] = []
    while scope is not None and len(scopes) < MOST_FRAMES:
        scopes.append(scope)
        scope = getattr(scope, outer, None)
    return scopes


def in_words(scopes: list[Any], cancelled: object, now: Callable[[], float]) -> str:
    """`asked to cancel`, `time limit in 2.5 s`."""
    if cancelled or any(getattr(scope, "_cancel_called", False) for scope in scopes):
        return "asked to cancel"
    limits = [scope._deadline for scope in scopes if scope._deadline < float("inf")]
    return "time limit in %.1f s" % (min(limits) - now()) if limits else ""


RUNNING = object()


def state_of(awaited: object, waiter: object) -> str:
    """Return `running`, `waiting`, or `ready` for a task that its loop could go on with."""
    if awaited is RUNNING:
        return "running"
    return "waiting" if waiter is not None else "ready"


def frames_of_task(task: Any, stacks: dict[int, list[types.FrameType]]) -> tuple[list[types.FrameType], object]:  # noqa: ANN401
    """Return the frames of a task, outermost first, and what the innermost awaits, RUNNING if it runs."""
    return frames_of_coroutine(task.get_coro(), stacks)


def frames_of_coroutine(
    awaited: object, stacks: dict[int, list[types.FrameType]]
) -> tuple[list[types.FrameType], object]:
    """Do the same for a coroutine."""
    frames: list[types.FrameType] = []
    while awaited is not None and len(frames) < 10 * MOST_FRAMES:
        frame, following = step(awaited)
        if frame is not None:
            for stack in stacks.values():
                if frame in stack:
                    return frames + stack[stack.index(frame) :], RUNNING
            frames.append(frame)
        awaited = following
    return frames, awaited


def step(awaited: object) -> tuple[types.FrameType | None, object]:
    """Return the frame of something awaited, if it has one, and what it awaits in turn."""
    for kind, prefix in RESUMABLE:
        if type(awaited) is kind:
            following = "gi_yieldfrom" if prefix == "gi" else prefix + "_await"
            return getattr(awaited, prefix + "_frame"), getattr(awaited, following)
    kinds = tuple(kind for kind, _ in RESUMABLE)
    # Wrappers such as async_generator_asend tell nobody what they wrap, except the garbage collector.
    return None, next((inner for inner in gc.get_referents(awaited) if type(inner) in kinds), None)


def inner_tasks(task: object, waiter: object, frames: list[types.FrameType]) -> dict[int, Any]:
    """Return the unfinished tasks that this one waits for, by id, whatever waits in between."""
    candidates = [waiter, *listed(getattr(waiter, "_children", ()))]
    for callback in callbacks_of(waiter):
        candidates += closure_of(callback)
    for frame in frames[-3:]:
        file = frame.f_code.co_filename
        if "/asyncio/" in file:
            for value in list(frame.f_locals.values()):
                candidates += [value, *listed(value)]
        if "/asyncio/" in file or "/anyio/" in file:
            candidates += listed(getattr(frame.f_locals.get("self"), "_tasks", ()))
    return {id(inner): inner for inner in candidates if is_pending_task(inner) and inner is not task}


def is_pending_task(value: Any) -> bool:  # noqa: ANN401
    """Tell an unfinished task from anything else without running code of the value's class."""
    module = sys.modules["asyncio.tasks"]
    return issubclass(type(value), (module.Task, module._PyTask)) and not value.done()


def listed(value: object) -> list[Any]:
    """Return the members of an ordinary collection, nothing for anything else."""
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else []


def callbacks_of(future: object) -> list[types.FunctionType]:
    """Return the plain functions that a future will call."""
    callbacks = getattr(future, "_callbacks", None) or ()
    return [entry[0] for entry in callbacks if type(entry[0]) is types.FunctionType]


def closure_of(function: types.FunctionType) -> list[Any]:
    """Return what a function holds on to."""
    return [inner for cell in function.__closure__ or () for inner in gc.get_referents(cell)]


def what_is_awaited(waiter: object, frames: list[types.FrameType], inner: dict[int, Any]) -> str:
    """Name what a task waits for in words: `Event.wait`, `gather of 3`, `sleep`, `a thread`."""
    if hasattr(waiter, "_children"):
        return "gather of %d" % len(waiter._children)
    if is_asyncio_code(frames):
        return name_of_wait(frames[-1])
    if inner:
        return ", ".join(task.get_name() for task in inner.values())
    if any(callback.__qualname__.startswith("_chain_future.") for callback in callbacks_of(waiter)):
        return "a thread or process of an executor"
    if is_in_worker_thread(frames):
        return "a worker thread"
    return type(waiter).__name__ if waiter is not None else ""


def is_asyncio_code(frames: list[types.FrameType]) -> bool:
    """Whether the innermost frame is asyncio's own."""
    return bool(frames) and "/asyncio/" in frames[-1].f_code.co_filename


def is_in_worker_thread(frames: list[types.FrameType]) -> bool:
    """Whether the innermost frames are those in which anyio and trio wait for a thread."""
    return any(frame.f_code.co_name in THREAD_WAITS for frame in frames[-3:])


def name_of_wait(frame: types.FrameType) -> str:
    """Return `Event.wait` for a method, `asyncio.sleep(3600)` or `asyncio.wait` for a function."""
    owner, name = frame.f_locals.get("self"), frame.f_code.co_name
    if owner is not None:
        return type(owner).__name__ + "." + name
    delay = frame.f_locals.get("delay")
    return "asyncio." + name.lstrip("_") + ("(%s)" % delay if type(delay) in (int, float) else "")


# --- trio


def trio_objects() -> tuple[list[Any], list[Any]]:
    """Return the tasks that have not ended, in the order of their start, and the runs they belong to."""
    module = sys.modules.get("trio._core._run")
    task_type = getattr(module, "Task", None)
    if task_type is None:
        return [], []
    tasks = [task for task in gc.get_objects() if type(task) is task_type and is_of_the_program(task)]
    runners = {id(task._runner): task._runner for task in tasks}
    return sorted(tasks, key=lambda task: task._counter), list(runners.values())


def is_of_the_program(task: Any) -> bool:  # noqa: ANN401
    """Whether a task lives and is not one of the two with which trio itself begins."""
    return (
        task in task._runner.tasks
        and task is not task._runner.init_task
        and task.name != "<TrioToken.run_sync_soon task>"
    )


def describe_runner(runner: Any) -> dict[str, Any]:  # noqa: ANN401
    """Count what could still wake a run of trio up."""
    due = runner.deadlines.next_deadline()
    timed = runner.deadlines._active and due < float("inf")
    return {
        "id": id(runner),
        "kind": "trio",
        "running": True,
        "timers": runner.deadlines._active,
        "next_timer_s": round(due - runner.clock.current_time(), 3) if timed else None,
        "ready": len(runner.runq),
        "descriptors": sorted(getattr(runner.io_manager, "_registered", ())),
    }


def describe_trio_task(task: Any, stacks: dict[int, list[types.FrameType]]) -> dict[str, Any]:  # noqa: ANN401
    """Return a task's chain of awaits, what it waits for, and the tasks of its nurseries where it waits for those."""
    frames, awaited = frames_of_coroutine(task.coro, stacks)
    children = [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    in_nursery = bool(children) and any(frame.f_code.co_name == "_nested_child_finished" for frame in frames[-3:])
    ready = task in task._runner.runq
    waits = awaited is not RUNNING and not ready
    return {
        "id": id(task),
        "name": task.name,
        "loop": id(task._runner),
        "state": "running" if awaited is RUNNING else "ready" if ready else "waiting",
        "waits_for": ("nursery of %d" % len(children) if in_nursery else name_of_trio_wait(frames)) if waits else "",
        "awaits": [id(child) for child in children] if waits and in_nursery else [],
        "scope": in_words(scopes_of_trio_task(task), None, task._runner.clock.current_time),
        "frames": [describe_frame(frame) for frame in frames][-MOST_FRAMES:],
    }


def scopes_of_trio_task(task: Any) -> list[Any]:  # noqa: ANN401
    """Return the cancel scopes around a task that are its own or its nurseries'."""
    statuses = enclosing(task._cancel_status, "_parent")
    return [status._scope for status in statuses]


def name_of_trio_wait(frames: list[types.FrameType]) -> str:
    """Return `Event.wait`, `trio.sleep(3600)`: the function of the library that the program itself awaits."""
    if is_in_worker_thread(frames):
        return "a worker thread"
    library = library_frames(frames)
    if not library:
        return ""
    owner, name = library[0].f_locals.get("self"), library[0].f_code.co_name
    if owner is not None:
        return type(owner).__name__ + "." + name
    seconds = library[0].f_locals.get("seconds")
    return "trio." + name + ("(%s)" % seconds if type(seconds) in (int, float) else "")


def library_frames(frames: list[types.FrameType]) -> list[types.FrameType]:
    """Return the innermost frames that are all trio's or anyio's, without that in which anyio starts a task."""
    modules = [sys.modules[name] for name in ("trio", "anyio", "outcome") if name in sys.modules]
    folders = tuple(os.path.dirname(module.__file__) + os.sep for module in modules if module.__file__)
    ours = len(frames)
    while ours and frames[ours - 1].f_code.co_filename.startswith(folders):
        ours -= 1
    return [frame for frame in frames[ours:] if frame.f_code.co_name != "_run_coro"]
