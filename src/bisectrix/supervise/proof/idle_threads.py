"""Looks at the Python stacks of threads that wake by a timer or for whoever asks, to know the idle loops among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from bisectrix.model.attempt import Frame
from bisectrix.supervise import proc
from bisectrix.supervise.proof.idle_loops import IDLE_SERVERS, idle_loop_of
from bisectrix.supervise.proof.memory import Mapping, mappings
from bisectrix.supervise.proof.scene import Object, Scene, UnixListener, Waiting
from bisectrix.supervise.python_stacks import NoStacks, find_py_spy, sample_by_handle
from bisectrix.supervise.sample import Identity

_Stack: TypeAlias = tuple[Frame, ...]

_WITHIN_S = 3.0
_MOST_PROCESSES = 4
_STACK_POINTER = 7


def with_idle_loops(scene: Scene, polling: frozenset[Identity]) -> Scene:
    """Return the scene with what the threads in `polling` are known to do whenever a timer wakes them.

    Runs py-spy for each of their processes, so it is not cheap. It stops nothing.
    """
    return _with_stacks(scene, polling, _known_loop)


def with_idle_servers(scene: Scene) -> Scene:
    """Return the scene with what is known of those that listen on socket files; at the same price."""
    listening = frozenset(thread.identity for thread in scene.threads if any(map(_is_reachable, thread.objects)))
    return _with_stacks(scene, listening, _known_server)


def _with_stacks(scene: Scene, some: frozenset[Identity], known: Callable[[Waiting, _Stack], Waiting]) -> Scene:
    pids = {pid for pid, _, _ in some}
    if len(pids) > _MOST_PROCESSES:
        return scene
    stacks = {tid: stack for pid in pids for tid, stack in _stacks(pid, scene.threads).items()}
    threads = (known(each, stacks.get(each.tid, ())) if each.identity in some else each for each in scene.threads)
    return replace(scene, threads=tuple(threads))


def _known_loop(thread: Waiting, stack: _Stack) -> Waiting:
    return replace(thread, idle_loop=idle_loop_of(stack, thread.due))


def _known_server(thread: Waiting, stack: _Stack) -> Waiting:
    server = idle_loop_of(stack, thread.due, IDLE_SERVERS)
    objects = (replace(each, server=server) if isinstance(each, UnixListener) else each for each in thread.objects)
    return replace(thread, objects=tuple(objects))


def _is_reachable(thing: Object) -> bool:
    return isinstance(thing, UnixListener) and thing.reachable


def _stacks(pid: int, threads: Iterable[Waiting]) -> dict[int, _Stack]:
    """Return the stacks of a process by thread.

    py-spy tells a thread by the address of its descriptor, which lies where its stack does; only the main thread has
    its stack elsewhere.
    """
    found = sample_by_handle(find_py_spy(), pid, within_s=_WITHIN_S)
    if isinstance(found, NoStacks):
        return {}
    parts = [*mappings(pid)]
    tids = {_part(parts, _stack_pointer(pid, thread.tid)): thread.tid for thread in threads if thread.pid == pid}
    stacks = {tids[part]: stack for handle, stack in found.items() if (part := _part(parts, handle)) in tids}
    rest = [stack for handle, stack in found.items() if _part(parts, handle) not in tids]
    return stacks | ({pid: rest[0]} if len(rest) == 1 and pid not in stacks else {})


def _part(parts: Iterable[Mapping], address: int) -> int:
    """Return where the part of memory with an address begins; 0 for none."""
    return next((part.start for part in parts if part.start <= address < part.end), 0)


def _stack_pointer(pid: int, tid: int) -> int:
    words = proc.read(f"/proc/{pid}/task/{tid}/syscall").split()
    return int(words[_STACK_POINTER], 16) if len(words) > _STACK_POINTER else 0
