"""Results in the words of a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bisectrix.judge.rate import counts_text
from bisectrix.model.attempt import Frame
from bisectrix.model.environment import Unavailable
from bisectrix.model.result import CellResult, Decided, Ran, Skipped
from bisectrix.model.words import BugKind, SkipReason, Verdict
from bisectrix.report.markdown import Markdown, block, plain

NOT_RUN = Markdown("not run")

VERBS = {
    BugKind.HANG: ("hangs", "hang"),
    BugKind.CRASH: ("crashes", "crash"),
    BugKind.FAIL: ("fails", "fail"),
    BugKind.RAISES: ("raises the exception", "raise the exception"),
    BugKind.PRINTS: ("prints it", "print it"),
}
"""What showing the bug is, said of one and of several."""

REASONS = {
    SkipReason.UNSATISFIABLE: "no set of packages fits",
    SkipReason.NO_INTERPRETER: "no such Python on the machine",
    SkipReason.UNBUILDABLE: "a package does not build",
    SkipReason.INSTALL_FAILED: "the packages could not be installed",
    SkipReason.NO_ENGINE: "no container engine",
    SkipReason.NO_IMAGE: "no such image",
    SkipReason.OTHER_FAILURE: "failed otherwise",
    SkipReason.TIMEOUT: "still moving at the deadline",
    SkipReason.UNDECIDED: "too few attempts that tell",
}


def verdict(result: CellResult) -> Verdict:
    """Good, bad, or skip."""
    return result.judgement.verdict if isinstance(result.judgement, Decided) else Verdict.SKIP


def outcome_words(result: CellResult) -> Markdown:
    """`**hang 3/3**` where it shows the bug, `pass 5/5`, `*fail 1/1 (other-failure)*` where it is no evidence."""
    seen = counts_words(result)
    match result.judgement:
        case Skipped(reason=reason):
            return Markdown(f"*{seen} ({reason})*")
        case Decided(verdict=Verdict.BAD, flaky=flaky):
            return Markdown(f"**{seen}{', flaky' if flaky else ''}**")
        case Decided():
            return seen


def counts_words(result: CellResult) -> Markdown:
    """`hang 3/3`, `crash 3/100 (1.0\N{EN DASH}8.5 %)`, `unavailable`."""
    match result.state:
        case Unavailable():
            return plain("unavailable")
        case Ran(attempts=attempts):
            return plain(counts_text([attempt.outcome for attempt in attempts]))


def verdict_counts(results: Iterable[CellResult]) -> str:
    """`3 bad, 8 good, 1 skip`; a verdict that nothing has is left out."""
    counted = Counter(map(verdict, results))
    order = (Verdict.BAD, Verdict.GOOD, Verdict.SKIP)
    return ", ".join(f"{counted[word]} {word}" for word in order if counted[word]) or "none"


def number(count: int, singular: str, plural: str = "") -> str:
    """`1 cell`, `3 cells`."""
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def chain_block(frames: Iterable[Frame]) -> Markdown:
    """Return frames as a block, outermost first, places aligned."""
    places = [(f"{frame.file}:{frame.line}", frame.function) for frame in frames]
    width = max((len(place) for place, _ in places), default=0)
    return block(f"{place:<{width}}  {function}".rstrip() for place, function in places)
