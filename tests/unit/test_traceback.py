"""Tracebacks read from output."""

from __future__ import annotations

from textwrap import dedent

from bisectrix.judge.traceback import last_traceback, tracebacks

CHAINED = """\
    Traceback (most recent call last):
      File "/home/me/app.py", line 4, in bad
        raise KeyError(n)
    KeyError: 1

    During handling of the above exception, another exception occurred:

    Traceback (most recent call last):
      File "/home/me/app.py", line 12, in <module>
        run()
        ~~~^^
      File "/x/lib/python3.12/site-packages/httpx/_client.py", line 6, in bad
        raise ValueError("bad %d" % n) from e
      [Previous line repeated 996 more times]
    httpx.PoolTimeout: bad 1
    more of the message
"""

GROUP = """\
      + Exception Group Traceback (most recent call last):
      |   File "/tmp/eg.py", line 12, in <module>
      |     asyncio.run(main())
      |     ~~~~~~~~~~~^^^^^^^^
      | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
      +-+---------------- 1 ----------------
        | Exception Group Traceback (most recent call last):
        |   File "/tmp/eg.py", line 10, in main
        |     async with asyncio.TaskGroup() as h:
        | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
        +-+---------------- 1 ----------------
          | Traceback (most recent call last):
          |   File "/tmp/eg.py", line 4, in bad
          |     raise KeyError(n)
          | KeyError: 2
          |\x20
          | The above exception was the direct cause of the following exception:
          |\x20
          | Traceback (most recent call last):
          |   File "/tmp/eg.py", line 6, in bad
          |     raise ValueError("bad %d" % n) from e
          | ValueError: bad 2
          +------------------------------------
        +---------------- 2 ----------------
        | TypeError: x
        +------------------------------------
"""


def last(text: str) -> tuple[str, list[str]] | None:
    found = last_traceback(dedent(text))
    if found is None:
        return None
    return found.text, [f"{frame.file}:{frame.line}:{frame.function}" for frame in found.frames]


def test_of_a_chain_the_last_counts() -> None:
    assert last(CHAINED) == ("httpx.PoolTimeout: bad 1", ["app.py:12:<module>", "httpx/_client.py:6:bad"])
    assert [one.text for one in tracebacks(dedent(CHAINED))] == ["KeyError: 1", "httpx.PoolTimeout: bad 1"]


def test_the_class_is_known_without_its_module() -> None:
    assert [one.class_name for one in tracebacks(dedent(CHAINED))] == ["KeyError", "PoolTimeout"]


def test_of_a_group_the_innermost_first_member_counts() -> None:
    assert last(GROUP) == ("ValueError: bad 2", ["eg.py:6:bad"])


def test_members_know_where_they_stand() -> None:
    group = "ExceptionGroup: unhandled errors in a TaskGroup"
    assert [(one.text, one.member) for one in tracebacks(dedent(GROUP))] == [
        (f"{group} (2 sub-exceptions)", ()),
        (f"{group} (1 sub-exception)", ("1",)),
        ("KeyError: 2", ("1", "1")),
        ("ValueError: bad 2", ("1", "1")),
        ("TypeError: x", ("2",)),
    ]


def test_an_exception_after_a_group_counts_more() -> None:
    assert last(dedent(GROUP) + dedent(CHAINED)) == last(CHAINED)


def test_a_syntax_error_has_a_place_but_no_function() -> None:
    text = """\
      File "/tmp/bad.py", line 1
        def f(
             ^
    SyntaxError: '(' was never closed
    """
    assert last(text) == ("SyntaxError: '(' was never closed", ["bad.py:1:"])


def test_a_traceback_whose_head_was_cut_off_is_read() -> None:
    text = """\
        await foo()
      File "/tmp/app.py", line 3, in foo
        raise Stop
    app.Outer.<locals>.Stop
    """
    assert last(text) == ("app.Outer.<locals>.Stop", ["app.py:3:foo"])


def test_what_is_no_traceback_is_not_taken_for_one() -> None:
    assert last("ValueError: only said\nTraceback of a journey\n  indented\n") is None
    assert last('Traceback (most recent call last):\n  File "a.py", line 1, in f\n... 10 bytes cut ...\n') is None
