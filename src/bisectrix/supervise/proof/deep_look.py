"""Takes a deep look at a tree that stands still: for each thread, the objects it waits on and who holds them.

Nothing is stopped or traced: all of it is read from /proc, from the memory of the processes and from sock_diag.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator
from functools import partial
from typing import assert_never

from bisectrix.supervise import proc
from bisectrix.supervise.proof import file_locks
from bisectrix.supervise.proof.asks import (
    Asks,
    AsksChild,
    AsksDescriptor,
    AsksEpoll,
    AsksFutex,
    AsksLock,
    AsksOpening,
    AsksProcessEnd,
    AsksSignal,
    AsksUnknown,
    asks,
    for_events,
)
from bisectrix.supervise.proof.census import Census, field, information
from bisectrix.supervise.proof.due import due_of
from bisectrix.supervise.proof.memory import is_memory_private, mapping_of, peek
from bisectrix.supervise.proof.networks import Network, Networks, is_private
from bisectrix.supervise.proof.scene import (
    AwaitedSignal,
    Children,
    EventCounter,
    Futex,
    Object,
    Opaque,
    OpeningPipe,
    Pipe,
    ProcessEnd,
    Scene,
    TimerDescriptor,
    Waiting,
    Wants,
)
from bisectrix.supervise.proof.sockets import time_limit
from bisectrix.supervise.proof.stirring import Alarms, process, timer_is_set
from bisectrix.supervise.sample import Identity, Look, Thread
from bisectrix.supervise.syscalls import Call, Until, call_of
from bisectrix.supervise.tree import children

_OWNER = 0x3FFFFFFF
_DEEPEST_EPOLL = 5
_TRIES = 5
_PAUSE_S = 0.002
_EVENT_COUNTER = "anon_inode:[eventfd]"


def deep_look(now: Look, ours: Iterable[int], networks: Networks, *, ran: frozenset[Identity], quiet_s: float) -> Scene:
    """See what each thread of a tree waits on.

    Args:
        now: its threads.
        ours: processes of our own, which wake nobody.
        networks: of this tree, kept from one look to the next.
        ran: threads that ran while the tree was watched.
        quiet_s: how long it has been quiet.
    """
    pids = tuple(sorted(now.pids))
    census, alarms = Census(pids, ours), Alarms()
    seen = {pid: _Seen(pid, census, networks.of(pid, census)) for pid in pids}
    threads = tuple(seen[thread.pid].waiting(thread, ran=thread.identity in ran) for thread in now.threads)
    return Scene(
        threads=threads,
        processes=tuple(process(pid, census.tables[pid], alarms) for pid in pids),
        quiet_s=quiet_s,
        private_network=is_private(census),
        private_memory=is_memory_private(census),
        unseen=census.unseen,
    )


class _Seen:
    """One process of the tree while it is looked at."""

    def __init__(self, pid: int, census: Census, network: Network) -> None:
        self._pid = pid
        self._census = census
        self._network = network

    def waiting(self, thread: Thread, *, ran: bool) -> Waiting:
        until = thread.wait.until
        call = self._call(thread, tries=_TRIES if until is Until.TIMER else 1)
        memory = partial(peek, self._pid)
        objects: tuple[Object, ...] = ()
        if until is Until.STOPPED:
            objects = (AwaitedSignal(name="SIGCONT"),)
        elif call is None and until is Until.TIMER:
            objects = (Opaque(what=f"thread {thread.tid}", why="it ran while it was looked at"),)
        elif call and until in {Until.FOR_EVER, Until.TIMER}:
            objects = tuple(thing for ask in asks(call, memory) for thing in self._objects(ask, thread.tid))
        return Waiting(
            pid=thread.pid,
            tid=thread.tid,
            start=thread.start,
            call=thread.wait.call,
            until=until,
            objects=objects,
            due=due_of(call, memory) if call and until is Until.TIMER else None,
            ran=ran,
        )

    def _call(self, thread: Thread, tries: int) -> Call | None:
        """Return the call that a thread is still in; one that polls may be caught between two waits."""
        for _ in range(tries):
            call = call_of(proc.read(f"/proc/{thread.pid}/task/{thread.tid}/syscall").decode())
            if call and call.name == thread.wait.call:
                return call
            time.sleep(_PAUSE_S)
        return None

    def _objects(self, ask: Asks, tid: int) -> Iterator[Object]:
        match ask:
            case AsksFutex():
                yield self._futex(ask)
            case AsksDescriptor():
                yield from self._descriptor(ask, tid)
            case AsksEpoll(number=number):
                yield from self._epoll(number, tid, depth=0)
            case AsksChild(pid=pid):
                yield Children(pids=self._children(pid))
            case AsksProcessEnd(descriptor=number):
                yield self._process_end(number, tid)
            case AsksLock(descriptor=number):
                yield file_locks.awaited(self._pid, self._link(tid, number), self._census)
            case AsksSignal(name=name):
                yield AwaitedSignal(name=name)
            case AsksOpening(folder=folder, path=path):
                yield self._opening(folder, path, tid)
            case AsksUnknown(why=why, stirred=stirred):
                yield Opaque(what=f"process {self._pid}", why=why, stirred=stirred)
            case _:
                assert_never(ask)

    def _children(self, awaited: int) -> tuple[int, ...]:
        """Return the child that the process knows by this number, or all of them for 0."""
        found = tuple(sorted(children(self._pid)))
        return (_known_as(awaited, found),) if awaited else found

    def _owner(self, ask: AsksFutex) -> int:
        """Return the thread that a lock names as its owner; 0 when it names none."""
        owner = int.from_bytes(peek(self._pid, ask.address, 4), "little") & _OWNER if ask.names_owner else 0
        threads = (int(tid) for pid in self._census.tree for tid in proc.names(f"/proc/{pid}/task"))
        return _known_as(owner, threads) if owner else 0

    def _futex(self, ask: AsksFutex) -> Object:
        owner = self._owner(ask)
        if ask.private:
            return Futex(address=ask.address, process=self._pid, owner=owner)
        mapping = mapping_of(self._pid, ask.address)
        if mapping is None:
            return Opaque(what=f"futex {ask.address:#x}", why="what memory it lies in cannot be read")
        if not mapping.shared:
            return Futex(address=ask.address, process=self._pid, owner=owner)
        path = mapping.path or mapping.file.decode()
        holders = self._census.mappers(mapping.file)
        return Futex(address=ask.address, process=self._pid, mapping=path, holders=holders, owner=owner)

    def _link(self, tid: int, number: int) -> str:
        return proc.link(f"/proc/{self._pid}/task/{tid}/fd/{number}")

    def _descriptor(self, ask: AsksDescriptor, tid: int, depth: int = 0) -> Iterator[Object]:
        link = self._link(tid, ask.number)
        kind, _, inode = link.rstrip("]").partition(":[")
        match kind:
            case "pipe":
                yield self._pipe(link, int(inode), ask.wants)
            case "socket":
                if ask.blocks and (limit := time_limit(self._pid, ask.number, sends=ask.wants is Wants.ROOM)):
                    yield limit
                yield self._network.object_of(int(inode))
            case "anon_inode":
                yield from self._anonymous(inode, ask, tid, depth)
            case _:
                yield self._file(link, ask, tid)

    def _pipe(self, link: str, inode: int, wants: Wants) -> Pipe:
        holders = self._census.holders(link, and_ours=wants is Wants.ROOM)
        return Pipe(inode=inode, wants=wants, holders=holders)

    def _anonymous(self, kind: str, ask: AsksDescriptor, tid: int, depth: int) -> Iterator[Object]:
        told = information(self._pid, tid, ask.number)
        match kind:
            case "eventpoll":
                yield from self._epoll(ask.number, tid, depth=depth + 1)
            case "eventfd" if number := field(told, b"eventfd-id:"):
                yield self._event_counter(number)
            case "timerfd":
                yield TimerDescriptor(is_set=timer_is_set(told))
            case "pidfd":
                yield self._process_end(ask.number, tid)
            case "signalfd":
                yield AwaitedSignal(name="a signal")
            case _:
                yield Opaque(what=f"{kind} descriptor", why="anything can happen there", stirred=kind == "inotify")

    def _event_counter(self, number: bytes) -> EventCounter:
        holders = self._census.holders_where(_EVENT_COUNTER, lambda told: field(told, b"eventfd-id:") == number)
        return EventCounter(number=int(number), holders=holders)

    def _file(self, link: str, ask: AsksDescriptor, tid: int) -> Object:
        try:
            mode = os.stat(f"/proc/{self._pid}/task/{tid}/fd/{ask.number}").st_mode  # noqa: PTH116 - a link of /proc
        except OSError:
            return Opaque(what=link or f"descriptor {ask.number}", why="what it is cannot be read")
        if stat.S_ISFIFO(mode):
            holders = self._census.holders(link, and_ours=True)
            return Pipe(inode=0, wants=ask.wants, holders=holders, path=link)
        return Opaque(what=link, why="a device or file system decides", stirred=stat.S_ISCHR(mode))

    def _epoll(self, number: int, tid: int, *, depth: int) -> Iterator[Object]:
        """Look at what is registered; a descriptor closed meanwhile may stay so under the number of another."""
        found = [*self._registered(number, tid, depth)] if depth < _DEEPEST_EPOLL else []
        yield from found or [AwaitedSignal(name="a signal")]

    def _registered(self, number: int, tid: int, depth: int) -> Iterator[Object]:
        for line in information(self._pid, tid, number).splitlines():
            words = line.replace(b":", b": ").split()
            if words[:1] != [b"tfd:"]:
                continue
            said = dict(zip(words[::2], words[1::2], strict=False))
            target, events = int(said[b"tfd:"]), int(said[b"events:"], 16)
            link = self._link(tid, target)
            kind, _, inode = link.rstrip("]").partition(":[")
            if not link or (kind in {"pipe", "socket"} and inode != str(int(said.get(b"ino:", b"0"), 16))):
                yield Opaque(what=f"descriptor {target}", why="it was closed while registered with epoll")
                continue
            for ask in for_events(target, events):
                yield from self._descriptor(ask, tid, depth)

    def _process_end(self, number: int, tid: int) -> Object:
        told = field(information(self._pid, tid, number), b"Pid:")
        if not told or int(told) <= 0:
            return Opaque(what=f"descriptor {number}", why="which process it stands for cannot be read")
        return ProcessEnd(pid=int(told), inside=int(told) in self._census.tree)

    def _opening(self, folder: int, path: bytes, tid: int) -> Object:
        name = os.fsdecode(path)
        start = f"/proc/{self._pid}/cwd" if folder < 0 else f"/proc/{self._pid}/task/{tid}/fd/{folder}"
        place = f"/proc/{self._pid}/root{name}" if name.startswith("/") else f"{start}/{name}"
        try:
            is_fifo = stat.S_ISFIFO(os.stat(place).st_mode)  # noqa: PTH116 - below a link of /proc
        except OSError:
            is_fifo = False
        return (
            OpeningPipe(path=name) if is_fifo else Opaque(what=name, why="opening it waits, and nobody knows for what")
        )


def _known_as(number: int, candidates: Iterable[int]) -> int:
    """Return which of some processes or threads goes by a number in a namespace of its own; the number if none does."""
    return next((each for each in candidates if proc.pid_inside(each) == number), number)
