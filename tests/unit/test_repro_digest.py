"""What invalidates the results of a repro, and what does not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bisectrix.manifest.digest import repro_sha256
from bisectrix.model.repro import Bug, Limits, Repro
from bisectrix.model.words import BugKind, Network

SCRIPT = Repro(name="x", path=Path("repros/x.py"), title="t", bug=Bug(kind=BugKind.HANG), env=(("A", "1"), ("B", "2")))
FOLDER = dataclasses.replace(SCRIPT, path=Path("repros/x"))
PROGRAM = b'# /// script\n# dependencies = ["httpx"]\n# ///\nprint("ready")\n'


@pytest.mark.parametrize(
    "change",
    [
        {"name": "y"},
        {"title": "another"},
        {"question": "why?"},
        {"links": ("https://example.org",)},
        {"limits": Limits(install_s=1)},
        {"tags": ("a",)},
        {"attempts": 7},
        {"matrices": ("full",)},
        {"env": (("B", "2"), ("A", "1"))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_prose_and_plans_keep_the_results(change: dict[str, object]) -> None:
    changed = dataclasses.replace(SCRIPT, **change)  # type: ignore[arg-type] # any field
    assert repro_sha256(changed, {"x.py": PROGRAM}) == repro_sha256(SCRIPT, {"x.py": PROGRAM})


@pytest.mark.parametrize(
    "change",
    [
        {"dependencies": ("httpx",)},
        {"requires_python": ">=3.9"},
        {"command": ("-c", "pass")},
        {"tests": ("t.py",)},
        {"ready": "go"},
        {"env": (("A", "2"), ("B", "2"))},
        {"network": Network.NONE},
        {"limits": Limits(quiet_s=1)},
        {"bug": Bug(kind=BugKind.HANG, stack=("a.py",))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_decides_a_run_ends_the_results(change: dict[str, object]) -> None:
    changed = dataclasses.replace(SCRIPT, **change)  # type: ignore[arg-type] # any field
    assert repro_sha256(changed, {"x.py": PROGRAM}) != repro_sha256(SCRIPT, {"x.py": PROGRAM})


@pytest.mark.parametrize(
    ("content", "same"),
    [
        (PROGRAM.replace(b"httpx", b"httpx>=0.27"), True),
        (PROGRAM.replace(b"\n", b"\r\n"), True),
        (PROGRAM.replace(b"ready", b"go"), False),
        (PROGRAM.replace(b"script", b"other"), False),
        (PROGRAM + b"\xff", False),
    ],
    ids=["block", "line ends", "program", "another block", "no text"],
)
def test_a_script_counts_without_its_block(content: bytes, *, same: bool) -> None:
    equal = repro_sha256(SCRIPT, {"x.py": content}) == repro_sha256(SCRIPT, {"x.py": PROGRAM})
    assert equal is same


def test_a_bound_written_as_its_default_changes_nothing() -> None:
    written = dataclasses.replace(SCRIPT, limits=Limits(quiet_s=Limits().quiet_s))
    assert repro_sha256(written, {"x.py": PROGRAM}) == repro_sha256(SCRIPT, {"x.py": PROGRAM})


def test_a_folder_counts_without_its_manifest() -> None:
    files = {"test_a.py": b"a", "repro.toml": b"title = 'a'"}
    digest = repro_sha256(FOLDER, files)
    assert repro_sha256(FOLDER, {**files, "repro.toml": b"title = 'b'"}) == digest
    assert repro_sha256(FOLDER, {**files, "test_a.py": b"b"}) != digest
    assert repro_sha256(FOLDER, {**files, "data.json": b"{}"}) != digest
    assert repro_sha256(FOLDER, {**files, "inner/repro.toml": b""}) != digest


def test_the_order_of_the_files_is_no_matter() -> None:
    files = {"a.py": b"a", "b.py": b"b"}
    assert repro_sha256(FOLDER, files) == repro_sha256(FOLDER, dict(reversed(files.items())))
