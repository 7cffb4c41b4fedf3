"""The sockets of the networks that a tree lives in: what each is, who has the other end, what the kernel has set."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from bisectrix.supervise import proc
from bisectrix.supervise.proof.census import Census
from bisectrix.supervise.proof.scene import (
    Datagrams,
    Holders,
    Listener,
    Object,
    Opaque,
    TcpSocket,
    UnixListener,
    UnixSocket,
)
from bisectrix.supervise.proof.sock_diag import UnixEnd, open_in, unix_ends
from bisectrix.supervise.surroundings import address_of

_ESTABLISHED, _LISTENS = "01", "0A"
_PROBE = "window probe"
"""Asks a peer that has no room whether it has some by now, which it has when it has read: whoever holds it decides."""
_TIMERS = MappingProxyType({"01": "retransmission", "02": "keepalive", "03": "end-of-connection", "04": _PROBE})
_NO_TIMER = "00"
_ADDRESS, _PEER, _STATE, _TIMER, _INODE = 1, 2, 3, 5, 9


@dataclass(frozen=True, kw_only=True, slots=True)
class TcpEnd:
    """One line of `/proc/PID/net/tcp`; addresses as `127.0.0.1:80`, `[::1]:80`; inode 0 until it is accepted."""

    inode: int
    local: str
    remote: str
    state: str
    timer: str


def tcp_ends(table: str) -> Iterator[TcpEnd]:
    """Read a table of TCP or UDP sockets."""
    for line in table.splitlines()[1:]:
        words = line.split()
        timer = words[_TIMER].partition(":")[0]
        yield TcpEnd(
            inode=int(words[_INODE]),
            local=_told(words[_ADDRESS]),
            remote=_told(words[_PEER]),
            state=words[_STATE],
            timer="" if timer == _NO_TIMER else _TIMERS.get(timer, "kernel"),
        )


def _told(words: str) -> str:
    address, _, port = words.partition(":")
    told = address_of(address)
    return f"{told}:{int(port, 16)}" if told.version == 4 else f"[{told}]:{int(port, 16)}"  # noqa: PLR2004 - IPv4


class Network:
    """The sockets of the network of one process at one moment."""

    def __init__(self, pid: int, asking: socket.socket | None, census: Census) -> None:
        """Read tables when they are first needed; without `asking`, Unix sockets are not understood."""
        self._pid = pid
        self._asking = asking
        self._census = census

    def object_of(self, inode: int) -> Object:
        """Return what a socket is, and who holds its other end."""
        if inode in self._tcp:
            return self._tcp_object(self._tcp[inode])
        if inode in self._udp:
            return Datagrams(local=self._udp[inode].local)
        if end := self._unix.get(inode):
            return self._unix_object(end)
        return Opaque(what=f"socket {inode}", why="it is of a kind that we do not look into")

    @cached_property
    def _ends(self) -> tuple[TcpEnd, ...]:
        return tuple(end for name in ("tcp", "tcp6") for end in tcp_ends(self._table(name)))

    @cached_property
    def _tcp(self) -> Mapping[int, TcpEnd]:
        return {end.inode: end for end in self._ends if end.inode}

    @cached_property
    def _udp(self) -> Mapping[int, TcpEnd]:
        return {end.inode: end for name in ("udp", "udp6") for end in tcp_ends(self._table(name)) if end.inode}

    @cached_property
    def _unix(self) -> Mapping[int, UnixEnd]:
        return unix_ends(self._asking) if self._asking else {}

    def _table(self, name: str) -> str:
        return proc.read(f"/proc/{self._pid}/net/{name}").decode()

    def _tcp_object(self, end: TcpEnd) -> Object:
        if end.state == _LISTENS:
            return Listener(local=end.local)
        peer = next((one for one in self._ends if (one.local, one.remote) == (end.remote, end.local)), None)
        peers = self._peers(peer)
        timers = [one.timer for one in (end, peer) if one and one.timer]
        if peers and not peers.outside:
            timers = [timer for timer in timers if timer != _PROBE]
        if not timers and peer and (end.state, peer.state) != (_ESTABLISHED, _ESTABLISHED):
            timers = ["end-of-connection"]
        return TcpSocket(local=end.local, remote=end.remote, peers=peers, timer=timers[0] if timers else "")

    def _peers(self, peer: TcpEnd | None) -> Holders | None:
        """Return who holds a socket; one that waits to be accepted is held by who listens there."""
        if peer is None:
            return None
        inodes = [peer.inode] if peer.inode else [end.inode for end in self._ends if _accepts(end, peer)]
        return self._held(inodes)

    def _held(self, inodes: list[int]) -> Holders:
        held = [self._census.holders(f"socket:[{inode}]") for inode in inodes]
        inside = {pid for holders in held for pid in holders.inside}
        outside = {name for holders in held for name in holders.outside}
        if not inside and not outside:
            outside = {"somebody we do not see"}
        return Holders(inside=tuple(sorted(inside)), outside=tuple(sorted(outside)))

    def _unix_object(self, end: UnixEnd) -> Object:
        """Say who has the other end; who waits to be accepted in another network is held by somebody we do not see."""
        if end.listens:
            return UnixListener(name=end.name or f"socket {end.inode}", reachable=True)
        if not end.stream and end.name:
            return Opaque(what=f"datagrams for {end.name}", why="anybody can send one", stirred=True)
        inodes = [end.peer] if end.peer else [one.inode for one in self._unix.values() if end.inode in one.pending]
        return UnixSocket(inode=end.inode, peers=self._held(inodes))


def _accepts(listener: TcpEnd, peer: TcpEnd) -> bool:
    return listener.state == _LISTENS and listener.local.rpartition(":")[2] == peer.local.rpartition(":")[2]


class Networks:
    """Sockets that ask about networks, one for each; kept as long as the tree is watched."""

    def __init__(self) -> None:
        """Open each when it is first needed."""
        self._asking: dict[str, socket.socket | None] = {}

    def of(self, pid: int, census: Census) -> Network:
        """Return the network that a process lives in."""
        name = proc.link(f"/proc/{pid}/ns/net")
        if name not in self._asking:
            self._asking[name] = open_in(pid) if name else None
        return Network(pid, self._asking[name], census)


def is_private(census: Census) -> bool:
    """Say whether the tree has one network, with loopback only, that no other process is in."""
    devices = proc.read(f"/proc/{census.tree[0]}/net/dev").decode().splitlines()[2:]
    only_loopback = [line.partition(":")[0].strip() for line in devices] == ["lo"]
    return only_loopback and census.is_alone_in("net")
