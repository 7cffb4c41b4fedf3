"""What the page of a repro says of the difference between two cells, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bisectrix.errors import StoreError
from bisectrix.model.bisection import Mover, Probed
from bisectrix.model.delta import DeltaRecord, Needed
from bisectrix.record import deltas
from bisectrix.report.deltas import differences_of

HTTPX = Mover(name="httpx", old="0.27.2", new="0.28.1")
IDNA = Mover(name="idna", old="3.10", new="3.11")
RECORD = DeltaRecord(
    repro="vcr-pool",
    good="vcr-pool@python=3.11,resolution=lowest",
    bad="vcr-pool@python=3.11,resolution=highest",
    changes=(HTTPX, IDNA),
    followers=(),
    sentences=("httpx 0.27.2 to 0.28.1 alone turns the good cell bad.",),
    sets=(Needed(changes=(HTTPX,), unconfirmed=(), commands=("nox -s bisect -- vcr-pool --package httpx",)),),
    is_reversed=True,
    probes=(Probed(value="the bad cell", good=0, bad=3, other=0, summary="hang after 3.0 s"),),
    command="nox -s delta -- vcr-pool --good A --bad B",
)


def test_the_page_has_the_answer_the_runs_and_how_to_go_on() -> None:
    (words,) = differences_of([RECORD])
    assert words.title == "`python=3.11,resolution=lowest` to `python=3.11,resolution=highest`"
    assert [str(said) for said in words.sentences] == [RECORD.sentences[0], "The two cells differ in 2 packages."]
    assert "| the bad cell | 0 | 3 | 0 | hang |" in words.probes
    assert words.commands.splitlines()[1:-1] == [RECORD.command, *RECORD.sets[0].commands]


def test_each_pair_of_cells_has_a_record_and_a_later_one_takes_its_place(tmp_path: Path) -> None:
    other = replace(RECORD, bad="vcr-pool@python=3.11")
    for record in (RECORD, other, replace(RECORD, is_reversed=False)):
        deltas.save(tmp_path, record)
    assert deltas.load(tmp_path, "vcr-pool") == (other, replace(RECORD, is_reversed=False))
    assert deltas.load(tmp_path, "vcr") == ()


def test_a_broken_record_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "vcr-pool.0.json").write_text("{}")
    with pytest.raises(StoreError, match="no delta"):
        deltas.load(tmp_path, "vcr-pool")
