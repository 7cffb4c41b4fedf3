"""Tables of the kernel, read: sockets, timers."""

from __future__ import annotations

from bisectrix.supervise.proof.networks import TcpEnd, tcp_ends
from bisectrix.supervise.proof.stirring import timer_is_set

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 02:00000A3D 00000000     0        0 222 2 0 20 4 30 10 -1
"""
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
   1: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5 1 0 100 0 0 10 0
"""


def test_a_socket_has_two_addresses_a_state_and_a_timer() -> None:
    assert [*tcp_ends(TCP)] == [
        TcpEnd(inode=111, local="127.0.0.1:8080", remote="0.0.0.0:0", state="0A", timer=""),
        TcpEnd(inode=222, local="127.0.0.1:8080", remote="127.0.0.1:49153", state="01", timer="keepalive"),
    ]


def test_ipv4_in_ipv6_is_ipv4_and_ipv6_has_brackets() -> None:
    first, second = tcp_ends(TCP6)
    assert (first.inode, first.local, first.remote) == (0, "127.0.0.1:8080", "127.0.0.1:49153")
    assert second.local == "[::1]:8080"


def test_a_timer_descriptor_that_says_nothing_counts_as_set() -> None:
    assert not timer_is_set(b"pos:\t0\nit_value: (0, 0)\nit_interval: (0, 0)\n")
    assert timer_is_set(b"it_value: (2, 5)\n")
    assert timer_is_set(b"")
