"""Explanations as they are printed."""

from __future__ import annotations

from bisectrix.explain.culprit import explain
from bisectrix.explain.text import markdown, plain_text
from bisectrix.model.attempt import Frame

OLD = {
    "tool/pool.py": b"import queue\n\ndef take():\n    return 1\n",
    "tool/data.bin": b"\xff",
    "tool/notes.txt": b"one\n",
    "tool-1.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tool\nVersion: 1\nRequires-Dist: yarl\n",
}
NEW = {
    "tool/pool.py": b"def take():\n    return 2\n\ndef give():\n    return 3\n",
    "tool/data.bin": b"\xfe",
    "tool/notes.txt": b"two\n",
    "tool/more.txt": b"1\n2\n",
    "tool-2.dist-info/METADATA": (
        b"Metadata-Version: 2.1\nName: tool\nVersion: 2\nRequires-Dist: httpx>=1\nRequires-Dist: a; extra == 'b'\n"
        b"Requires-Python: >=3.10\nProject-URL: Changelog, https://tool.example.org/changes\n"
    ),
}
STACK = (Frame(file="tool/pool.py", function="take", line=0),)


def test_a_few_lines_tell_what_changed_and_why_it_matters() -> None:
    assert plain_text(explain("tool 1 -> 2", OLD, NEW, STACK), most_files=3).splitlines() == [
        "tool 1 -> 2: 3 files changed, 1 file added",
        "  tool/pool.py: changed; stands in the hang's stack (take)",
        "    added: give",
        "    removed: <module>",
        "    changed: take",
        "  tool/more.txt: added",
        "  tool/notes.txt: changed",
        "    lines that differ: 1",
        "  1 more file, lines that differ: 0",
        "  dependency added: httpx>=1",
        "  dependency removed: yarl",
        "  dependencies of extras changed: a",
        "  requires-python: none -> >=3.10",
        "  changelog: https://tool.example.org/changes",
    ]


def test_the_same_as_markdown() -> None:
    assert markdown(explain("tool 1 -> 2", OLD, NEW, STACK), most_files=1).splitlines() == [
        "`tool 1 -> 2`: 3 files changed, 1 file added.",
        "",
        "- `tool/pool.py`: changed; stands in the hang's stack (`take`)",
        "  - added: `give`",
        "  - removed: `<module>`",
        "  - changed: `take`",
        "- 3 more files, lines that differ: 3",
        "- dependency added: `httpx>=1`",
        "- dependency removed: `yarl`",
        "- dependencies of extras changed: `a`",
        "- requires-python: none -> `>=3.10`",
        "- changelog: <https://tool.example.org/changes>",
    ]


def test_equal_releases_are_said_to_be_equal() -> None:
    said = "tool 1 -> 1: no file differs but in comments, docstrings and layout"
    assert plain_text(explain("tool 1 -> 1", OLD, OLD, STACK)) == said
    assert markdown(explain("tool 1 -> 1", OLD, OLD, STACK)) == said.replace("tool 1 -> 1", "`tool 1 -> 1`") + "."


def test_names_from_a_package_steer_neither_a_terminal_nor_a_page() -> None:
    explanation = explain("t", {}, {"a\x1b[31m`<b>`\n.txt": b"", "x" * 999: b""}, ())
    assert "a?[31m`<b>` .txt: added" in plain_text(explanation)
    assert "- `` a?[31m`<b>` .txt ``: added" in markdown(explanation)
    assert max(map(len, plain_text(explanation).splitlines())) < 200


def test_many_places_are_counted() -> None:
    code = "".join(f"def f{number}(): return {{}}\n" for number in range(9))
    explanation = explain("t", {"a.py": code.format(*[1] * 9).encode()}, {"a.py": code.format(*[2] * 9).encode()}, ())
    assert plain_text(explanation).splitlines()[-1] == "    changed: f0, f1, f2, f3, f4, f5 and 3 more"
