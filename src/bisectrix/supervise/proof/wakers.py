"""Who could end a wait on one object: the tree itself, somebody else, or nobody as long as an assumption holds; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, assert_never

from bisectrix.model.words import OverrunLabel
from bisectrix.supervise.proof.scene import (
    SHARED_MEMORY,
    AwaitedSignal,
    Children,
    Datagrams,
    EventCounter,
    FileLock,
    Futex,
    Holders,
    Listener,
    Object,
    Opaque,
    OpeningPipe,
    Pipe,
    ProcessEnd,
    Scene,
    TcpSocket,
    TimerDescriptor,
    UnixListener,
    UnixSocket,
    Wants,
)


class Kind(StrEnum):
    """What an assumption is about."""

    NETWORK = "network"
    SIGNAL = "signal"
    ALARM = "alarm"
    OPENING = "opening"
    UNSEEN = "unseen"
    IDLE_LOOP = "idle loop"


@dataclass(frozen=True, slots=True)
class Assumption:
    """What must be true for a tree to be dead, a clause: `nobody connects to 127.0.0.1:41833`."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Inside:
    """Only the tree itself could end the wait."""


@dataclass(frozen=True, slots=True)
class Assumes:
    """The same, as long as an assumption holds."""

    assumption: Assumption


@dataclass(frozen=True, slots=True)
class Outside:
    """Something else can end the wait."""

    reason: str
    label: OverrunLabel = OverrunLabel.OUTSIDE_PROCESS


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can tell.

    Attributes:
        passing: it may have nothing to do with the tree, and be over at any moment.
    """

    reason: str
    passing: bool = False


Waker: TypeAlias = Inside | Assumes | Outside | Unknown


@dataclass(frozen=True, slots=True)
class Explained:
    """A wait in words: on what, and what would end it."""

    on: str
    woken_by: str
    waker: Waker


_INSIDE = Inside()


def explain(thing: Object, scene: Scene) -> Explained:  # noqa: C901, PLR0911, PLR0912 - one case for each kind of object
    """Put a wait on one object into words and say who could end it."""
    match thing:
        case Futex():
            return _futex(thing, scene)
        case Pipe():
            return _pipe(thing, scene)
        case OpeningPipe(path=path):
            return _opening(f"the other end of {path}", path)
        case UnixSocket(inode=inode, peers=peers):
            return _held(f"socket {inode}", "its other end", peers, scene)
        case UnixListener():
            return _unix_listener(thing)
        case TcpSocket():
            return _tcp(thing, scene)
        case Listener(local=local):
            return _addressed(f"connections to {local}", f"nobody connects to {local}", scene)
        case Datagrams(local=local):
            return _datagrams(local, scene)
        case EventCounter(number=number, holders=holders):
            return _held(f"event counter {number}", "it", holders, scene)
        case TimerDescriptor(is_set=is_set):
            return _timer(is_set=is_set)
        case Children(pids=pids):
            return Explained(_children(pids), "their end", _INSIDE)
        case ProcessEnd(pid=pid, inside=inside):
            waker = _INSIDE if inside else Outside(f"process {pid} is not of this tree")
            return Explained(f"the end of process {pid}", f"process {pid}", waker)
        case FileLock():
            return _file_lock(thing, scene)
        case AwaitedSignal(name=name):
            assumption = Assumption(Kind.SIGNAL, f"nobody outside sends {name}")
            return Explained(name, "whoever sends it", Assumes(assumption))
        case Opaque(what=what, why=why, stirred=stirred):
            return Explained(what, why, Outside(f"{what}: {why}") if stirred else Unknown(f"{what}: {why}"))
        case _:
            assert_never(thing)


def _futex(thing: Futex, scene: Scene) -> Explained:
    address = f"{thing.address:#x}"
    if thing.mapping:
        told = _held(f"futex {address} in {thing.mapping}", "that memory", thing.holders, scene)
        private = scene.private_memory and thing.mapping.startswith(SHARED_MEMORY)
        has_name = not private and not thing.mapping.endswith("(deleted)")
        if has_name and isinstance(told.waker, Inside | Assumes):
            return Explained(
                told.on, told.woken_by, Assumes(Assumption(Kind.OPENING, f"nobody else maps {thing.mapping}"))
            )
        return told
    by = f"thread {thing.owner}, which holds it" if thing.owner else f"another thread of process {thing.process}"
    return Explained(f"futex {address}, private to process {thing.process}", by, _INSIDE)


def _pipe(thing: Pipe, scene: Scene) -> Explained:
    end = "read" if thing.wants is Wants.DATA else "write"
    name = thing.path or f"pipe {thing.inode}"
    told = _held(f"{end} end of {name}", "it", thing.holders, scene)
    if thing.path and isinstance(told.waker, Inside | Assumes):
        return Explained(told.on, told.woken_by, Assumes(Assumption(Kind.OPENING, f"nobody else opens {thing.path}")))
    return told


def _opening(on: str, path: str) -> Explained:
    return Explained(on, "whoever opens it", Assumes(Assumption(Kind.OPENING, f"nobody else opens {path}")))


def _unix_listener(thing: UnixListener) -> Explained:
    on = f"connections to {thing.name}"
    if not thing.reachable:
        return Explained(on, "a process of this tree that connects", _INSIDE)
    if thing.server:
        return Explained(on, "whoever connects", Assumes(Assumption(Kind.IDLE_LOOP, thing.server)))
    return Explained(on, "whoever connects", Assumes(Assumption(Kind.OPENING, f"nobody else connects to {thing.name}")))


def _tcp(thing: TcpSocket, scene: Scene) -> Explained:
    on = f"connection {thing.local} to {thing.remote}"
    if thing.peers is None:
        reason = f"connected to {thing.remote}, which is not of this tree"
        return Explained(on, f"whoever is at {thing.remote}", Outside(reason, OverrunLabel.OUTSIDE_ADDRESS))
    if thing.timer:
        reason = f"{on}: the kernel's {thing.timer} timer is set"
        return Explained(on, f"the kernel's {thing.timer} timer", Outside(reason, OverrunLabel.NEXT_WAKE_UP))
    return _held(on, "its other end", thing.peers, scene)


def _addressed(on: str, assumed: str, scene: Scene) -> Explained:
    if scene.private_network:
        return Explained(on, "a process of this tree, no other reaches this network", _INSIDE)
    return Explained(on, "whoever connects", Assumes(Assumption(Kind.NETWORK, assumed)))


def _datagrams(local: str, scene: Scene) -> Explained:
    on = f"datagrams for {local}"
    if scene.private_network:
        return _addressed(on, "", scene)
    return Explained(on, "whoever sends one", Outside(f"{on}: anybody can send one", OverrunLabel.OUTSIDE_ADDRESS))


def _timer(*, is_set: bool) -> Explained:
    if is_set:
        return Explained("timer descriptor", "its timer", Outside("a timer descriptor", OverrunLabel.NEXT_WAKE_UP))
    return Explained("timer descriptor that is not set", "whoever sets it", _INSIDE)


def _children(pids: tuple[int, ...]) -> str:
    if len(pids) == 1:
        return f"the end of child {pids[0]}"
    return f"the end of a child: {', '.join(map(str, pids))}"


def _file_lock(thing: FileLock, scene: Scene) -> Explained:
    if not thing.holders.inside and not thing.holders.outside:
        return Explained(f"{thing.kind} on {thing.path}", "its holder", Unknown(f"nobody seen holds {thing.path}"))
    return _held(f"{thing.kind} on {thing.path}", "the lock", thing.holders, scene)


def _held(on: str, held: str, holders: Holders, scene: Scene) -> Explained:
    inside = ", ".join(map(str, holders.inside)) or "nobody"
    if holders.outside:
        outside = ", ".join(holders.outside)
        return Explained(
            on, f"process {outside}, outside, holds {held}", Outside(f"{on} is held by {outside}, outside")
        )
    if scene.unseen:
        text = f"none of {scene.unseen} processes that nobody lets us look into holds {on}"
        return Explained(on, f"process {inside}, which holds {held}", Assumes(Assumption(Kind.UNSEEN, text)))
    return Explained(on, f"process {inside}, which holds {held}", _INSIDE)
