"""The order in which a reader looks at changes, and the reason that is given for it."""

from __future__ import annotations

import textwrap

import pytest

from bisectrix.explain.compare import compare
from bisectrix.explain.culprit import explain
from bisectrix.explain.difference import Files
from bisectrix.explain.imports import imports_of
from bisectrix.explain.rank import Closeness, ranked
from bisectrix.model.attempt import Frame
from bisectrix.model.words import BugKind

OLD = {
    "tool/__init__.py": b"from tool.client import get\n",
    "tool/client.py": b"from . import pool\n\ndef get():\n    return pool.take()\n",
    "tool/pool.py": b"from tool.waits import wait\n\ndef take():\n    return wait(1)\n\ndef close():\n    return 1\n",
    "tool/waits.py": b"def wait(s):\n    return s\n",
    "tool/other.py": b"X = 1\n",
    "tool/notes.txt": b"one\n",
    "tool/tests/test_pool.py": b"def test(): assert 1\n",
}


def frames(*places: str) -> tuple[Frame, ...]:
    """`file:function` or `file:function:line`."""
    parts = [(*place.split(":"), "0")[:3] for place in places]
    return tuple(Frame(file=file, function=function, line=int(line)) for file, function, line in parts)


STACK = frames("repro.py:main", "tool/client.py:get", "tool/pool.py:take", "threading.py:wait")


def edited(**edits: str) -> Files:
    """OLD with lines appended; `pool="..."` stands for `tool/pool.py`."""
    return {
        path: text + textwrap.dedent(edits.get(path.split("/")[-1].split(".")[0], "")).encode()
        for path, text in OLD.items()
    }


def order(new: Files, stack: tuple[Frame, ...] = STACK) -> list[tuple[str, str]]:
    return [(one.file.path, one.reason()) for one in explain("tool", OLD, new, stack).files]


def test_the_stack_comes_first_then_its_file_then_imports_then_size_then_tests() -> None:
    new = edited(
        __init__="Y = 1\n",
        client="def get(): return 3\n",
        pool="Y = 1\n",
        waits="Y = 1\n",
        other="A = 1\nB = 2\nC = 3\n",
        notes="1\n2\n3\n4\n5\n",
        test_pool="X = 1\n" * 20,
    )
    stack = "stands in the hang's stack"
    assert order(new) == [
        ("tool/client.py", f"{stack} (get)"),
        ("tool/pool.py", f"the file {stack}"),
        ("tool/__init__.py", f"imports tool/client.py, which {stack}"),
        ("tool/waits.py", f"is imported by tool/pool.py, which {stack}"),
        ("tool/other.py", ""),
        ("tool/notes.txt", ""),
        ("tool/tests/test_pool.py", ""),
    ]


def test_of_two_functions_in_the_stack_the_innermost_comes_first() -> None:
    new = edited(client="def get(): return 3\n", pool="def take(): return 3\n")
    assert [path for path, _ in order(new)] == ["tool/pool.py", "tool/client.py"]


def test_a_file_that_came_or_went_stands_in_the_stack_by_its_functions() -> None:
    gone = {path: text for path, text in OLD.items() if path != "tool/pool.py"}
    assert order(gone)[0] == ("tool/pool.py", "stands in the hang's stack (take)")
    (first, *_) = explain("tool", gone, OLD, STACK).files
    assert (first.file.change, first.reason()) == ("added", "stands in the hang's stack (take)")


def test_places_in_the_stack_come_before_larger_ones_of_their_file() -> None:
    new = edited(pool="Y = 1\nZ = 2\ndef close():\n    a = 1\n    b = 2\n    return a\ndef take(): return 3\n")
    (first,) = explain("tool", OLD, new, STACK).files
    assert [place.name for place in first.file.places] == ["take", "close", "<module>"]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        pytest.param("a.py:run", ("A.run", "B.run"), id="name-alone"),
        pytest.param("a.py:run:6", ("B.run",), id="line"),
        pytest.param("a.py:B.run", ("B.run",), id="qualified"),
        pytest.param("a.py:B.run.<locals>.inner", ("B.run.inner",), id="inside-a-function"),
        pytest.param("a.py:<module>", ("<module>",), id="module"),
        pytest.param("a.py:un", (), id="end-of-a-name"),
        pytest.param("other/a.py:run", (), id="another-file"),
    ],
)
def test_a_frame_is_matched_by_name_and_line(frame: str, expected: tuple[str, ...]) -> None:
    old = "class A:\n    def run(s):\n        return 1\nclass B:\n    def run(s):\n        def inner(): return 1\n        return 1\nX = 1\n"
    difference = compare({"a.py": old.encode()}, {"a.py": old.replace("1", "2").encode()})
    (one,) = ranked(difference, frames(frame), {})
    assert one.standing == expected


def test_the_file_of_a_source_release_may_lie_deeper_but_a_bare_name_is_somebody_elses() -> None:
    difference = compare({"python/tool/main.py": b"X = 1\n"}, {"python/tool/main.py": b"X = 2\n"})
    assert ranked(difference, frames("tool/main.py:main"), {})[0].closeness is Closeness.FILE
    assert ranked(difference, frames("main.py:main"), {})[0].closeness is Closeness.ELSEWHERE


def test_the_reason_says_what_the_frames_are_of() -> None:
    difference = compare(OLD, edited(pool="def take(): return 3\n"))
    reasons = [ranked(difference, STACK, {}, bug)[0].reason() for bug in (BugKind.CRASH, BugKind.RAISES)]
    assert reasons == ["stands in the crash's stack (take)", "stands in the traceback (take)"]


def test_a_long_chain_of_conditions_is_no_trouble() -> None:
    chain = "if a:\n    pass\n" + "elif a:\n    import b\n" * 1500
    assert imports_of({"a.py": chain.encode(), "b.py": b""}, {"a.py"}) == {"a.py": {"b.py"}}
    (file,) = compare({"a.py": chain.encode()}, {"a.py": chain.encode() + b"X = 1\n"}).files
    assert (file.path, file.size) == ("a.py", 1)


def test_imports_are_found_wherever_they_stand() -> None:
    files = {
        "a/__init__.py": b"",
        "a/b/__init__.py": b"",
        "a/b/c.py": b"def f():\n    from .. import d\n    from .e import x\n    import a.g, os\nfrom a import *\n",
        **dict.fromkeys(("a/d.py", "a/b/e.py", "a/g.py"), b""),
        "broken.py": b"import (",
    }
    assert imports_of(files, {"a/b/c.py", "broken.py", "gone.py"}) == {
        "a/b/c.py": {"a/__init__.py", "a/d.py", "a/b/e.py", "a/g.py"}
    }
