"""Sockets as the kernel tells them, and as they are read."""

from __future__ import annotations

from bisectrix.supervise import resource_text
from bisectrix.supervise.sockets import Entry, Holder, OpenSocket, parse_internet, parse_unix

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
TCP = (
    HEAD
    + "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 100 1 0 100 0 0 10 0\n"
    + "   1: 0100007F:1F90 0100007F:A42E 01 00000000:00000005 00:00000000 00000000  0  0 101 1 0 20 4 30 10 -1\n"
)
TCP6 = (
    HEAD + "   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 "
    "0A 00000000:00000000 00:00000000 00000000  0  0 102 1 0 100 0 0 10 0\n"
)
UNIX = """\
Num       RefCount Protocol Flags    Type St Inode Path
0: 00000002 00000000 00010000 0001 01 103 /run/a socket
0: 00000003 00000000 00000000 0001 03 104
"""


def test_a_listener_and_a_connection_with_unread_bytes_are_read() -> None:
    assert list(parse_internet(TCP, "tcp")) == [
        Entry(inode="100", kind="tcp", local="127.0.0.1:8080", remote="", state="listening"),
        Entry(inode="101", kind="tcp", local="127.0.0.1:8080", remote="127.0.0.1:42030", state="established", unread=5),
    ]


def test_an_address_of_version_6_stands_in_brackets() -> None:
    (entry,) = parse_internet(TCP6, "tcp6")
    assert (entry.kind, entry.local) == ("tcp", "[::1]:8080")


def test_unix_sockets_have_their_path_blanks_included() -> None:
    assert list(parse_unix(UNIX)) == [
        Entry(inode="103", kind="unix stream", local="/run/a socket", remote="", state="listening"),
        Entry(inode="104", kind="unix stream", local="", remote="", state=""),
    ]


def test_sockets_stand_below_their_process_with_who_holds_the_other_end() -> None:
    client = OpenSocket(
        holder=Holder(pid=0, descriptor=6),
        kind="tcp",
        local="127.0.0.1:42030",
        remote="127.0.0.1:8080",
        state="established",
        unread=5,
        other_end=(Holder(pid=0, descriptor=7),),
    )
    pair = OpenSocket(holder=Holder(pid=0, descriptor=8), kind="unix stream", local="", remote="", state="")
    assert (
        resource_text.sockets((client, pair))
        == """\
process 0, which has ended
  6: tcp 127.0.0.1:42030 -> 127.0.0.1:8080, established, 5 bytes unread, other end: 7 of process 0
  8: unix stream
"""
    )


def test_a_tree_without_sockets_says_so() -> None:
    assert resource_text.sockets(()) == "no sockets\n"
