"""What makes the difference between two cells, for the page of a repro."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bisectrix.model.delta import DeltaRecord
from bisectrix.report.bisections import probe_table
from bisectrix.report.markdown import Markdown, block, code, sentence
from bisectrix.report.words import number


@dataclass(frozen=True, kw_only=True, slots=True)
class DifferenceWords:
    """One delta, ready for the page."""

    title: Markdown
    sentences: tuple[Markdown | str, ...]
    probes: Markdown
    commands: Markdown


def differences_of(records: Iterable[DeltaRecord]) -> Iterator[DifferenceWords]:
    """Yield what each search for the smallest difference found."""
    for record in records:
        commands = [command for each in record.sets for command in each.commands]
        yield DifferenceWords(
            title=Markdown(f"{_cell(record.good)} to {_cell(record.bad)}"),
            sentences=(
                *record.sentences,
                sentence(f"The two cells differ in {number(len(record.changes), 'package')}"),
            ),
            probes=probe_table("the good cell with", record.probes),
            commands=block((record.command, *commands), "sh"),
        )


def _cell(name: str) -> Markdown:
    return code(name.partition("@")[2])
