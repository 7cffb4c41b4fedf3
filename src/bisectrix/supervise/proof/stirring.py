"""What could stir a process whatever its threads wait on: timers that are set, signals on their way."""

from __future__ import annotations

import platform
import signal
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType

from bisectrix.supervise import proc
from bisectrix.supervise.proof.census import field, information
from bisectrix.supervise.proof.scene import Alarm, Process
from bisectrix.supervise.surroundings import alarm_is_set

_ALARM = 1 << (signal.SIGALRM - 1)
_ELF_HEADER_BYTES = 20
_MACHINES = MappingProxyType({"x86_64": 62, "aarch64": 183})


class Alarms:
    """Whether `alarm` or `setitimer` has set any timer on this machine, asked once."""

    @cached_property
    def is_set(self) -> bool | None:
        """None where the kernel does not list its timers to us."""
        return alarm_is_set()


def process(pid: int, table: Mapping[int, str], alarms: Alarms) -> Process:
    """Look at one process; `table` has its descriptors."""
    statuses = [proc.read(f"/proc/{pid}/task/{task}/status") for task in proc.names(f"/proc/{pid}/task")]
    return Process(
        pid=pid,
        command=proc.command_line(pid),
        stirring=(*_timers(pid), *_descriptors(pid, table), *_signals(pid, statuses)),
        alarm=_alarm(statuses, alarms),
        unreadable=_unreadable(pid, table),
    )


def _timers(pid: int) -> Iterator[str]:
    if proc.read(f"/proc/{pid}/timers").strip():
        yield f"POSIX timer of {pid}"


def _descriptors(pid: int, table: Mapping[int, str]) -> Iterator[str]:
    for number, link in table.items():
        if link == "anon_inode:[timerfd]" and timer_is_set(information(pid, pid, number)):
            yield f"timer descriptor of {pid} is set"


def timer_is_set(text: bytes) -> bool:
    """Read what the kernel says of a timerfd; what it does not say counts as set."""
    return field(text, b"it_value:") != b"(0, 0)"


def _signals(pid: int, statuses: list[bytes]) -> Iterator[str]:
    for status in statuses:
        pending = _mask(status, b"SigPnd:") | _mask(status, b"ShdPnd:")
        if pending & ~_mask(status, b"SigBlk:"):
            yield f"a signal is on its way to process {pid}"
            return


def _mask(status: bytes, name: bytes) -> int:
    return int(field(status, name) or b"0", 16)


def _alarm(statuses: list[bytes], alarms: Alarms) -> Alarm:
    if not statuses or _mask(statuses[0], b"SigIgn:") & _ALARM or alarms.is_set is False:
        return Alarm.NONE
    return Alarm.EXPECTED if alarms.is_set or _mask(statuses[0], b"SigCgt:") & _ALARM else Alarm.POSSIBLE


def _unreadable(pid: int, table: Mapping[int, str]) -> str:
    if "anon_inode:[io_uring]" in table.values():
        return "one with an io_uring, whose requests cannot be seen"
    if "timers" not in proc.names(f"/proc/{pid}"):
        return "on a kernel that does not list timers"
    try:
        with open(f"/proc/{pid}/exe", "rb") as executable:  # noqa: PTH123 - a link of /proc, not a path
            header = executable.read(_ELF_HEADER_BYTES)
    except OSError:
        return "one whose program cannot be read"
    machine = int.from_bytes(header[18:20], "little")
    is_64_bit = header[4:5] == b"\x02"
    return "" if is_64_bit and machine == _MACHINES.get(platform.machine()) else "a program of another architecture"
