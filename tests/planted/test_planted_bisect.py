"""Whole bisections through the command line, offline: each planted line of releases comes to exactly what was planted."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

import bisectrix
from support.lines import LINES
from support.planted import PLANTED

pytestmark = pytest.mark.slow

DEADLINE_S = 600

GOLDEN = tomllib.loads((PLANTED / "bisected.toml").read_text(encoding="utf-8"))
BY_CHANCE = {"often", "seldom", "rarely", "noisy"}
"""Lines with a flaky bug, whose answer is right as often as it promises, and not in every run."""

KILLED, IN_PARTS = "interrupted", "relapses"
CONFIDENCE = re.compile(r" \([\d.]+% sure; shows in \d+% of the runs\)")
COUNT = re.compile(r"\d+(?= values of \w+ were tested)")
"""How many runs it takes depends on what they cost, and that on the machine."""

REGIME = re.compile(r"(good|bad) from \S+ \S+ to \S+ \S+?(?=[,.](?: |$))")
"""Neither is planted: all of it depends on which probes were made, and that on how long they took."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A project with every planted line, and a home of its own."""

    folder: Path
    index_url: str

    @property
    def store(self) -> Path:
        """The database of all its runs."""
        return self.folder / "project" / "results" / "bisectrix.db"

    def command(self, name: str, *options: str) -> subprocess.Popen[str]:
        """Start a bisection of one line; one run at a time, so that the same probes are made every time."""
        return self._start("bisect", f"find-{name}", "--package", name, *options)

    def _start(self, *words: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "bisectrix", *words, "-j", "1", "--json"]
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(bisectrix.__file__).parents[1]),
            "HOME": str(self.folder / "home"),
            "UV_DEFAULT_INDEX": self.index_url,
        }
        where = self.folder / "project"
        pipe = subprocess.PIPE
        return subprocess.Popen(argv, cwd=where, env=env, stdout=pipe, stderr=pipe, text=True)

    def delta(self, name: str, good: str, bad: str) -> subprocess.Popen[str]:
        """Start the search for what makes the difference between two releases of a line."""
        ends = ("--good", f"{name}={good}", "--bad", f"{name}={bad}")
        return self._start("delta", f"find-{name}", *ends)

    def bisect(self, name: str, *options: str) -> Found:
        """Bisect one line to its answer."""
        with self.command(name, *options) as process:
            stdout, stderr = process.communicate(timeout=DEADLINE_S)
        assert process.returncode == 0, stderr
        return Found(record=json.loads(stdout), screen=stderr)

    def attempts(self, name: str, among: str = "") -> Counter[tuple[str, int]]:
        """Count the probes that are recorded of a line, by cell key and number, without the crosses."""
        with closing(sqlite3.connect(self.store)) as store:
            asked = "SELECT key, number FROM attempts WHERE cell LIKE ? AND cell NOT LIKE '%others=all-of-%'"
            return Counter(store.execute(asked, (f"find-{name}@%{among}%",)).fetchall())

    def alive(self) -> list[str]:
        """Return the command lines of processes that have to do with it."""
        lines = (" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))
        return [line for line in lines if str(self.folder) in line]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a bisection said: its record, and the screen while it ran."""

    record: Mapping[str, Any]
    screen: str

    def probe(self, version: str) -> Mapping[str, Any]:
        """Return all runs of one release."""
        (probe,) = [each for each in self.record["probes"] if each["value"] == version]
        return dict(probe)

    def golden_words(self) -> dict[str, Any]:
        """Return what bisected.toml has of it."""
        return {
            "said": [
                COUNT.sub("several", REGIME.sub(r"\1", CONFIDENCE.sub("", sentence)))
                for sentence in self.record["sentences"]
            ],
            "affected": self.record["specifier"],
            "left_out": [": ".join(dropped) for dropped in self.record["dropped"]],
        }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, index_url: str) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("bisected")
    repros = folder / "project" / "repros"
    repros.mkdir(parents=True)
    for line in LINES:
        (repros / f"find-{line.name}.py").write_text(line.repro, encoding="utf-8")
    place = Place(folder=folder, index_url=index_url)
    yield place
    assert place.alive() == []


def kill_after(running: subprocess.Popen[str], probes: int) -> None:
    """Kill a search without mercy once it told of so many probes."""
    with running as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(f"[{probes:>2}]"):
                break
        process.kill()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.endurance if name in BY_CHANCE else ())
        for name in GOLDEN
        if name not in {KILLED, IN_PARTS}
    ],
)
def test_a_line_comes_to_what_was_planted(place: Place, name: str) -> None:
    found = place.bisect(name)

    assert found.golden_words() == {"left_out": [], **GOLDEN[name]}, found.screen
    assert all(boundary["confidence"] >= 0.95 for boundary in found.record["boundaries"])


def test_every_line_has_an_expected_answer() -> None:
    assert sorted(GOLDEN) == sorted(line.name for line in LINES)


def test_three_regimes_found_in_parts_are_put_together(place: Place) -> None:
    newer, older = place.bisect(IN_PARTS, "--within", ">=7"), place.bisect(IN_PARTS, "--within", "<7")

    assert newer.record["specifier"] == ">=8.0"
    assert older.record["sentences"][0].startswith("Bad everywhere")
    assert place.bisect(IN_PARTS).golden_words() == {"left_out": [], **GOLDEN[IN_PARTS]}


def test_another_failure_is_no_evidence(place: Place) -> None:
    masked = place.bisect("masked").probe("7.0")

    assert (masked["good"], masked["bad"]) == (0, 0)
    assert masked["summary"] == "fail, exit 1: ImportError: something else (masked.py:act)"


@pytest.mark.parametrize(("face", "affected"), [("seen early$", ">=4.0,<7.0"), ("seen late$", ">=7.0,<10.0")])
def test_one_face_of_a_bug_is_searched_for_alone(place: Place, face: str, affected: str) -> None:
    found = place.bisect("faces", "--shows", face)

    assert (found.record["shows"], found.record["specifier"]) == (face, affected)


def test_a_release_that_does_not_install_in_time_is_skipped(place: Place) -> None:
    found = place.bisect("stuck")

    assert found.probe("4.0")["summary"] == "install-failed: still building after 5 s"
    assert found.probe("5.0")["summary"].startswith("install-failed: still resolving after 5 s")


def test_pre_releases_are_searched_when_asked_for(place: Place) -> None:
    found = place.bisect("yanks", "--pre")

    assert found.record["specifier"] == ">=5.0rc1"
    assert found.record["dropped"] == [["4.0", "yanked"]]


def test_a_finished_bisection_is_answered_from_the_record(place: Place) -> None:
    first = place.bisect("alone")
    before = place.attempts("alone")
    second = place.bisect("alone")

    assert place.attempts("alone") == before
    assert second.record["boundaries"] == first.record["boundaries"]


def test_a_killed_bisection_goes_on_and_runs_no_recorded_probe_twice(place: Place) -> None:
    kill_after(place.command(KILLED), probes=6)
    known = place.attempts(KILLED)
    found = place.bisect(KILLED)

    on_record = re.findall(r"^\[ *\d+\].*\(on record\)$", found.screen, re.MULTILINE)
    assert len(on_record) == known.total() >= 6
    assert place.attempts(KILLED).total() == sum(probe["good"] + probe["bad"] for probe in found.record["probes"])
    assert set(place.attempts(KILLED).values()) == {1}
    assert found.golden_words() == {"left_out": [], **GOLDEN[KILLED]}


def test_a_killed_delta_goes_on_and_runs_no_recorded_probe_twice(place: Place) -> None:
    kill_after(place.delta("together", "4.0", "8.0"), probes=3)
    known = place.attempts("together", "packages=")
    with place.delta("together", "4.0", "8.0") as process:
        stdout, stderr = process.communicate(timeout=DEADLINE_S)
    record = json.loads(stdout)

    assert stderr.count("(on record)") >= known.total() > 0
    assert set(place.attempts("together", "packages=").values()) == {1}
    assert [[mover["name"] for mover in each["changes"]] for each in record["sets"]] == [["mate", "together"]]
