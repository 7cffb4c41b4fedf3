"""Peers outside, read from tables of connections."""

from __future__ import annotations

from bisectrix.supervise.surroundings import outside_peers

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
