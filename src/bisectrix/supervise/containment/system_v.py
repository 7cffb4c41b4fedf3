"""Objects of System V that the processes of an order have left behind, as far as the kernel says whose they are."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import TypeAlias

from bisectrix.supervise import proc

_Row: TypeAlias = Mapping[str, int]
"""One object, as a line of `/proc/sysvipc` has it."""

_NUMBERS = MappingProxyType({"shm": "shmid", "sem": "semid", "msg": "msqid"})
_STAYS = "stays: used by it last, and nobody knows who made it"
_REMOVE = 0
_LAST_USER = 11
_MOST_SEMAPHORES = 64
"""So many of one set are asked who used them last."""

_LIBC = ctypes.CDLL(None, use_errno=True)


class SystemV:
    """All objects of System V on this machine."""

    def __init__(self) -> None:
        """Know none that was there before."""
        self._before: frozenset[tuple[str, int]] = frozenset()

    def begin(self) -> None:
        """Take what is there now for somebody else's."""
        self._before = frozenset((kind, row[number]) for kind, number in _NUMBERS.items() for row in _rows(kind))

    def remove(self, pids: AbstractSet[int]) -> Iterator[str]:
        """Remove what processes of the order have made, when all of them have ended; yield what is said of each.

        The kernel knows who made a segment; of semaphores and queues only who used them last.
        """
        for row in self._new("shm"):
            if row["cpid"] in pids and not row["nattch"]:
                _LIBC.shmctl(ctypes.c_int(row["shmid"]), ctypes.c_int(_REMOVE), None)
                yield f"System V shared memory {_name(row, 'shmid')}, removed"
        for row in self._new("sem"):
            if _last_users(row) & pids:
                yield f"System V semaphores {_name(row, 'semid')}, {_STAYS}"
        for row in self._new("msg"):
            if {row["lspid"], row["lrpid"]} & pids:
                yield f"System V message queue {_name(row, 'msqid')}, {_STAYS}"

    def _new(self, kind: str) -> Iterator[_Row]:
        return (row for row in _rows(kind) if (kind, row[_NUMBERS[kind]]) not in self._before)


def _rows(kind: str) -> Iterator[_Row]:
    head, *lines = proc.read(f"/proc/sysvipc/{kind}").decode().splitlines() or [""]
    return (dict(zip(head.split(), map(int, line.split()), strict=True)) for line in lines)


def _last_users(row: _Row) -> set[int]:
    semaphores = range(min(row["nsems"], _MOST_SEMAPHORES))
    set_of_them = ctypes.c_int(row["semid"])
    return {_LIBC.semctl(set_of_them, ctypes.c_int(each), ctypes.c_int(_LAST_USER)) for each in semaphores}


def _name(row: _Row, number: str) -> str:
    """Return the key by which programs find an object, as `ipcs` has it; the number of one that has none."""
    return f"0x{row['key'] & 0xFFFFFFFF:08x}" if row["key"] else str(row[number])
