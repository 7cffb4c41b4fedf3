"""What two releases differ in, and what is no difference."""

from __future__ import annotations

import textwrap

import pytest

from bisectrix.explain.compare import compare, is_test
from bisectrix.explain.difference import Change, DependencyChange, Difference, Digest, FieldChange, FileChange, Place
from bisectrix.explain.metadata import metadata_of

BEFORE = '''
    """A pool."""
    import queue

    class Pool:
        """Lends connections."""

        size = 3

        def take(self, wait):
            """Lend one."""
            return self.idle(wait).get("any")

        def close(self):
            pass

    def pool():
        return Pool()
'''


def source(text: str) -> bytes:
    return textwrap.dedent(text).encode()


def changes(before: str, after: str) -> dict[str, str]:
    """Name -> change of the places that differ between two versions of one file."""
    difference = compare({"pool.py": source(before)}, {"pool.py": source(after)})
    return {place.name: str(place.change) for file in difference.files for place in file.places}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('"""A pool."""', "# nothing to say", id="docstring-of-a-module"),
        pytest.param('"""Lend one."""', '"""Lend one, or wait."""', id="docstring-of-a-method"),
        pytest.param("pass", '"""Do nothing."""', id="docstring-for-pass"),
        pytest.param("return Pool()", "return (\n            Pool()  # a new one\n        )", id="layout"),
        pytest.param("size = 3", "\n\n        size=3", id="blank-lines"),
        pytest.param('get("any")', "get(u'any')", id="quotes"),
    ],
)
def test_comments_docstrings_and_layout_are_no_difference(old: str, new: str) -> None:
    assert old in BEFORE
    assert changes(BEFORE, BEFORE.replace(old, new)) == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("idle(wait)", "idle()", {"Pool.take": "changed"}, id="body"),
        pytest.param("def take", "async def take", {"Pool.take": "changed"}, id="async"),
        pytest.param("self, wait", "self, wait=1", {"Pool.take": "changed"}, id="default"),
        pytest.param("def pool", "@cache\n    def pool", {"pool": "changed"}, id="decorator"),
        pytest.param("size = 3", "size = 4", {"Pool": "changed"}, id="class-attribute"),
        pytest.param("class Pool:", "class Pool(Base):", {"Pool": "changed"}, id="base-class"),
        pytest.param("import queue", "from queue import Queue", {"<module>": "changed"}, id="import"),
        pytest.param("def close", "def end", {"Pool.close": "removed", "Pool.end": "added"}, id="renamed"),
        pytest.param(
            "return Pool()",
            "def make(): return Pool()\n        return make()",
            {"pool": "changed", "pool.make": "added"},
            id="function-inside",
        ),
    ],
)
def test_a_change_is_named_by_the_smallest_definition_around_it(old: str, new: str, expected: dict[str, str]) -> None:
    assert old in BEFORE
    assert changes(BEFORE, BEFORE.replace(old, new)) == expected


def test_a_property_and_its_setter_are_one_place_with_a_span_for_each_side() -> None:
    old = "class A:\n    @property\n    def b(self): return 1\n    @b.setter\n    def b(self, to): self.c = to\n"
    new = old.replace("self.c = to", "self.d = to")
    (file,) = compare({"a.py": old.encode()}, {"a.py": new.encode()}).files
    assert file.places == (Place(name="A.b", change=Change.CHANGED, size=1, spans=((2, 3), (4, 5), (2, 3), (4, 5))),)


def test_files_come_and_go_with_all_that_is_in_them() -> None:
    difference = compare({"old.py": b"def f(): return 1\n"}, {"new.py": b"X = 1\n", "empty.py": b""})
    assert difference.files == (
        FileChange(path="empty.py", change=Change.ADDED, size=1),
        FileChange(
            path="new.py",
            change=Change.ADDED,
            size=1,
            places=(Place(name="<module>", change=Change.ADDED, size=1),),
        ),
        FileChange(
            path="old.py",
            change=Change.REMOVED,
            size=2,
            places=(Place(name="f", change=Change.REMOVED, size=2, spans=((1, 1),)),),
        ),
    )
    assert difference.paths(Change.ADDED) == ("empty.py", "new.py")


@pytest.mark.parametrize(
    "broken",
    [b"print 'so it was'\nx = 1\n", b"x = \0\n", b"(" * 5000, b"x = 1\n" * 200_000],
    ids=["2", "0", "deep", "large"],
)
def test_what_cannot_be_parsed_is_compared_as_text(broken: bytes) -> None:
    (file,) = compare({"a.py": broken}, {"a.py": broken + b"# end\n"}).files
    assert (file.change, file.places) == (Change.CHANGED, ())
    assert file.size == 1


def test_an_invalid_escape_of_somebody_else_is_no_failure_of_ours() -> None:
    assert compare({"a.py": b"x = '\\d'\n"}, {"a.py": b"x = '\\\\d'\n"}) == Difference()


@pytest.mark.parametrize(
    ("old", "new"), [(b"\xff\x00", b"\xff\x01"), (Digest(sha256="a", size_bytes=9), Digest(sha256="b", size_bytes=9))]
)
def test_of_what_is_no_text_only_the_change_is_told(old: bytes | Digest, new: bytes | Digest) -> None:
    assert compare({"a.so": old}, {"a.so": new}).files == (FileChange(path="a.so", change=Change.CHANGED, size=0),)
    assert compare({"a.so": old}, {"a.so": old}) == Difference()


def metadata(version: str, *lines: str) -> dict[str, bytes]:
    head = ("Metadata-Version: 2.1", "Name: tool", f"Version: {version}")
    info = f"tool-{version}.dist-info"
    return {
        f"{info}/METADATA": "\n".join((*head, *lines, "", "What it is.")).encode(),
        f"{info}/RECORD": version.encode(),
        f"{info}/WHEEL": version.encode(),
    }


def test_dependencies_are_told_by_project_and_extras_apart() -> None:
    old = metadata("1.0", "Requires-Dist: urllib3<2", "Requires-Dist: PyYAML", 'Requires-Dist: tox; extra == "tests"')
    new = metadata("2.0", "Requires-Dist: pyyaml", "Requires-Dist: urllib3 <3", 'Requires-Dist: urllib3; extra == "x"')
    assert compare(old, new).dependencies == (
        DependencyChange(name="pyyaml", is_optional=False, old=("PyYAML",), new=("pyyaml",)),
        DependencyChange(name="urllib3", is_optional=False, old=("urllib3<2",), new=("urllib3<3",)),
        DependencyChange(name="tox", is_optional=True, old=('tox; extra == "tests"',), new=()),
        DependencyChange(name="urllib3", is_optional=True, old=(), new=('urllib3; extra == "x"',)),
    )


def test_fields_of_the_metadata_are_told_and_its_files_are_not() -> None:
    old = metadata("1.0", "Requires-Python: >=3.9")
    new = metadata("2.0", "Requires-Python: >=3.10")
    new["tool-2.0.dist-info/entry_points.txt"] = b"[pytest11]\nTool = tool.plugin\n"
    assert compare(old, new) == Difference(
        fields=(
            FieldChange(name="version", old="1.0", new="2.0"),
            FieldChange(name="requires-python", old=">=3.9", new=">=3.10"),
            FieldChange(name="entry points", old="", new="pytest11: Tool = tool.plugin"),
        )
    )


def test_a_source_release_speaks_through_its_project_table() -> None:
    text = b"""
        [project]
        version = "3.0"
        dependencies = ["httpx"]
        requires-python = ">=3.12"
        scripts = { tool = "tool:main" }
        urls = { Source = "https://github.com/me/tool" }
    """
    found = metadata_of({"PKG-INFO": b"Metadata-Version: 1.0\nName: tool\nVersion: 3.0\n", "pyproject.toml": text})
    assert (found.version, found.requires, found.requires_python) == ("3.0", ("httpx",), ">=3.12")
    assert found.entry_points == ("console_scripts: tool = tool:main",)
    assert found.urls == (("Source", "https://github.com/me/tool"),)


@pytest.mark.parametrize(
    "files",
    [{}, {"pyproject.toml": b"= no"}, {"pyproject.toml": b"project = 3"}, {"a.egg-info/entry_points.txt": b"tool"}],
)
def test_metadata_that_is_missing_or_broken_says_nothing(files: dict[str, bytes]) -> None:
    assert metadata_of(files) == metadata_of({})


def test_what_takes_a_build_to_know_is_not_taken_for_nothing() -> None:
    built = metadata("1.0", "Requires-Dist: httpx")
    built["tool-1.0.dist-info/entry_points.txt"] = b"[console_scripts]\ntool = tool:main\n"
    assert compare(built, {"PKG-INFO": b"Metadata-Version: 1.0\nName: tool\nVersion: 1.0\n"}) == Difference()


def test_a_requirement_that_nobody_can_read_is_shown_as_it_is() -> None:
    (change,) = compare(metadata("0.9"), metadata("1.0", "Requires-Dist: what ever")).dependencies
    assert (change.name, change.new) == ("what ever", ("what ever",))


@pytest.mark.parametrize(
    ("path", "expected"),
    [("tests/a.py", True), ("a/test_b.py", True), ("a/conftest.py", True), ("a/testing/b.py", False), ("a.py", False)],
)
def test_tests_are_known_by_their_path(path: str, expected: bool) -> None:  # noqa: FBT001  (a parameter of the case)
    assert is_test(path) is expected
