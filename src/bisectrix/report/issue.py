"""A finding as the text of an issue: what happens, where, with which versions, how to see it; within what is accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bisectrix.judge.rate import counts_text
from bisectrix.model.attempt import Attempt
from bisectrix.model.matrix import Matrix
from bisectrix.model.repro import Repro
from bisectrix.model.result import CellResult, Ran
from bisectrix.model.words import Verdict
from bisectrix.report.grid import grids
from bisectrix.report.markdown import Markdown, block, code, link, plain, sentence, table
from bisectrix.report.tested import bug_words

MOST_CHARACTERS = 65_536
"""What GitHub accepts in the text of an issue or a comment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """What an issue is about.

    Attributes:
        results: of all recorded cells of the repro, for the tables.
        script: the repro, as somebody else can run it: name and text.
        run: the command that runs the script.
        output: the last of what the telling attempt printed; empty where it is not on this machine.
    """

    repro: Repro
    result: CellResult
    state: Ran
    matrices: tuple[Matrix, ...]
    results: tuple[CellResult, ...]
    script: tuple[tuple[str, str], ...]
    run: str
    output: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of the text.

    Attributes:
        intro: stands before the lines and is never left out.
        lines: what may be cut, from its end.
        head: how many of the first lines always stay, those of a table's header.
        language: of a block of code; empty for Markdown.
        worth: the lowest is cut first.
    """

    title: str
    lines: tuple[str, ...]
    worth: int
    intro: str = ""
    head: int = 0
    language: str = ""


def issue(case: Case, most: int = MOST_CHARACTERS) -> str:
    """Return the text, title first; where it would be too long, the least telling lines are left out and counted."""
    sections = list(_sections(case))
    kept = {section.title: len(section.lines) for section in sections}
    for section in sorted(sections, key=lambda section: section.worth):
        if len(_text(case, sections, kept)) > most:
            kept[section.title] = _fitting(case, sections, kept, section, most)
    return _text(case, sections, kept)


def _fitting(case: Case, sections: Sequence[Section], kept: dict[str, int], section: Section, most: int) -> int:
    """Return how many lines of a section may stay; its head where even that is too much."""
    low, high = section.head, len(section.lines)
    while low < high:
        middle = (low + high + 1) // 2
        fits = len(_text(case, sections, {**kept, section.title: middle})) <= most
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def _text(case: Case, sections: Sequence[Section], kept: dict[str, int]) -> str:
    parts = [f"# {plain(case.repro.title)}", *(_section(section, kept[section.title]) for section in sections)]
    return "\n\n".join(parts) + "\n"


def _section(section: Section, kept: int) -> str:
    lines, left_out = section.lines[:kept], len(section.lines) - kept
    body = (block(lines, section.language) if section.language else "\n".join(lines)) if lines else ""
    note = (
        f"*{left_out} of {len(section.lines)} lines are left out here: the text would be too long.*" if left_out else ""
    )
    return "\n\n".join(part for part in (f"## {section.title}", section.intro, body, note) if part)


def _sections(case: Case) -> Iterator[Section]:
    telling = _telling(case.state.attempts)
    yield Section(title="What happens", intro=_happens(case, telling), lines=_chain(telling), language="text", worth=5)
    yield from _tables(case)
    yield Section(title="See it", intro=_see(case), lines=(), worth=9)
    for number, (name, text) in enumerate(case.script):
        yield Section(title=name, lines=tuple(text.splitlines()), language="python", worth=8 - min(number, 3))
    yield _versions(case, telling)
    if case.output:
        lines = tuple(case.output.splitlines())
        yield Section(title="Output", lines=lines, language="text", worth=1)


def _telling(attempts: Sequence[Attempt]) -> Attempt:
    return next((attempt for attempt in attempts if attempt.verdict is Verdict.BAD), attempts[0])


def _happens(case: Case, telling: Attempt) -> str:
    words = counts_text([attempt.outcome for attempt in case.state.attempts])
    seen = sentence(
        code(case.result.cell.name), plain(f"ends as {words}; one attempt: {telling.summary.splitlines()[0]}")
    )
    question = [plain(case.repro.question)] if case.repro.question else []
    return "\n\n".join((*question, seen, f"Counts as the bug: {bug_words(case.repro.bug)}."))


def _chain(telling: Attempt) -> tuple[str, ...]:
    return tuple(f"{frame.file}:{frame.line} {frame.function}" for frame in telling.chain)


def _tables(case: Case) -> Iterator[Section]:
    """Yield the tables of outcomes as sections, the one with the cell first and worth most."""
    holding_first = sorted(
        grids(case.results, case.matrices),
        key=lambda grid: case.result.cell not in {r.cell for r in grid.cells.values()},
    )
    for number, grid in enumerate(holding_first):
        fixed = ", ".join(f"{axis}={value}" for axis, value in grid.fixed)
        title = f"Outcomes{f' with {fixed}' if fixed else ''}{f' ({number + 1})' if number else ''}"
        lines = tuple(grid.markdown().splitlines())
        yield Section(title=title, intro=str(grid.title), lines=lines, head=2, worth=4 if number == 0 else 3)


def _see(case: Case) -> str:
    links = [str(link(target, target)) for target in case.repro.links]
    known = f"Known: {', '.join(links)}." if links else ""
    told = "Save what follows and run it; versions are exact, a hang does not end by itself:"
    return "\n\n".join(part for part in (told, block((case.run,), "sh"), known) if part)


def _versions(case: Case, telling: Attempt) -> Section:
    machine = telling.machine
    facts = [("Python", case.state.python), ("platform", case.state.platform)]
    if machine is not None:
        facts += [("kernel", machine.kernel), ("C library", machine.libc), ("bisectrix", machine.tool)]
        facts += [("image", machine.image)] if machine.image else []
    rows = [*facts, *case.state.packages]
    lines = tuple(Markdown(table(("what", "version"), rows)).splitlines())
    return Section(title="Versions", lines=lines, head=2 + len(facts), worth=2)
