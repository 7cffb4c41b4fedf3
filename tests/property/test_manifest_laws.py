"""What is written comes back as it was meant; what is garbage is refused and nothing worse."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from packaging.version import Version

from bisectrix.errors import ManifestError, Mistake
from bisectrix.manifest.matrix import parse_matrix
from bisectrix.manifest.repro import parse_repro
from bisectrix.manifest.schema import matrix_schema, repro_schema
from bisectrix.manifest.script_block import script_block
from bisectrix.model.matrix import Axis
from bisectrix.model.words import AxisKind, BugKind, MatrixSet, Network, OverrunLabel, Resolution

LINES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)
ARGUMENTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=10)
LABELS = st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True)
VARIABLES = st.from_regex(r"[A-Z_][A-Z0-9_]{0,6}", fullmatch=True)
PACKAGES = st.sampled_from(["httpx", "vcrpy", "anyio", "idna"])
REQUIREMENTS = st.builds("{}>={}".format, PACKAGES, st.integers(0, 9))
VERSIONS = st.builds(
    "{}.{}{}".format, st.integers(0, 20), st.integers(0, 20), st.sampled_from(["", ".1", "rc1", ".post2"])
)
MINORS = st.builds("3.{}".format, st.integers(0, 30))
INSTANTS = st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat() + "Z")
SECONDS = st.floats(0.01, 1e6) | st.integers(1, 10**6)
COUNTS = st.integers(1, 10**6)


def some(items: st.SearchStrategy[str], *, at_least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(items, min_size=at_least, max_size=4, unique=True)


def words(kind: type[Any]) -> st.SearchStrategy[str]:
    return st.sampled_from([str(word) for word in kind])


BUGS = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("hang")}, optional={"stack": some(LINES), "accept": some(words(OverrunLabel))}
    ),
    st.fixed_dictionaries(
        {"kind": st.just("fail")}, optional={"exit_codes": st.lists(st.integers(1, 255), unique=True)}
    ),
    st.fixed_dictionaries({"kind": words(BugKind), "pattern": st.sampled_from(["a+", "^x$", "[[]"])}),
)
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("install_s", "startup_s", "deadline_s", "quiet_s"), SECONDS),
        **dict.fromkeys(("memory_mib", "output_mib", "processes", "disk_mib"), COUNTS),
    },
)
TABLES = st.fixed_dictionaries(
    {"title": LINES, "bug": BUGS, "command": st.lists(ARGUMENTS, min_size=1, max_size=3)},
    optional={
        "question": LINES,
        "links": some(LABELS.map("https://example.org/{}".format)),
        "ready": LINES,
        "limits": LIMITS,
        "attempts": COUNTS,
        "matrices": some(LABELS),
        "tags": some(LABELS),
        "env": st.dictionaries(VARIABLES, ARGUMENTS, max_size=3),
        "network": words(Network),
    },
)
BESIDE = st.fixed_dictionaries(
    {}, optional={"dependencies": some(REQUIREMENTS), "requires_python": st.sampled_from([">=3.9", "~=3.10,!=3.11"])}
)
VARIANTS = st.fixed_dictionaries(
    {},
    optional={
        "args": st.lists(ARGUMENTS, max_size=3),
        "env": st.dictionaries(VARIABLES, ARGUMENTS, max_size=2),
        "requirements": some(REQUIREMENTS),
    },
)
AXES = st.fixed_dictionaries(
    {"python": some(MINORS, at_least=1) | st.sampled_from(["current", ">=3.9"])},
    optional={
        "vcrpy": st.lists(VERSIONS, min_size=1, max_size=4, unique_by=Version) | st.just(">=7,<9"),
        "resolution": some(words(Resolution), at_least=1),
        "cutoff": some(INSTANTS, at_least=1),
        "env": st.dictionaries(VARIABLES, some(LABELS, at_least=1), min_size=1, max_size=2),
        "variant": st.just("mode").flatmap(
            lambda name: st.fixed_dictionaries({name: st.dictionaries(LABELS, VARIANTS, min_size=1, max_size=3)})
        ),
    },
)
MATRICES = st.fixed_dictionaries(
    {"axes": AXES},
    optional={
        "title": LINES,
        "set": words(MatrixSet),
        "attempts": COUNTS,
        "constraints": some(REQUIREMENTS),
        "include": st.lists(st.fixed_dictionaries({"python": MINORS}), max_size=2),
        "exclude": st.lists(
            st.fixed_dictionaries({"where": st.fixed_dictionaries({"python": MINORS}), "reason": LINES}), max_size=2
        ),
    },
)
GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def frozen(value: object) -> object:
    match value:
        case list():
            return tuple(frozen(item) for item in value)
        case dict():
            return tuple((key, frozen(item)) for key, item in value.items())
        case _:
            return value


def fields(value: object, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(value, name) for name in names}


def as_script(table: dict[str, Any], beside: dict[str, Any]) -> str:
    top = {key.replace("_", "-"): value for key, value in beside.items()}
    toml = tomlkit.dumps({**top, "tool": {"bisectrix": table}})
    return "\n".join(["# /// script", *(f"# {line}" for line in toml.split("\n")), "# ///", "print()"])


@given(TABLES, BESIDE)
def test_a_repro_comes_back_as_it_was_written(table: dict[str, Any], beside: dict[str, Any]) -> None:
    folder = parse_repro(tomlkit.dumps({**beside, **table}), Path("repros/x"), "x")
    written = {**beside, **table}
    limits, bug = written.pop("limits", {}), written.pop("bug")
    assert fields(folder, written) == {key: frozen(value) for key, value in written.items()}
    assert fields(folder.limits, limits) == limits
    assert fields(folder.bug, bug) == {key: frozen(value) for key, value in bug.items()}


@given(TABLES, BESIDE)
def test_a_script_and_a_folder_that_say_the_same_mean_the_same(table: dict[str, Any], beside: dict[str, Any]) -> None:
    folder = parse_repro(tomlkit.dumps({**beside, **table}), Path("repros/x"), "x")
    script = parse_repro(as_script(table, beside), Path("repros/x.py"), "x")
    names = [name for name in folder.__dataclass_fields__ if name != "path"]
    assert fields(script, names) == fields(folder, names)


@given(MATRICES)
def test_a_matrix_comes_back_as_it_was_written(document: dict[str, Any]) -> None:
    matrix = parse_matrix(tomlkit.dumps(document), "m.toml", "m")
    plain = {key: document[key] for key in ("title", "set", "attempts", "constraints", "include") if key in document}
    assert fields(matrix, plain) == {key: frozen(value) for key, value in plain.items()}
    assert [
        axis.name for axis in matrix.axes if axis.kind is not AxisKind.ENV and axis.kind is not AxisKind.VARIANT
    ] == [name for name in document["axes"] if name not in {"env", "variant"}]
    for axis in matrix.axes:
        if axis.kind is AxisKind.PACKAGE and isinstance(axis, Axis):
            assert list(axis.values) == sorted(document["axes"][axis.name], key=Version)
    variants = document["axes"].get("variant", {}).get("mode", {})
    meant = [axis for axis in matrix.axes if isinstance(axis, Axis) and axis.kind is AxisKind.VARIANT]
    assert [axis.values for axis in meant] == ([tuple(variants)] if variants else [])


@given(TABLES, BESIDE)
def test_a_valid_repro_fits_the_published_schema(table: dict[str, Any], beside: dict[str, Any]) -> None:
    Draft202012Validator(repro_schema()).validate({**beside, **table})


@given(MATRICES)
def test_a_valid_matrix_fits_the_published_schema(document: dict[str, Any]) -> None:
    Draft202012Validator(matrix_schema()).validate(document)


@given(st.text())
def test_any_text_is_refused_or_read(text: str) -> None:
    refused_or_read(text)


@given(st.sampled_from(["repro", "matrix"]), st.data())
def test_any_value_in_any_place_is_refused_or_read(kind: str, data: st.DataObject) -> None:
    document = copy.deepcopy(data.draw(TABLES if kind == "repro" else MATRICES))
    place, key = data.draw(st.sampled_from(list(places(document))))
    place[key] = data.draw(GARBAGE)
    try:
        text = tomlkit.dumps(document)
    except (ValueError, TypeError):
        return
    refused_or_read(text)


@given(st.data())
def test_any_damage_to_a_text_is_refused_or_read(data: st.DataObject) -> None:
    text = tomlkit.dumps(data.draw(TABLES | MATRICES))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    refused_or_read(text[:start] + data.draw(st.text(max_size=5)) + text[end:])


def refused_or_read(text: str) -> None:
    in_comment = "# /// script\n" + "".join(f"# {line}\n" for line in text.split("\n")) + "# ///\n"
    parsers: list[Callable[[], object]] = [
        lambda: parse_repro(text, Path("x"), "x"),
        lambda: parse_repro(text, Path("x.py"), "x"),
        lambda: parse_repro(in_comment, Path("x.py"), "x"),
        lambda: parse_matrix(text, "m.toml", "m"),
    ]
    for parse in parsers:
        assert all(len(str(mistake).splitlines()) == 1 for mistake in mistakes_of(parse))


def mistakes_of(parse: Callable[[], object]) -> tuple[Mistake, ...]:
    try:
        parse()
    except ManifestError as error:
        return error.mistakes
    return ()


def places(value: object) -> Iterator[tuple[Any, str | int]]:
    """Yield each container with each of its keys or indexes."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from places(inner)


@given(TABLES)
def test_the_block_of_a_script_is_the_toml_that_was_put_into_it(table: dict[str, Any]) -> None:
    assert tomllib.loads(script_block(as_script(table, {}), "x.py").toml)["tool"]["bisectrix"] == table
