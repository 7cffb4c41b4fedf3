"""Open sockets of a tree, and who holds the other end of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bisectrix.supervise import proc
from bisectrix.supervise.proof.sock_diag import open_in, unix_ends
from bisectrix.supervise.surroundings import address_of

_TCP_STATES: Sequence[str] = (
    *("", "established", "connecting", "accepting", "closing", "closing", "time-wait", "closed"),
    *("closed by the other end", "closing", "listening", "closing"),
)
"""By the number in `/proc/net/tcp`; in words where the name of the protocol tells little."""

_UNIX_KINDS: Mapping[str, str] = MappingProxyType({"0001": "stream", "0002": "datagram", "0005": "packets"})
_UNIX_LISTENS = 1 << 16
_INTERNET = ("tcp", "tcp6", "udp", "udp6")


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """A descriptor of a process."""

    pid: int
    descriptor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenSocket:
    """One socket.

    Attributes:
        kind: `tcp`, `udp`, `unix stream`; `socket` for a family that is not looked into.
        local: `127.0.0.1:8080`, or the path of a named unix socket; may be empty.
        remote: the same; empty where it is connected to nothing.
        state: in words; empty where there is none.
        unread: bytes that it has received and nobody has read.
        unsent: bytes that the other end has not taken yet.
        other_end: who holds it; empty where nobody on this machine does, or where it cannot be known.
    """

    holder: Holder
    kind: str
    local: str
    remote: str
    state: str
    unread: int = 0
    unsent: int = 0
    other_end: tuple[Holder, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of a table of sockets in `/proc/PID/net`."""

    inode: str
    kind: str
    local: str
    remote: str
    state: str
    unread: int = 0
    unsent: int = 0


def look_at_sockets(pids: Sequence[int]) -> tuple[OpenSocket, ...]:
    """Return the sockets of these processes, in the order of processes and descriptors."""
    mine = [(holder, inode) for pid in pids for holder, inode in _sockets_of(pid)]
    if not mine:
        return ()
    networks = tuple(_one_of_each_network(pids))
    entries = {entry.inode: entry for pid in networks for entry in _entries(pid)}
    peers = _peers(entries) | {inode: peer for pid in networks for inode, peer in _unix_peers(pid)}
    needed = {peer for _, inode in mine if (peer := peers.get(inode))}
    owners: dict[str, list[Holder]] = {}
    for holder, inode in mine:
        owners.setdefault(inode, []).append(holder)
    for holder, inode in _held_by_others(pids) if needed - owners.keys() else ():
        if inode in needed:
            owners.setdefault(inode, []).append(holder)
    return tuple(_described(holder, entries.get(inode), owners.get(peers.get(inode, ""), ())) for holder, inode in mine)


def parse_internet(table: str, protocol: str) -> Iterator[Entry]:
    """Yield the lines of `tcp`, `tcp6`, `udp` or `udp6`."""
    for words in (line.split() for line in table.splitlines()[1:]):
        unsent, _, unread = words[4].partition(":")
        state = int(words[3], 16)
        is_tcp = protocol.startswith("tcp")
        yield Entry(
            inode=words[9],
            kind=protocol.rstrip("6"),
            local=_end(words[1]),
            remote=_end(words[2]) if int(words[2].rpartition(":")[2], 16) else "",
            state=_TCP_STATES[state] if is_tcp and state < len(_TCP_STATES) else "",
            unread=int(unread, 16),
            unsent=int(unsent, 16),
        )


def parse_unix(table: str) -> Iterator[Entry]:
    """Yield the lines of `unix`; which socket is the other end of which does not stand there."""
    for words in (line.split(maxsplit=7) for line in table.splitlines()[1:]):
        listens = int(words[3], 16) & _UNIX_LISTENS
        path = words[7] if len(words) > 7 else ""  # noqa: PLR2004 - only a named socket has an eighth word
        kind = f"unix {_UNIX_KINDS.get(words[4], '')}".strip()
        yield Entry(inode=words[6], kind=kind, local=path, remote="", state="listening" if listens else "")


def _end(words: str) -> str:
    address, _, port = words.partition(":")
    host = address_of(address)
    return f"[{host}]:{int(port, 16)}" if host.version == 6 else f"{host}:{int(port, 16)}"  # noqa: PLR2004 - IPv6


def _sockets_of(pid: int) -> Iterator[tuple[Holder, str]]:
    for descriptor, link in sorted((int(name), link) for name, link in proc.links(f"/proc/{pid}/fd")):
        if link.startswith("socket:["):
            yield Holder(pid=pid, descriptor=descriptor), link[len("socket:[") : -1]


def _held_by_others(pids: Sequence[int]) -> Iterator[tuple[Holder, str]]:
    for name in proc.names("/proc"):
        if name.isdigit() and int(name) not in pids:
            yield from _sockets_of(int(name))


def _one_of_each_network(pids: Iterable[int]) -> Iterable[int]:
    return {proc.link(f"/proc/{pid}/ns/net"): pid for pid in pids}.values()


def _entries(pid: int) -> Iterator[Entry]:
    for protocol in _INTERNET:
        yield from parse_internet(proc.read(f"/proc/{pid}/net/{protocol}").decode(), protocol)
    yield from parse_unix(proc.read(f"/proc/{pid}/net/unix").decode(errors="replace"))


def _peers(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return the inode of the other end of each socket that has one on this machine."""
    ends = {(entry.kind, entry.local, entry.remote): inode for inode, entry in entries.items() if entry.remote}
    found = {inode: ends.get((entry.kind, entry.remote, entry.local), "") for inode, entry in entries.items()}
    return {inode: peer for inode, peer in found.items() if peer}


def _unix_peers(pid: int) -> Iterator[tuple[str, str]]:
    """Yield the two ends of each connection through Unix sockets in the network of a process."""
    asking = open_in(pid)
    if asking:
        with asking:
            yield from ((str(end.inode), str(end.peer)) for end in unix_ends(asking).values() if end.peer)


def _described(holder: Holder, entry: Entry | None, other_end: Iterable[Holder]) -> OpenSocket:
    if entry is None:
        return OpenSocket(holder=holder, kind="socket", local="", remote="", state="")
    return OpenSocket(
        holder=holder,
        kind=entry.kind,
        local=entry.local,
        remote=entry.remote,
        state=entry.state,
        unread=entry.unread,
        unsent=entry.unsent,
        other_end=tuple(other_end),
    )
