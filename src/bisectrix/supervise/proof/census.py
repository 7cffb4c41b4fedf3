"""Which process holds what: descriptors of the tree, and of every other process on the machine when it comes to that."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from bisectrix.supervise import proc
from bisectrix.supervise.proof.scene import Holders

_KERNEL_THREAD = 0x00200000
_FLAGS = 6


def descriptors(pid: int) -> dict[int, str]:
    """Return the descriptors of a process and what each leads to; those of another thread where the first has ended."""
    for task in (str(pid), *proc.names(f"/proc/{pid}/task")):
        if found := {int(number): leads_to for number, leads_to in proc.links(f"/proc/{pid}/task/{task}/fd")}:
            return found
    return {}


def information(pid: int, tid: int, number: int) -> bytes:
    """Return what the kernel says of a descriptor."""
    return proc.read(f"/proc/{pid}/task/{tid}/fdinfo/{number}")


def field(text: bytes, name: bytes) -> bytes:
    """Return a field of `status` or of what the kernel says of a descriptor; empty where there is none."""
    for line in text.splitlines():
        if line.startswith(name):
            return line[len(name) :].strip()
    return b""


class Census:
    """Holders of objects at one moment; other processes are looked into once, when first asked for."""

    def __init__(self, pids: Sequence[int], ours: Iterable[int]) -> None:
        """Count for a tree of `pids`.

        Args:
            pids: the tree.
            ours: processes of our own, which hold ends of its streams, read all that comes and write nothing.
        """
        self.tree = tuple(sorted(pids))
        self._ours = frozenset(ours)
        self.tables = {pid: descriptors(pid) for pid in self.tree}
        self.unseen = 0

    @cached_property
    def other_pids(self) -> tuple[int, ...]:
        """All processes that are neither of the tree nor our own."""
        known = frozenset(self.tree) | self._ours
        return tuple(pid for pid in map(int, filter(str.isdigit, proc.names("/proc"))) if pid not in known)

    def is_alone_in(self, kind: str) -> bool:
        """Say whether the tree has one namespace of a kind, `net` or `mnt`, which no other process is in."""
        names = {proc.link(f"/proc/{pid}/ns/{kind}") for pid in self.tree}
        if len(names) != 1 or "" in names or proc.link(f"/proc/self/ns/{kind}") in names:
            return False
        return not any(proc.link(f"/proc/{pid}/ns/{kind}") in names for pid in self.other_pids)

    @cached_property
    def others(self) -> Mapping[int, dict[int, str]]:
        """The descriptors of all other processes that let us look; the rest is counted in `unseen`."""
        found: dict[int, dict[int, str]] = {}
        for pid in self.other_pids:
            try:
                os.scandir(f"/proc/{pid}/fd").close()
            except PermissionError:
                self.unseen += not _is_kernel_thread(pid)
            except OSError:
                continue
            else:
                found[pid] = descriptors(pid)
        return found

    @cached_property
    def _outside(self) -> Mapping[str, tuple[int, ...]]:
        index: defaultdict[str, list[int]] = defaultdict(list)
        for pid, table in self.others.items():
            for link in set(table.values()):
                index[link].append(pid)
        return {link: tuple(pids) for link, pids in index.items()}

    @cached_property
    def _ours_hold(self) -> Mapping[int, frozenset[str]]:
        return {pid: frozenset(descriptors(pid).values()) for pid in self._ours}

    def holders(self, link: str, *, and_ours: bool = False) -> Holders:
        """Return who holds what a link of `/proc/PID/fd` leads to, `pipe:[1234]`."""
        inside = tuple(pid for pid, table in self.tables.items() if link in table.values())
        outside = self._outside.get(link, ())
        if and_ours:
            outside += tuple(pid for pid, links in self._ours_hold.items() if link in links)
        return Holders(inside=inside, outside=named(outside))

    def holders_where(self, link: str, fits: Callable[[bytes], bool]) -> Holders:
        """Return who holds what a link leads to by a descriptor of which the kernel says what fits."""
        inside = tuple(pid for pid, table in self.tables.items() if _says(pid, table, link, fits))
        outside = [pid for pid in self._outside.get(link, ()) if _says(pid, self.others[pid], link, fits)]
        return Holders(inside=inside, outside=named(outside))

    def mappers(self, file: bytes) -> Holders:
        """Return who maps a file, named by device and inode, into its memory."""
        mark = b" %s " % file
        inside = tuple(pid for pid in self.tree if _maps(pid, mark))
        return Holders(inside=inside, outside=named(pid for pid in self.others if _maps(pid, mark)))


def named(pids: Iterable[int]) -> tuple[str, ...]:
    """`4711 (sshd)` for each process."""
    return tuple(f"{pid} ({proc.read(f'/proc/{pid}/comm').decode(errors='replace').strip()})" for pid in pids)


def _maps(pid: int, mark: bytes) -> bool:
    return mark in proc.read(f"/proc/{pid}/maps")


def _says(pid: int, table: Mapping[int, str], link: str, fits: Callable[[bytes], bool]) -> bool:
    return any(fits(information(pid, pid, number)) for number, target in table.items() if target == link)


def _is_kernel_thread(pid: int) -> bool:
    fields = proc.stat_fields(f"/proc/{pid}/stat")
    return not fields or bool(int(fields[_FLAGS]) & _KERNEL_THREAD)
