"""Peers outside, read from tables of connections, and alarms, read from the kernel's list of timers."""

from __future__ import annotations

from bisectrix.supervise.surroundings import alarm_among, outside_peers

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(peer: str, state: str, inode: str) -> str:
    return f"   0: 0100007F:B3D5 {peer} {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0\n"


def peers(*rows: str) -> list[str]:
    return list(outside_peers(HEAD + "".join(rows), frozenset({"7", "8"})))


def test_established_and_half_open_connections_to_other_machines_are_named() -> None:
    assert peers(row("010200C0:01BB", "01", "7"), row("020200C0:0050", "02", "8")) == ["192.0.2.1:443", "192.0.2.2:80"]


def test_loopback_listeners_closed_connections_and_those_of_others_are_not() -> None:
    loopback, listening = row("0100007F:01BB", "01", "7"), row("00000000:0000", "0A", "7")
    closed, foreign = row("010200C0:01BB", "08", "7"), row("010200C0:01BB", "01", "9")
    assert peers(loopback, listening, closed, foreign) == []


def test_addresses_of_the_sixth_version_are_read_by_words() -> None:
    outside = row("B80D0120000000000000000001000000:01BB", "01", "7")
    loopback = row("00000000000000000000000001000000:01BB", "01", "7")
    mapped = row("0000000000000000FFFF00000100007F:01BB", "01", "7")
    assert peers(outside, loopback, mapped) == ["2001:db8::1:443"]


QUIET_MACHINE = b"""\
Timer List Version: v0.10
HRTIMER_MAX_CLOCK_BASES: 8
now at 407897006736 nsecs

cpu: 0
 clock 0:
  .base:       00000000cf4022ab
  .index:      0
  .resolution: 1 nsecs
  .get_time:   ktime_get
  .offset:     0 nsecs
active timers:
 #0: <0000000021942c9f>, tick_nohz_handler, S:01
 # expires at 407900000000-407900000000 nsecs [in 2993264 to 2993264 nsecs]
 #1: <00000000b1485c56>, watchdog_timer_fn, S:01
 # expires at 408144000000-408144000000 nsecs [in 246993264 to 246993264 nsecs]
"""
"""Of an arm64 machine where no process but the one that looks does anything."""


def test_a_list_of_timers_without_an_alarm_says_so_even_where_no_process_sleeps() -> None:
    assert alarm_among(QUIET_MACHINE) is False


def test_an_alarm_is_found_among_the_timers() -> None:
    assert alarm_among(QUIET_MACHINE + b" #2: <00000000d23af902>, it_real_fn, S:01\n") is True


def test_a_list_that_cannot_be_read_or_names_no_function_says_nothing() -> None:
    assert alarm_among(b"") is None
    assert alarm_among(QUIET_MACHINE + b" #2: <00000000d23af902>, 0xffff800080123456, S:01\n") is None
    assert alarm_among(QUIET_MACHINE + b" #2: <00000000d23af902>, <0000000000000000>, S:01\n") is None
