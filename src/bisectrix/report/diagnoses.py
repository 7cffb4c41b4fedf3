"""What is known of the attempts that were no pass, from the records alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bisectrix.diagnose.matching import Match, diagnose, is_known
from bisectrix.diagnose.material import Material, of_attempt
from bisectrix.diagnose.rule import Rule
from bisectrix.model.result import CellResult, Ran
from bisectrix.model.words import Outcome
from bisectrix.report.markdown import Markdown, code, plain, table
from bisectrix.report.words import number


def diagnoses(rules: Sequence[Rule], results: Iterable[CellResult]) -> Markdown:
    """Return the rules that hold for attempts of these cells, and how many attempts none explains.

    Empty where no rule holds.
    """
    materials = list(_materials(results))
    found = [(material, diagnose(rules, material)) for material in materials]
    matches = [match for _, matches in found for match in matches]
    if not matches:
        return Markdown("")
    unknown = sum(not is_known(matches) for _, matches in found)
    rest = f"\n\nNo known signature in {number(unknown, 'attempt')}." if unknown else ""
    return Markdown(f"{table(('what it is', 'weight', 'attempts', 'shown by'), _rows(matches))}{rest}")


def _materials(results: Iterable[CellResult]) -> Iterator[Material]:
    for result in results:
        if isinstance(result.state, Ran):
            for attempt in result.state.attempts:
                if attempt.outcome is not Outcome.PASS:
                    yield of_attempt(attempt, f"{result.cell.name} attempt {attempt.number}", {})


def _rows(matches: Sequence[Match]) -> Iterator[tuple[str, ...]]:
    by_rule: dict[str, list[Match]] = {}
    for match in matches:
        by_rule.setdefault(match.rule.id, []).append(match)
    for same in sorted(by_rule.values(), key=lambda same: (-len(same), same[0].rule.id)):
        first = same[0]
        shown = first.seen[-1].text.strip() if first.seen else ""
        yield (_title(first.rule), str(first.rule.weight), str(len(same)), code(shown))


def _title(rule: Rule) -> Markdown:
    return Markdown(f"[{plain(rule.title)}](../{rule.page})") if rule.page else plain(rule.title)
