"""Head and tail of a stream, the ready mark, and text that is safe to show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bisectrix.supervise.output import LineSpotter, Ring
from bisectrix.supervise.text import joined, readable

pieces = st.lists(st.binary(max_size=12), max_size=30)


@given(pieces)
def test_a_ring_keeps_both_ends_whatever_the_pieces(chunks: list[bytes]) -> None:
    ring, whole = Ring(keep_bytes=10), b"".join(chunks)
    for chunk in chunks:
        ring.feed(chunk)
    assert ring.size_bytes == len(whole)
    assert ring.head == whole[:10]
    assert ring.tail == whole[10:][-10:]


@given(st.lists(st.sampled_from([b"r", b"ea", b"dy", b"ready", b"\n", b"\r", b" "]), max_size=20))
def test_a_mark_is_seen_exactly_when_it_stands_on_a_line_of_its_own(chunks: list[bytes]) -> None:
    spotter = LineSpotter("ready")
    for chunk in chunks:
        spotter.feed(chunk)
    lines = b"".join(chunks).split(b"\n")[:-1]
    assert spotter.seen == any(line in {b"ready", b"ready\r"} for line in lines)


def test_an_empty_mark_is_never_seen() -> None:
    spotter = LineSpotter("")
    spotter.feed(b"\n\n")
    assert not spotter.seen


def test_control_characters_become_visible_signs_and_what_does_not_decode_is_replaced() -> None:
    assert readable("a\tb\r\nc\rd\x1b[31m\x00\x7f\x9b".encode() + b"\xff", str) == "a\tb\nc␍d␛[31m␀␡��"


def test_a_secret_is_redacted_before_anything_else() -> None:
    assert readable(b"key=s3cret!", lambda text: text.replace("s3cret", "***")) == "key=***!"


def test_what_is_missing_between_head_and_tail_is_said() -> None:
    assert joined(b"head", b"tail", 8, str) == "headtail"
    assert joined(b"the head", b"the tail", 20, str, seam=1) == "the hea\n[... 6 bytes left out ...]\nhe tail"
    assert joined(b"head", b"tail", 20, str) == "\n[... 8204 bytes left out ...]\n"


@given(st.integers(min_value=0, max_value=40), st.integers(min_value=1, max_value=30))
def test_no_part_of_a_secret_stands_beside_the_gap(before: int, missing: int) -> None:
    secret = "correct-horse"  # noqa: S105 - what must not be seen
    text = ("." * before + secret + "." * 60).encode()
    head, tail = text[:30], text[30 + missing :]
    shown = joined(head, tail, len(text), lambda text: text.replace(secret, "***"), seam=len(secret))
    assert not set("corethsn") & set(shown.replace("bytes left out", ""))
