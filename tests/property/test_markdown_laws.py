"""Whatever the text, it stays one line, one cell of a table, and no markup."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bisectrix.report.markdown import block, code, link, plain, shown, table

TEXTS = st.text() | st.text(alphabet="\\|`*_<>&[]()#\n\r\x1b\u202e\u2028 a")
CELL = re.compile(r"(?:\\[^\n]|[^|\\\n])+")


@given(TEXTS, TEXTS)
def test_any_text_fits_a_cell_of_a_table(one: str, two: str) -> None:
    for cells in ((one, two), (code(one), code(two)), (plain(one), code(two))):
        lines = table(("a", "b"), [cells]).splitlines()
        assert len(lines) == 3
        assert len([cell for cell in CELL.findall(lines[-1]) if cell]) == 2


@given(TEXTS)
def test_nothing_invisible_reaches_a_page(text: str) -> None:
    for markdown in (plain(text), code(text), link(text, text)):
        assert not set(markdown) & set("\n\r\x1b\u202e\u2028\x00")


@given(TEXTS)
def test_plain_text_holds_no_markup(text: str) -> None:
    unescaped = re.sub(r"\\[^\w\s]", "", plain(text))
    assert not set(unescaped) & set("`*[]|<>#~$")


@given(TEXTS)
def test_code_ends_where_it_should(text: str) -> None:
    markdown = code(text)
    ticks = re.match(r"`*", markdown)
    assert ticks is not None
    runs = [run for run in re.findall(r"`+", markdown) if len(run) == len(ticks[0])]
    assert not markdown or len(runs) == 2


@given(st.lists(TEXTS.map(lambda text: text.replace("\n", " ").replace("\r", " "))))
def test_a_block_ends_where_it_should(lines: list[str]) -> None:
    fenced = block(lines).split("\n")
    assert len(fenced) == len(lines) + 2
    assert [line for line in fenced[1:] if line.startswith(fenced[-1])] == [fenced[-1]]


@given(TEXTS)
def test_what_is_markdown_already_is_left_alone(text: str) -> None:
    assert shown(plain(text)) == plain(text)
