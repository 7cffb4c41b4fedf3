"""What an export is made of: equal parcels, equal bytes; exact pins; the look that must be seen."""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bisectrix.export.capsule import members, pyz
from bisectrix.export.container import container_folder
from bisectrix.export.looks import Look, looks, telling_test
from bisectrix.export.parcel import Parcel
from bisectrix.export.script import script_folder, start
from bisectrix.manifest.script_block import script_block
from bisectrix.model.attempt import Attempt
from bisectrix.model.lock import Lock
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.result import Ran
from bisectrix.model.words import BugKind, Outcome, TestOutcome, Verdict
from support.results import WAITING, attempt, cell, did, ran

HERE = cell(python="3.11", vcrpy="8.1.1")
RESULT = ran(HERE, attempt(Outcome.HANG))
REPRO = Repro(name="vcr-pool", path=Path("repros/vcr-pool.py"), title="It waits", bug=Bug(kind=BugKind.HANG))
SCRIPT = b'# /// script\n# dependencies = ["vcrpy>=4"]\n# ///\nimport vcr\n'
PROGRAM = {"bisectrix/capsule/main.py": b"def main(root): ...\n", "probe/tasks.py": b"# the probe\n"}


def parcel(
    repro: Repro = REPRO, *, args: tuple[str, ...] = (), wheels: Sequence[str] = ("vcrpy-8.1.1-py3-none-any.whl",)
) -> Parcel:
    assert isinstance(RESULT.state, Ran)
    return Parcel(
        result=RESULT,
        state=RESULT.state,
        repro=repro,
        files={"vcr-pool.py": SCRIPT},
        lock=Lock(text="lock", sha256="00", packages=(("vcrpy", "8.1.1"),), resolver="uv"),
        requirements='vcrpy==8.1.1 ; sys_platform == "linux" --hash=sha256:00\n',
        wheels={name: name.encode() for name in wheels},
        args=args,
        variables=(("PYTHONHASHSEED", "0"), ("WHOM", "you & me")),
        machine=None,
    )


def test_a_capsule_is_the_same_whatever_the_order_of_its_parts() -> None:
    whole = members(parcel(), PROGRAM)

    assert pyz(whole, "3.11") == pyz(dict(reversed(whole.items())), "3.11")


def test_a_capsule_is_a_zip_file_that_python_runs_and_tells_what_lies_in_it() -> None:
    content = pyz(members(parcel(), PROGRAM), "3.11")

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        facts = json.loads(archive.read("capsule.json"))
        names = archive.namelist()
    assert content.startswith(b"#!/usr/bin/env python3.11\n")
    assert {"__main__.py", "repro/vcr-pool.py", "wheels/vcrpy-8.1.1-py3-none-any.whl", *PROGRAM} <= set(names)
    assert set(facts["members"]) == {
        *("probe/tasks.py", "pylock.toml", "repro/vcr-pool.py", "wheels/vcrpy-8.1.1-py3-none-any.whl"),
    }
    assert facts["command"] == ["vcr-pool.py"]
    assert facts["variables"]["WHOM"] == "you & me"
    assert facts["recorded"]["looks"][0]["frames"][-1] == "httpcore/_async/connection_pool.py:wait_for_connection"


def test_a_script_has_exact_pins_and_its_hashes_beside_it() -> None:
    folder = script_folder(parcel())

    metadata = tomllib.loads(script_block(folder["vcr-pool.py"].decode(), "vcr-pool.py").toml)
    assert metadata["requires-python"] == "==3.11.*"
    assert metadata["dependencies"] == ['vcrpy==8.1.1 ; sys_platform == "linux"']
    assert metadata["tool"]["uv"] == {"no-index": True, "find-links": ["wheels"]}
    assert folder["vcr-pool.py"].endswith(b"import vcr\n")
    assert b"--hash=sha256:00" in folder["requirements.txt"]
    assert "WHOM='you & me' uv run" in folder["README.md"].decode()


def test_without_wheels_a_script_asks_the_index() -> None:
    folder = script_folder(parcel(wheels=()))

    assert "uv" not in tomllib.loads(script_block(folder["vcr-pool.py"].decode(), "x").toml).get("tool", {})
    assert "--offline" not in folder["README.md"].decode()


def test_a_repro_with_arguments_gets_a_script_that_starts_it() -> None:
    made = parcel(args=("--vcr", 'a "quoted" one'))
    folder = script_folder(made)

    assert start(made) == "replay.py"
    assert folder["vcr-pool.py"] == SCRIPT
    launcher = folder["replay.py"].decode()
    compile(launcher, "replay.py", "exec")
    assert "COMMAND = ['vcr-pool.py', '--vcr', 'a \"quoted\" one']" in launcher


@pytest.mark.parametrize(("image", "first"), [("", "python:3.11.7-slim"), ("mine:1", "mine:1")])
def test_a_container_is_built_from_the_image_of_that_python_or_the_one_named(image: str, first: str) -> None:
    folder = container_folder(parcel(), members(parcel(), PROGRAM), image)

    assert f"ARG IMAGE={first}" in folder["Containerfile"].decode().replace("docker.io/library/", "")
    assert "capsule/__main__.py" in folder


def test_a_cell_in_an_image_is_built_from_that_image() -> None:
    made = parcel()
    state = replace(made.state, platform="linux-x86_64 in registry.example/app:2 (0123456789ab)")

    folder = container_folder(replace(made, state=state), {})

    assert "ARG IMAGE=registry.example/app:2" in folder["Containerfile"].decode()


def test_the_looks_that_show_the_bug_come_first() -> None:
    hang, good = attempt(Outcome.HANG), attempt()

    assert [look.outcome for look in looks([good, hang, hang])] == [Outcome.HANG, Outcome.PASS]


def suite(*tests: tuple[str, TestOutcome], verdict: Verdict) -> Attempt:
    done = [did(name, outcome, "AssertionError: no\nmore", WAITING) for name, outcome in tests]
    return attempt(Outcome.HANG, verdict=verdict, tests=done)


def test_of_a_suite_the_worst_test_of_a_bad_attempt_tells() -> None:
    good = suite(("t.py::a", TestOutcome.FAIL), verdict=Verdict.GOOD)
    bad = suite(("t.py::a", TestOutcome.FAIL), ("t.py::b", TestOutcome.HANG), verdict=Verdict.BAD)

    assert telling_test([good, bad]) == "t.py::b"
    assert telling_test([suite(("t.py::a", TestOutcome.PASS), verdict=Verdict.GOOD)]) == ""


def test_the_look_of_one_test_is_its_own() -> None:
    bad = suite(("t.py::a", TestOutcome.FAIL), ("t.py::b", TestOutcome.HANG), verdict=Verdict.BAD)

    assert looks([bad], "t.py::a") == (Look(outcome=Outcome.FAIL, head="AssertionError: no more"),)
    (hang,) = looks([bad], "t.py::b")
    assert (hang.outcome, hang.frames[-1]) == (Outcome.HANG, "httpcore/_async/connection_pool.py:wait_for_connection")
