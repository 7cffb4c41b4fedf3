"""The manifest of a repro, from text to a trustworthy value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bisectrix.manifest.claim_document import claim_of, claim_slips
from bisectrix.manifest.mistakes import NOTHING, Place, Slip, check_document, describe
from bisectrix.manifest.repro_document import BugTable, FolderDocument, LimitsTable, ScriptBlock, ScriptTable
from bisectrix.manifest.script_block import script_block
from bisectrix.manifest.written import list_at, read_toml, table_at
from bisectrix.model.repro import Bug, Limits, Repro
from bisectrix.model.words import BugKind

MANIFEST = "repro.toml"
TABLE = ("tool", "bisectrix")

KINDS_WITH = {
    "stack": (BugKind.HANG, BugKind.FAIL, BugKind.RAISES),
    "exit_codes": (BugKind.FAIL,),
    "accept": (BugKind.HANG,),
}
"""Keys of a bug that say something about some kinds only."""

BESIDE_TESTS = {
    "ready": "in a pytest repro each test has a deadline of its own",
    "command": "pytest is run; put its options into a pytest.ini in the folder",
}
"""Keys that mean nothing in a pytest repro, and why."""


def parse_repro(text: str, path: Path, name: str) -> Repro:
    """Read the manifest of a repro.

    Args:
        text: the script, or its `repro.toml`.
        path: of the script, of the folder, or of the `repro.toml` in it.
        name: of the repro.

    Raises:
        ManifestError: with all mistakes, in the order of the file.
    """
    if path.suffix == ".py":
        return _parse_script(text, path, name)
    return _parse_folder(text, path.parent if path.name == MANIFEST else path, name)


def _parse_script(text: str, path: Path, name: str) -> Repro:
    file = str(path)
    block = script_block(text, file)
    data = read_toml(block.toml, file, first_line=block.first_line, first_column=len("# ") + 1)
    written = check_document(ScriptBlock, data, file, _script_slips(data))
    return _repro(
        written.tool.bisectrix,
        name=name,
        path=path,
        dependencies=tuple(written.dependencies),
        requires_python=written.requires_python,
    )


def _parse_folder(text: str, folder: Path, name: str) -> Repro:
    file = str(folder / MANIFEST)
    data = read_toml(text, file)
    written = check_document(FolderDocument, data, file, _folder_slips(data))
    return _repro(
        written,
        name=name,
        path=folder,
        dependencies=tuple(written.dependencies),
        requires_python=written.requires_python,
        tests=tuple(written.tests),
    )


def _repro(written: ScriptTable, **rest: Any) -> Repro:  # noqa: ANN401 - fields of Repro that stand beside the table
    return Repro(
        title=written.title,
        bug=_bug(written.bug),
        question=written.question,
        links=tuple(written.links),
        command=tuple(written.command),
        ready=written.ready,
        limits=_limits(written.limits),
        attempts=written.attempts,
        matrices=tuple(written.matrices),
        tags=tuple(written.tags),
        env=tuple(written.env.items()),
        network=written.network,
        trusted=written.trusted,
        native_stacks=written.native_stacks,
        claims=tuple(map(claim_of, written.claims)),
        **rest,
    )


def _bug(written: BugTable) -> Bug:
    return Bug(
        kind=written.kind,
        stack=tuple(written.stack),
        pattern=written.pattern,
        tests=tuple(written.tests),
        exit_codes=tuple(written.exit_codes),
        accept=tuple(written.accept),
    )


def _limits(written: LimitsTable) -> Limits:
    return Limits(**{field.name: getattr(written, field.name) for field in fields(Limits)})


def _script_slips(data: Mapping[str, Any]) -> Iterator[Slip]:
    bug = table_at(data, *TABLE, "bug")
    yield from _bug_slips(bug, (*TABLE, "bug"))
    claims = list_at(data, *TABLE, "claims")
    yield from claim_slips(claims, (*TABLE, "claims"), is_suite=False)
    if "tests" in bug:
        yield _without_tests((*TABLE, "bug", "tests"), "a pytest repro is a folder with a repro.toml")


def _folder_slips(data: Mapping[str, Any]) -> Iterator[Slip]:
    bug = table_at(data, "bug")
    yield from _bug_slips(bug, ("bug",))
    yield from claim_slips(list_at(data, "claims"), ("claims",), is_suite="tests" in data)
    if "tests" in data:
        yield from _pytest_slips(data)
        return
    if "tests" in bug:
        yield _without_tests(("bug", "tests"), "add tests, the files for pytest")
    if not data.get("command"):
        yield Slip(
            place=("tests",),
            found=NOTHING,
            expected="test files for pytest",
            hint="or command, the arguments of Python, where this is no pytest repro",
        )


def _pytest_slips(data: Mapping[str, Any]) -> Iterator[Slip]:
    if not list_at(data, "tests"):
        yield Slip(place=("tests",), found=describe(data["tests"]), expected="a list with at least one test file")
    for key, hint in BESIDE_TESTS.items():
        if key in data:
            yield Slip(place=(key,), found=describe(data[key]), expected=f"no {key} beside tests", hint=hint)
    if "pytest" not in set(_packages(list_at(data, "dependencies"))):
        yield Slip(
            place=("dependencies",),
            found="no pytest in it" if "dependencies" in data else NOTHING,
            expected="pytest among the dependencies, since there are tests",
            hint='add "pytest>=7"',
        )


def _bug_slips(bug: Mapping[str, Any], place: Place) -> Iterator[Slip]:
    kind = bug.get("kind")
    if kind == BugKind.PRINTS and "pattern" not in bug:
        yield Slip(place=(*place, "pattern"), found=NOTHING, expected="what a bug of kind prints shows in its output")
    for key, kinds in KINDS_WITH.items():
        if key in bug and kind in [other for other in BugKind if other not in kinds]:
            yield Slip(
                place=(*place, key),
                found=describe(bug[key]),
                expected=f"{key} only in a bug of kind {' or '.join(kinds)}",
                hint=f"this bug is of kind {kind}",
            )


def _without_tests(place: Place, hint: str) -> Slip:
    return Slip(place=place, found="names of tests", expected="none, since this is no pytest repro", hint=hint)


def _packages(requirements: list[Any]) -> Iterator[str]:
    for requirement in requirements:
        with suppress(InvalidRequirement, TypeError):
            yield canonicalize_name(Requirement(requirement).name)
