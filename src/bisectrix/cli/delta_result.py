"""What a delta found, made ready to be recorded and to be pasted."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from bisectrix.cli.probes import applied, list_of
from bisectrix.model.attempt import Attempt
from bisectrix.model.bisection import Mover, Probed
from bisectrix.model.delta import DeltaRecord, Needed
from bisectrix.runner.difference import Mixer, Tried
from bisectrix.runner.work import Work
from bisectrix.search.delta import BadWithNone, DeltaAnswer, GoodWithAll, Minimal, MinimalSet, Unfinished
from bisectrix.search.state import NOTHING, Tally
from bisectrix.search.subsets import Changes


def delta_record(good: Work, bad: Work, mixer: Mixer, answer: DeltaAnswer, tried: Sequence[Tried]) -> DeltaRecord:
    """Return the record of a search that has an answer.

    Args:
        good: the cell without the bug.
        bad: the one with it.
        mixer: what numbered the changes between them.
        answer: in those numbers.
        tried: every run, in order.
    """
    repro = good.planned.cell.repro
    sets = answer.sets if isinstance(answer, Minimal) else ()
    ends = shlex.join(("--good", _named(good), "--bad", _named(bad)))
    return DeltaRecord(
        repro=repro,
        good=good.planned.cell.name,
        bad=bad.planned.cell.name,
        changes=mixer.movers,
        followers=mixer.followers,
        sentences=tuple(_sentences(answer, mixer.movers)),
        sets=tuple(_needed(repro, each, mixer.movers, good) for each in sets),
        is_reversed=isinstance(answer, Minimal) and answer.is_reversed,
        probes=tuple(_probed(tried, mixer.movers)),
        command=f"nox -s delta -- {repro} {ends}",
    )


def paragraphs(record: DeltaRecord) -> Iterator[str]:
    """Yield what is printed at the end: the answer, and how to go on."""
    yield from record.sentences
    commands = [command for each in record.sets for command in each.commands]
    if commands:
        yield "\nFind the release of each:"
        yield from (f"  {command}" for command in commands)
    yield f"\nSee it again:\n  {record.command}"


def _sentences(answer: DeltaAnswer, movers: Sequence[Mover]) -> Iterator[str]:
    match answer:
        case Minimal(sets=sets, is_reversed=is_reversed):
            for each in sets:
                yield from _set(each, movers)
            if is_reversed:
                yield "Without that, everything else as in the bad cell, it is good."
            else:
                yield "Taking it back from the bad cell does not resolve, so that was not seen."
        case GoodWithAll():
            yield "The bad cell does not show the bug: there is nothing to find."
        case BadWithNone():
            yield "The good cell shows the bug, too: there is nothing to find."
        case Unfinished(reason=reason, smallest=smallest):
            yield f"Not finished: {reason}."
            yield f"The smallest set known to be bad: {list_of([movers[change] for change in smallest])}."


def _set(found: MinimalSet, movers: Sequence[Mover]) -> Iterator[str]:
    verb = "alone turns" if len(found.changes) == 1 else "together turn"
    yield f"{list_of([movers[change] for change in found.changes])} {verb} the good cell bad."
    if found.unconfirmed:
        held = list_of([movers[change] for change in found.unconfirmed])
        yield f"Not shown to be needed, since the rest does not resolve without it: {held}."


def _needed(repro: str, found: MinimalSet, movers: Sequence[Mover], good: Work) -> Needed:
    resolution = good.planned.cell.get("resolution")
    how = f"--python {good.interpreter.minor}" + (f" --resolution {resolution}" if resolution else "")
    members = [movers[change] for change in found.changes]
    return Needed(
        changes=tuple(members),
        unconfirmed=tuple(movers[change] for change in found.unconfirmed),
        commands=tuple(
            f"nox -s bisect -- {repro} --package {mover.name} --good {mover.old} --bad {mover.new} {how}"
            for mover in members
            if mover.old and mover.new
        ),
    )


def _probed(tried: Sequence[Tried], movers: Sequence[Mover]) -> Iterator[Probed]:
    tallies: dict[Changes, Tally] = {}
    last: dict[Changes, str] = {}
    for run in tried:
        what = run.seen.what
        tallies[run.changes] = tallies.get(run.changes, NOTHING).plus(run.seen.observation)
        said = what.summary if isinstance(what, Attempt) else f"{what.reason}: {what.explanation}"
        last[run.changes] = " ".join(said.split())
    for changes, tally in tallies.items():
        yield Probed(
            value=applied(changes, movers),
            good=tally.good,
            bad=tally.bad,
            other=tally.untestable + tally.other,
            summary=last[changes],
        )


def _named(work: Work) -> str:
    return work.planned.cell.name.partition("@")[2]
