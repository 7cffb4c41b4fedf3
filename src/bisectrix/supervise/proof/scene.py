"""What a deep look saw: each thread, the objects that it waits on, and who could end those waits; values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bisectrix.supervise.sample import Identity
from bisectrix.supervise.syscalls import Until

SHARED_MEMORY = "/dev/shm/"  # noqa: S108 - where the system keeps it; nothing is made there
"""Where named shared memory and semaphores lie."""


class Wants(StrEnum):
    """What a thread waits for on a descriptor."""

    DATA = "data"
    ROOM = "room"


@dataclass(frozen=True, kw_only=True, slots=True)
class Holders:
    """Who holds an object.

    Attributes:
        inside: pids of the tree, ascending.
        outside: `4711 (sshd)`, processes of others.
    """

    inside: tuple[int, ...] = ()
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Futex:
    """A word of memory; a private one is seen by the threads of one process only.

    Attributes:
        mapping: the shared memory it lies in; empty where it is private.
        holders: who maps that memory, where it is shared.
        owner: the thread that holds it, of a lock that says so; 0 where it does not.
    """

    address: int
    process: int
    mapping: str = ""
    holders: Holders = Holders()
    owner: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipe:
    """One end of a pipe.

    Attributes:
        path: of a named one, which anybody can open.
        holders: of either end.
    """

    inode: int
    wants: Wants
    holders: Holders
    path: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpeningPipe:
    """Opening a named pipe waits until somebody opens the other end."""

    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnixSocket:
    """One end of a connection within the machine; `peers` holds the other one."""

    inode: int
    peers: Holders


@dataclass(frozen=True, kw_only=True, slots=True)
class UnixListener:
    """A socket to which local processes connect; `name` begins with `@` where it is no file.

    Attributes:
        reachable: whether anybody outside of the tree could connect.
        server: what is taken for granted of whoever listens, where that is known.
    """

    name: str
    reachable: bool
    server: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TcpSocket:
    """One end of a TCP connection.

    Attributes:
        peers: who holds the other end; None where that is on no socket of this machine's table.
        timer: what the kernel will do by itself, `retransmission`; empty for nothing.
    """

    local: str
    remote: str
    peers: Holders | None
    timer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listener:
    """A TCP socket that accepts connections."""

    local: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Datagrams:
    """A UDP socket: whoever knows its address can send to it."""

    local: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EventCounter:
    """An eventfd."""

    number: int
    holders: Holders


@dataclass(frozen=True, kw_only=True, slots=True)
class TimerDescriptor:
    """A timerfd."""

    is_set: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Children:
    """Processes whose end, or change, is waited for: pids, ascending."""

    pids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessEnd:
    """A pidfd."""

    pid: int
    inside: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FileLock:
    """A lock on a file."""

    path: str
    kind: str
    holders: Holders


@dataclass(frozen=True, kw_only=True, slots=True)
class AwaitedSignal:
    """Nothing but a signal ends the wait; `name` says which."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Opaque:
    """Something that is not understood, or that the outside can act on at any time.

    Attributes:
        why: why it forbids a proof.
        stirred: it is known that something else than this tree can end the wait.
    """

    what: str
    why: str
    stirred: bool = False


Object: TypeAlias = (
    Futex
    | Pipe
    | OpeningPipe
    | UnixSocket
    | UnixListener
    | TcpSocket
    | Listener
    | Datagrams
    | EventCounter
    | TimerDescriptor
    | Children
    | ProcessEnd
    | FileLock
    | AwaitedSignal
    | Opaque
)


@dataclass(frozen=True, slots=True)
class Due:
    """When a timer ends a wait.

    Attributes:
        seconds: from now; or how long the wait takes from its start, which nobody knows.
    """

    seconds: float
    from_now: bool

    @property
    def told(self) -> str:
        """`sleeps for another 3597 s`, `sleeps 0.5 s at a time`."""
        if self.from_now:
            return f"sleeps for another {max(0.0, self.seconds):.0f} s"
        return f"sleeps {self.seconds:g} s at a time"


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """One thread and all that it waits on; any one of them ends the wait.

    Attributes:
        due: when a timer ends the wait; None where none does, or where that cannot be read.
        ran: it ran while the tree was watched.
        idle_loop: what it is known to do whenever a timer wakes it; empty where nobody knows.
    """

    pid: int
    tid: int
    start: int
    call: str
    until: Until
    objects: tuple[Object, ...] = ()
    due: Due | None = None
    ran: bool = False
    idle_loop: str = ""

    @property
    def identity(self) -> Identity:
        """What makes it the same thread in two looks."""
        return self.pid, self.tid, self.start


class Alarm(StrEnum):
    """What is known of the timer that `alarm` and `setitimer` set, which no file of a process shows."""

    NONE = "none"
    POSSIBLE = "possible"
    EXPECTED = "expected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """What could stir a process whatever its threads wait on.

    Attributes:
        command: its command line.
        stirring: timers that are set and signals on their way, in words.
        alarm: `EXPECTED` where somebody has set one, or where it could be set and the process has a handler for it.
        unreadable: why nothing can be said of it, `a 32-bit program`; empty otherwise.
    """

    pid: int
    command: str
    stirring: tuple[str, ...] = ()
    alarm: Alarm = Alarm.NONE
    unreadable: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A whole tree that stands still.

    Attributes:
        quiet_s: how long nothing but timers has woken any of it.
        private_network: no other process can reach its addresses.
        private_memory: no other process can map what lies in its shared memory, whatever the name.
        unseen: how many processes outside of the tree do not let us see what they hold.
    """

    threads: tuple[Waiting, ...]
    processes: tuple[Process, ...]
    quiet_s: float
    private_network: bool = False
    private_memory: bool = False
    unseen: int = 0
