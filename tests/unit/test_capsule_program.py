"""The program in a capsule: what fits, what is the same, what it needs of Python."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bisectrix.capsule.environment import entry_points
from bisectrix.capsule.fitness import Here, misfits, remarks
from bisectrix.capsule.verdict import judge, outcome, stands_in, way
from bisectrix.capsule.watch import Seen

SOURCE = Path(__file__).parents[2] / "src" / "bisectrix"
IN_A_CAPSULE = [*sorted((SOURCE / "capsule").glob("*.py")), SOURCE / "model" / "frames.py"]

FACTS = {
    "python": {"implementation": "cpython", "version": "3.11.7"},
    "platform": {"system": "linux", "machine": "x86_64"},
}
HERE = {"implementation": "cpython", "version": "3.11.7", "system": "linux", "machine": "x86_64", "libc": "glibc 2.36"}

WAITS = ["vcr-pool.py:main", "httpx/_client.py:send", "httpcore/_async/connection_pool.py:wait_for_connection"]
HANG = {"outcome": "hang", "head": WAITS[-1], "frames": WAITS}
FAIL = {"outcome": "fail", "head": "RuntimeError: bad luck", "frames": ["flaky.py:act"]}
CRASH = {"outcome": "crash", "head": "SIGSEGV", "frames": []}
PASS: dict[str, Any] = {"outcome": "pass", "head": "", "frames": []}
TRACEBACK = 'Traceback\n  File "/x/site-packages/flaky.py", line 9, in act\n    roll()\nRuntimeError: {}\n'


@pytest.mark.parametrize("file", IN_A_CAPSULE, ids=lambda file: file.name)
def test_every_module_is_one_for_python_3_8_and_needs_nothing_but_its_library(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 8))

    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {name for name in names if name.startswith("bisectrix")}
    assert {name.partition(".")[0] for name in names - ours} <= sys.stdlib_module_names
    assert all(name == "bisectrix.model.frames" or name.startswith("bisectrix.capsule") for name in ours)


@pytest.mark.parametrize(
    ("facts", "wheels", "said"),
    [
        ({}, ["a-1.0-py3-none-any.whl"], []),
        ({"version": "3.11.9", "machine": "aarch64"}, ["a-1.0-py3-none-any.whl"], []),
        (
            {"version": "3.12.1"},
            [],
            ["it needs CPython 3.11 (it was recorded with 3.11.7), and this is cpython 3.12.1: run it with python3.11"],
        ),
        ({"system": "darwin"}, [], ["it was recorded on linux, and this is darwin"]),
        (
            {"machine": "aarch64"},
            ["yarl-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"],
            ["yarl is native (manylinux_2_17_x86_64), and this machine is aarch64"],
        ),
        ({"libc": "glibc 2.17"}, ["yarl-1.0-cp311-cp311-manylinux_2_28_x86_64.manylinux2014_x86_64.whl"], []),
        (
            {"libc": "glibc 2.17"},
            ["yarl-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"],
            ["yarl is native (manylinux_2_28_x86_64), and this machine has glibc 2.17"],
        ),
        (
            {"libc": ""},
            ["yarl-1.0-cp311-cp311-manylinux2014_x86_64.whl"],
            ["yarl is native (manylinux2014_x86_64), and this machine has another C library"],
        ),
        ({"libc": ""}, ["yarl-1.0-cp311-cp311-musllinux_1_2_x86_64.whl"], []),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(facts: dict[str, str], wheels: Sequence[str], said: list[str]) -> None:
    assert list(misfits(FACTS, wheels, Here(**{**HERE, **facts}))) == said


def test_what_need_not_matter_is_remarked() -> None:
    here = Here(**{**HERE, "version": "3.11.9", "machine": "aarch64"})

    assert list(remarks(FACTS, here)) == [
        "recorded with Python 3.11.7, and this is 3.11.9",
        "recorded on x86_64, and this is aarch64",
    ]


def seen(ending: str = "exited", code: int = 0, chain: Sequence[str] = (), output: str = "") -> Seen:
    return Seen(ending, code, [list(chain)] if chain else [], output, 1.0)


@pytest.mark.parametrize(
    ("what", "look", "is_same", "sentence"),
    [
        (
            seen("blocked", chain=["asyncio/runners.py:run", *WAITS, "asyncio/locks.py:wait"]),
            HANG,
            True,
            "hang reproduced: main -> send -> wait_for_connection",
        ),
        (
            seen("overran", chain=WAITS),
            HANG,
            True,
            "hang reproduced, at the deadline: main -> send -> wait_for_connection",
        ),
        (
            seen("blocked", chain=["vcr-pool.py:main", "ssl.py:read"]),
            HANG,
            False,
            "it hangs elsewhere: waits at main -> read, recorded main -> send -> wait_for_connection",
        ),
        (
            seen(),
            HANG,
            False,
            "not reproduced: it ended with exit code 0, recorded a hang at main -> send -> wait_for_connection",
        ),
        (seen(), PASS, True, "it passes, as recorded"),
        (
            seen(code=1, output=TRACEBACK.format("bad luck")),
            FAIL,
            True,
            "fail reproduced: RuntimeError: bad luck",
        ),
        (
            seen(code=1, output="ValueError: no\n"),
            FAIL,
            False,
            "it fails otherwise: it ended with exit code 1 (ValueError: no), recorded RuntimeError: bad luck",
        ),
        (seen("signalled", -11), CRASH, True, "crash reproduced: SIGSEGV"),
        (seen("signalled", -6), CRASH, False, "another crash: SIGABRT, recorded SIGSEGV"),
        (seen(), FAIL, False, "not reproduced: it ended with exit code 0, recorded fail RuntimeError: bad luck"),
    ],
)
def test_what_is_seen_is_held_against_the_record(
    what: Seen,
    look: dict[str, Any],
    is_same: bool,  # noqa: FBT001  the expected answer
    sentence: str,
) -> None:
    verdict = judge(what, [look], "")

    assert (verdict.same, verdict.sentence) == (is_same, sentence)


def test_of_several_recorded_looks_one_is_enough() -> None:
    assert judge(seen(), [HANG, PASS], "").same


def test_a_bug_that_shows_in_the_output_may_end_well() -> None:
    prints = {"outcome": "fail", "head": "lost 3 of 7", "frames": []}

    assert judge(seen(output="lost 2 of 9\n"), [prints], r"lost \d of \d").same
    assert not judge(seen(output="all there\n"), [prints], r"lost \d of \d").same


def test_frames_stand_in_a_chain_in_their_order() -> None:
    assert stands_in(["a", "c"], ["a", "b", "c"])
    assert not stands_in(["c", "a"], ["a", "b", "c"])
    assert not stands_in([], ["a"])


def test_a_long_way_is_shortened_in_the_middle() -> None:
    assert way([f"f.py:{name}" for name in "abcdefg"]) == "a -> b -> ... -> e -> f -> g"


def test_an_ending_has_the_word_of_the_glossary() -> None:
    assert [outcome(seen(ending, code)) for ending, code in (("exited", 0), ("exited", 2), ("overran", -9))] == [
        "pass",
        "fail",
        "timeout",
    ]


def test_console_scripts_are_read_with_their_case() -> None:
    text = "[console_scripts]\nMyTool = package.module:main.call\nother = x:y [extra]\n\n[gui_scripts]\nno = no:no\n"

    assert list(entry_points(text)) == [("MyTool", "package.module", "main.call"), ("other", "x", "y")]
