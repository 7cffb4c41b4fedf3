"""A recorded cell is run again as it was, here and in a clone; what is missing or differs is said precisely."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from support.programs import Program

pytestmark = pytest.mark.slow

HANGS, PASSES = "planted-hang@hang=2.0", "planted-hang@hang=1.0"


@pytest.fixture
def clone(recorded: Program, tmp_path: Path) -> Program:
    """Return the program in a copy of what is committed: no database, no evidence."""
    shutil.copytree(recorded.project, tmp_path / "clone", ignore=shutil.ignore_patterns("bisectrix.db*", "evidence"))
    return replace(recorded, project=tmp_path / "clone")


def edit_records(project: Path, old: str, new: str) -> None:
    file = project / "results" / "records" / "planted-hang.jsonl"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_run_is_seen_again_cell_by_cell(recorded: Program) -> None:
    done = recorded("replay", "1")

    assert (done.returncode, done.stdout.splitlines()[::2]) == (
        0,
        [f"{PASSES}: same outcome", f"{HANGS}: same outcome, same signature"],
    )


def test_a_clone_replays_what_ran_then_though_the_repro_has_changed(clone: Program) -> None:
    repro = clone.project / "repros" / "planted-hang.py"
    repro.write_text(repro.read_text(encoding="utf-8") + "raise SystemExit(3)\n", encoding="utf-8")

    done = clone("replay", HANGS, "--json")

    document = json.loads(done.stdout)
    assert (done.returncode, document["sentence"]) == (0, "same outcome, same signature")
    assert document["notes"] == ["planted-hang has changed since (planted-hang.py): the recorded version is run"]


def test_without_the_files_of_then_a_changed_repro_cannot_be_replayed(clone: Program) -> None:
    repro = clone.project / "repros" / "planted-hang.py"
    repro.write_text(repro.read_text(encoding="utf-8") + "\n1 / 0\n", encoding="utf-8")
    shutil.rmtree(clone.project / "results" / "kept")

    done = clone("replay", HANGS)

    assert done.returncode == 5
    assert "planted-hang has changed since, and its files are not kept as they were" in done.stdout


def test_a_python_that_is_missing_is_named_and_replaced_only_on_request(clone: Program) -> None:
    version = json.loads((clone.project / "results/records/planted-hang.jsonl").read_text().splitlines()[0])
    python = version["state"]["python"]
    edit_records(clone.project, f'"python":"{python}"', f'"python":"{python}99"')

    refused, done = clone("replay", PASSES), clone("replay", PASSES, "--nearest")

    assert refused.returncode == 5
    assert f"Python {python}99, which is recorded, is not on this machine; the nearest is {python}" in refused.stdout
    assert done.returncode == 0
    assert f"note: on Python {python}: {python}99, which is recorded, is not on this machine" in done.stdout


def test_another_signature_is_shown_beside_the_recorded_one(clone: Program) -> None:
    edit_records(clone.project, '"head":"hang.py:wait_for_an_answer"', '"head":"hang.py:wait_for_godot"')

    done = clone("replay", HANGS)

    assert done.returncode == 1
    assert "same outcome, other signature" in done.stdout
    assert "recorded: hang hang.py:wait_for_godot" in done.stdout
    assert "replayed: hang hang.py:wait_for_an_answer" in done.stdout


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("99", "the newest run is "),
        ("planted-hang", "bisectrix show planted-hang"),
        ("no@such=1", "nothing is recorded"),
    ],
)
def test_what_is_not_recorded_is_a_mistake_with_a_hint(recorded: Program, target: str, said: str) -> None:
    done = recorded("replay", target)

    assert done.returncode == 2
    assert said in done.stderr
