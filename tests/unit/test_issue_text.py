"""The text of an issue: complete where it fits, honest about what was left out where it does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bisectrix.model.repro import Bug, Repro
from bisectrix.model.result import Ran
from bisectrix.model.words import BugKind, Outcome
from bisectrix.report.issue import MOST_CHARACTERS, Case, issue
from support.results import attempt, cell, ran

HERE = cell(python="3.11", vcrpy="8.1.1")
RESULT = ran(HERE, attempt(Outcome.HANG), packages=[("httpx", "0.28.1"), ("vcrpy", "8.1.1")])
REPRO = Repro(
    name="vcr-pool",
    path=Path("repros/vcr-pool.py"),
    title="It <waits> for `ever`",
    question="Which releases wait?",
    bug=Bug(kind=BugKind.HANG, stack=("wait_for_connection",)),
    links=("https://example.org/977",),
)


def case(script: str = "import vcr\n", output: str = "") -> Case:
    assert isinstance(RESULT.state, Ran)
    return Case(
        repro=REPRO,
        result=RESULT,
        state=RESULT.state,
        matrices=(),
        results=(RESULT, ran(cell(python="3.11", vcrpy="8.2.0"), attempt())),
        script=(("vcr-pool.py", script),),
        run="uv run --python 3.11.7 vcr-pool.py",
        output=output,
    )


def test_it_tells_what_where_with_what_and_how_to_see_it() -> None:
    text = issue(case(output="ready\n"))

    assert text.startswith("# It &lt;waits&gt; for \\`ever\\`\n")
    for part in (
        "`vcr-pool@python=3.11,vcrpy=8.1.1` ends as hang 1/1",
        "httpcore/_async/connection_pool.py:35 wait_for_connection",
        "| 8.1.1 | **hang 1/1** |",
        "```sh\nuv run --python 3.11.7 vcr-pool.py\n```",
        "```python\nimport vcr\n```",
        "| httpx | 0.28.1 |",
        "## Output\n\n```text\nready\n```",
        "https://example.org/977",
    ):
        assert part in text
    assert "left out" not in text


def test_what_is_too_long_loses_its_output_first_and_says_so() -> None:
    text = issue(case(output="x" * 99 + "\n" + "noise\n" * 20_000))

    assert MOST_CHARACTERS - 100 < len(text) <= MOST_CHARACTERS
    assert " of 20001 lines are left out here: the text would be too long.*" in text
    assert "```python\nimport vcr\n```" in text


@pytest.mark.parametrize("most", [1_600, 1_500])
def test_the_repro_is_cut_last(most: int) -> None:
    text = issue(case(script="print(1)\n" * 100, output="noise\n" * 100), most)

    assert len(text) <= most
    assert "100 of 100 lines are left out" in text
    assert "ends as hang 1/1" in text


def test_a_repro_full_of_backticks_stays_inside_its_block() -> None:
    text = issue(case(script="# ```\n# <b>bold</b>\n"))

    assert "````python\n# ```\n# <b>bold</b>\n````" in text


def test_equal_records_give_equal_texts() -> None:
    assert issue(case()) == issue(replace(case()))
