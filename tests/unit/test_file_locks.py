"""Locks as the kernel tells them, and as they are read."""

from __future__ import annotations

from bisectrix.supervise import resource_text
from bisectrix.supervise.file_locks import FileLock, Record, parse_descriptor, parse_locks

LOCKS = """\
1: OFDLCK ADVISORY  WRITE -1 fe:00:2172313 0 EOF
1: -> OFDLCK ADVISORY  WRITE -1 fe:00:2172313 0 EOF
2: POSIX  ADVISORY  READ 19757 fe:00:2172261 0 EOF
3: FLOCK  ADVISORY  WRITE 19757 fe:00:2172255 0 EOF
3: -> FLOCK  ADVISORY  WRITE 19799 fe:00:2172255 0 EOF
4: LEASE  ACTIVE    READ 19757 fe:00:2172255 0 EOF
5: POSIX  *NOINODE* WRITE
"""


def test_holders_and_waiters_are_told_apart_and_what_is_no_lock_is_passed_over() -> None:
    assert list(parse_locks(LOCKS)) == [
        Record(kind="ofd", mode="write", pid=-1, file="fe:00:2172313", waits=False),
        Record(kind="ofd", mode="write", pid=-1, file="fe:00:2172313", waits=True),
        Record(kind="fcntl", mode="read", pid=19757, file="fe:00:2172261", waits=False),
        Record(kind="flock", mode="write", pid=19757, file="fe:00:2172255", waits=False),
        Record(kind="flock", mode="write", pid=19799, file="fe:00:2172255", waits=True),
    ]


def test_a_descriptor_says_which_locks_it_holds() -> None:
    told = b"pos:\t0\nflags:\t0100002\nlock:\t1: FLOCK  ADVISORY  WRITE 77 fe:00:16 0 EOF\n"
    assert list(parse_descriptor(told)) == [
        Record(kind="flock", mode="write", pid=77, file="fe:00:16", waits=False),
    ]
    assert list(parse_descriptor(b"pos:\t0\n")) == []


def test_a_lock_is_told_with_its_path_its_holder_and_who_waits() -> None:
    lock = FileLock(path="store/.lock", kind="flock", mode="write", holders=(0,), waiters=(0,))
    unseen = FileLock(path="", kind="fcntl", mode="read", holders=(), waiters=(0,))
    assert (
        resource_text.locks((lock, unseen))
        == """\
store/.lock: flock lock, write
  held by process 0, which has ended
  awaited by process 0, which has ended

a file that no process in sight has open: fcntl lock, read
  held by a process that cannot be seen from here
  awaited by process 0, which has ended

Not seen here: lock files that merely exist, attempts that do not wait but try again, locks in memory
(mutexes, semaphores), and those that other machines hold on a network file system.
"""
    )
