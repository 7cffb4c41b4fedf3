"""Laws of judging that hold for any counts, any boundary and any two runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from bisectrix.judge.attempt import judge
from bisectrix.judge.boundary import bad_ranges, pins
from bisectrix.judge.normalise import normalise
from bisectrix.judge.rate import wilson
from bisectrix.model.attempt import Exited, Signature
from bisectrix.model.repro import Bug
from bisectrix.model.words import BugKind, Verdict
from support.seen import execution
from support.tables import line

COUNTS = st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, st.floats(0.5, 0.999))
def test_an_interval_holds_the_share_and_lies_in_the_possible(counts: tuple[int, int], confidence: float) -> None:
    bad, attempts = counts
    rate = wilson(bad, attempts, confidence)
    assert 0 <= rate.low <= rate.high <= 1
    if attempts:
        assert rate.low <= bad / attempts <= rate.high


@given(COUNTS)
def test_an_interval_is_the_mirror_of_that_of_the_good_attempts(counts: tuple[int, int]) -> None:
    bad, attempts = counts
    rate, mirrored = wilson(bad, attempts), wilson(attempts - bad, attempts)
    assert rate.low == pytest.approx(1 - mirrored.high)
    assert rate.high == pytest.approx(1 - mirrored.low)


FRAGMENTS = st.sampled_from(
    [
        *("0x7f", "<Task-3 ", "<", ">", "/x/tmpabcdef/x1", "http://", "host:41833", "3.0 s", "pid=", "1234", "12"),
        *("2026-01-06T00:00:00Z", "12:30:01", "deadbeef12345678", "Thread-", ":", "#", " ", "/", "~", "abc", "line 4"),
    ]
)


@given(st.one_of(st.lists(FRAGMENTS, max_size=12).map("".join), st.text(max_size=60)))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@dataclass(frozen=True)
class Circumstances:
    """What differs between two runs of one failure."""

    pid: int
    folder: str
    patch: int
    address: int
    line: int
    waited_s: float


CIRCUMSTANCES = st.builds(
    Circumstances,
    pid=st.integers(1, 4_000_000),
    folder=st.from_regex(r"/scratch/tmp[a-z0-9_]{8}", fullmatch=True),
    patch=st.integers(0, 20),
    address=st.integers(1 << 16, 1 << 48),
    line=st.integers(1, 9999),
    waited_s=st.floats(0.01, 1000).map(lambda value: round(value, 3)),
)


def failure(kind: str, function: str, around: Circumstances) -> Signature:
    library = f"/home/me/.pyenv/versions/3.12.{around.patch}/lib/python3.12"
    stderr = (
        "Traceback (most recent call last):\n"
        f'  File "{around.folder}/app.py", line {around.line}, in {function}\n    connect()\n'
        f'  File "{library}/site-packages/pkg/pool.py", line {around.line}, in acquire\n    raise error\n'
        f"{kind}: <Pool object at {around.address:#x}> of process {around.pid} in {around.folder}/pool.db"
        f" gave up after {around.waited_s} s\n"
    )
    signature = judge(Bug(kind=BugKind.HANG), execution(Exited(code=1), stderr=stderr)).signature
    assert signature is not None
    return signature


@given(CIRCUMSTANCES, CIRCUMSTANCES)
def test_two_runs_of_a_failure_have_one_signature(one: Circumstances, other: Circumstances) -> None:
    assert failure("ValueError", "run", one) == failure("ValueError", "run", other)


@given(CIRCUMSTANCES, CIRCUMSTANCES)
def test_different_failures_have_different_signatures(one: Circumstances, other: Circumstances) -> None:
    same = failure("ValueError", "run", one)
    assert same != failure("TypeError", "run", other)
    assert same != failure("ValueError", "walk", other)


@st.composite
def planted(draw: st.DrawFn) -> tuple[str, int, int]:
    """Draw a line with one bad stretch and random skips, and the positions of its first and last bad value."""
    size = draw(st.integers(2, 30))
    start = draw(st.integers(0, size - 1))
    end = draw(st.integers(start, size - 1))
    letters = ["b" if start <= index <= end else "g" for index in range(size)]
    for index in draw(st.sets(st.integers(0, size - 1))):
        letters[index] = "s"
    return "".join(letters), start, end


@given(planted())
def test_a_planted_boundary_is_found_between_the_values_that_were_tested(case: tuple[str, int, int]) -> None:
    letters, start, end = case
    found = bad_ranges(line(letters))
    if "b" not in letters:
        assert found == ()
        return
    only = found[0]
    assert len(found) == 1
    assert only.values == tuple(str(index + 1) for index, letter in enumerate(letters) if letter == "b")
    assert (only.introduced is None) == ("g" not in letters[:start])
    assert (only.fixed is None) == ("g" not in letters[end + 1 :])
    for edge in filter(None, (only.introduced, only.fixed)):
        assert (letters[int(edge.good) - 1], letters[int(edge.bad) - 1]) == ("g", "b")
        low, high = sorted((int(edge.good), int(edge.bad)))
        assert edge.untested == tuple(map(str, range(low + 1, high)))
        assert all(letters[int(value) - 1] == "s" for value in edge.untested)


@given(st.text("gbs", max_size=20))
def test_no_untested_value_is_ever_named_as_a_boundary(letters: str) -> None:
    untested = {str(index) for index, letter in enumerate(letters, 1) if letter == "s"}
    tried = line(letters)
    specifiers = [*(found.text for found in bad_ranges(tried)), *(pin.specifier for pin in pins(tried))]
    named = {number for specifier in specifiers for number in re.findall(r"\d+", specifier)}
    assert not named & untested


@given(st.text("gbs", max_size=20))
def test_a_pin_admits_nothing_bad_and_its_newest_value_was_good(letters: str) -> None:
    tried = line(letters)
    for pin in pins(tried):
        admitted = [one for one in tried if SpecifierSet(pin.specifier).contains(one.value)]
        assert all(one.verdict is not Verdict.BAD for one in admitted)
        assert admitted[-1].cell == pin.cell
        assert admitted[-1].verdict is Verdict.GOOD


@given(st.text("gbs", max_size=20))
def test_ranges_hold_all_bad_values_and_no_good_one(letters: str) -> None:
    tried = line(letters)
    texts = [SpecifierSet(found.text) for found in bad_ranges(tried)]
    for one in tried:
        inside = any(text.contains(one.value) for text in texts)
        assert inside or one.verdict is not Verdict.BAD
        assert not inside or one.verdict is not Verdict.GOOD
