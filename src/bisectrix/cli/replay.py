"""`bisectrix replay`: a recorded cell run again as it was, and what differs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import click
from pydantic import TypeAdapter

from bisectrix.cli.assembly import opened_tools
from bisectrix.cli.show import chosen_attempts, find_cell, recorded_results
from bisectrix.errors import ExitCode, UsageError
from bisectrix.judge.rate import counts_text
from bisectrix.model.attempt import Attempt
from bisectrix.model.result import CellResult
from bisectrix.project import find_project
from bisectrix.runner.events import AttemptDone, Event
from bisectrix.runner.remembered import NotHere
from bisectrix.runner.replay import Replayed, Wanted
from bisectrix.runner.replay import replay as run_again
from bisectrix.runner.tools import Tools

ATTEMPTS = TypeAdapter(tuple[Attempt, ...])

Answer: TypeAlias = Replayed | NotHere


@click.command()
@click.argument("target", metavar="CELL|RUN")
@click.option(
    "--times",
    type=click.IntRange(min=1),
    metavar="N",
    help="Attempts.  [default: 1; of a flaky cell as many as recorded]",
)
@click.option("-a", "--attempt", "number", type=click.IntRange(min=1), help="Compare with this attempt alone.")
@click.option("--nearest", is_flag=True, help="Where the recorded Python is missing, take the nearest patch release.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each cell, on standard output.")
@click.pass_obj
def replay(folder: Path, target: str, times: int | None, number: int | None, *, nearest: bool, as_json: bool) -> None:
    """Run a recorded cell again as it was run then, and say whether it shows the same.

    CELL is a name as `bisectrix show` prints it; RUN is the number of a run, and stands for all cells that it ran.
    Lock, Python, image, variables and the repro's files are those of the record. Nothing is recorded.
    """
    project = find_project(folder)
    wanted = Wanted(times=times or 0, nearest=nearest, number=number or 0)
    answers = []
    with opened_tools(project) as tools:
        for result in _chosen(tools, target):
            chosen_attempts(result, number)
            answer = run_again(tools, result, wanted, _tell)
            answers.append(answer)
            click.echo(json.dumps(_document(result, answer), ensure_ascii=False) if as_json else _text(result, answer))
    raise SystemExit(_code(answers))


def _chosen(tools: Tools, target: str) -> tuple[CellResult, ...]:
    if not target.isdecimal():
        if "@" not in target:
            raise UsageError(f"{target} is no cell", hint=f"bisectrix show {target} lists its cells")
        return (find_cell(target, recorded_results(tools.project, tools.store)),)
    results = tools.store.results_of(int(target))
    if not results:
        latest = tools.store.latest_run()
        hint = f"the newest run is {latest}" if latest else "no run is recorded on this machine; name a cell"
        raise UsageError(f"no cell counts an attempt of run {target}", hint=hint)
    return results


def _tell(event: Event) -> None:
    if isinstance(event, AttemptDone):
        click.echo(
            f"{event.cell.name}, attempt {event.attempt.number}: {event.attempt.summary.splitlines()[0]}", err=True
        )


def _text(result: CellResult, answer: Answer) -> str:
    name = result.cell.name
    match answer:
        case NotHere(explanation=explanation, remedy=remedy):
            hint = f"\n  hint: {remedy}" if remedy else ""
            return f"{name}: cannot be replayed here: {explanation}{hint}"
        case Replayed(comparison=comparison):
            lines = (
                f"{name}: {comparison.sentence}",
                f"  recorded {_counts(answer.recorded)}, replayed {_counts(answer.attempts)}",
                *(f"  {detail}" for detail in comparison.details),
                *(f"  note: {note}" for note in answer.notes),
            )
            return "\n".join(lines)


def _counts(attempts: Sequence[Attempt]) -> str:
    return counts_text([attempt.outcome for attempt in attempts])


def _document(result: CellResult, answer: Answer) -> dict[str, Any]:
    match answer:
        case NotHere():
            said = {"missing": answer.missing, "explanation": answer.explanation, "remedy": answer.remedy}
            return {"cell": result.cell.name, "same": None, **said}
        case Replayed(comparison=comparison):
            return {
                "cell": result.cell.name,
                "same": comparison.likeness.is_same,
                "likeness": comparison.likeness,
                "sentence": comparison.sentence,
                "details": comparison.details,
                "notes": answer.notes,
                "recorded": ATTEMPTS.dump_python(answer.recorded, mode="json"),
                "replayed": ATTEMPTS.dump_python(answer.attempts, mode="json"),
            }


def _code(answers: Sequence[Answer]) -> ExitCode:
    if any(isinstance(answer, Replayed) and not answer.comparison.likeness.is_same for answer in answers):
        return ExitCode.DIFFERS
    return ExitCode.NOT_HERE if any(isinstance(answer, NotHere) for answer in answers) else ExitCode.DONE
