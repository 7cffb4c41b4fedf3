"""What could wake a tree that stands still: peers on other machines, and timers that no thread waits in."""

from __future__ import annotations

import ipaddress
import re
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bisectrix.supervise import proc

_LIVE_STATES = frozenset({"01", "02"})  # established, connection asked for
_TABLES = ("tcp", "tcp6")
_TIMER_LIST = b"Timer List Version"
_UNNAMED_TIMER = re.compile(rb"^ #\d+: <[^>]*>, [^A-Za-z_]", re.MULTILINE)
_ALARM_TIMER = b"it_real_fn"
_READS = 8
"""The kernel finds each timer that it lists by its place: where an earlier one ends meanwhile, the next is left out. On a
busy machine that is so in one read of a hundred, in two in a row it is in one of ten thousand."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What lies outside the threads of a tree.

    Attributes:
        outside: `address:port` of peers that are on no loopback address, sorted.
        timers: `POSIX timer of 4711`, `timer descriptor of 4711`; those that are set, sorted.
        alarms: `SIGALRM handler of 4711`, `an alarm of some process`; the kernel does not tell whose is set, sorted.
    """

    outside: tuple[str, ...] = ()
    timers: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


def look_around(pids: Sequence[int]) -> Surroundings:
    """Read the connections and timers of the processes named."""
    outside = {peer for pid in pids for peer in _outside_peers(pid)}
    timers = {timer for pid in pids for timer in _timers(pid)}
    alarms = {f"SIGALRM handler of {pid}" for pid in pids if _catches_alarms(pid)}
    alarms |= {"an alarm of some process"} if alarm_is_set() else set()
    return Surroundings(outside=tuple(sorted(outside)), timers=tuple(sorted(timers)), alarms=tuple(sorted(alarms)))


def alarm_is_set() -> bool | None:
    """Tell whether `alarm` or `setitimer` has set a timer of any process; None where the kernel does not say."""
    for _ in range(_READS):
        found = alarm_among(proc.read("/proc/timer_list"))
        if found is not False:
            return found
    return False


def alarm_among(timers: bytes) -> bool | None:
    """Tell whether one of the kernel's timers is an alarm; None where the list is empty, or has addresses for names."""
    if not timers.startswith(_TIMER_LIST) or _UNNAMED_TIMER.search(timers):
        return None
    return _ALARM_TIMER in timers


def outside_peers(table: str, inodes: frozenset[str]) -> Iterable[str]:
    """Yield the peers in a table of `/proc/PID/net/tcp` that are on other machines, for the sockets named."""
    for line in table.splitlines()[1:]:
        words = line.split()
        address, port = words[2].split(":")
        peer = address_of(address)
        if words[3] in _LIVE_STATES and words[9] in inodes and not peer.is_loopback:
            yield f"{peer}:{int(port, 16)}"


def address_of(words: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Read an address of little-endian 32-bit words; IPv4 in IPv6 becomes IPv4."""
    raw = bytes.fromhex(words)
    address = ipaddress.ip_address(b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4)))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _outside_peers(pid: int) -> Iterable[str]:
    links = proc.links(f"/proc/{pid}/fd")
    inodes = frozenset(link[len("socket:[") : -1] for _, link in links if link.startswith("socket:["))
    if inodes:
        for table in _TABLES:
            yield from outside_peers(proc.read(f"/proc/{pid}/net/{table}").decode(), inodes)


def _timers(pid: int) -> Iterable[str]:
    if proc.read(f"/proc/{pid}/timers").strip():
        yield f"POSIX timer of {pid}"
    for name, link in proc.links(f"/proc/{pid}/fd"):
        if link == "anon_inode:[timerfd]" and _is_set(pid, name):
            yield f"timer descriptor of {pid}"


def _is_set(pid: int, descriptor: str) -> bool:
    for line in proc.read(f"/proc/{pid}/fdinfo/{descriptor}").splitlines():
        if line.startswith(b"it_value:"):
            return line.split(b":", 1)[1].strip() != b"(0, 0)"
    return False


def _catches_alarms(pid: int) -> bool:
    for line in proc.read(f"/proc/{pid}/status").splitlines():
        if line.startswith(b"SigCgt:"):
            return bool(int(line.split()[1], 16) >> (signal.SIGALRM - 1) & 1)
    return False
