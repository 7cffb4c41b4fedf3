"""What a terminal shows of a search while it runs."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from bisectrix.cli.live_search import LiveSearch
from bisectrix.model.environment import Unavailable
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.words import AxisKind, BugKind, Resolution, SkipReason
from bisectrix.runner.bisection import Step
from bisectrix.runner.lines import Ground, Line
from bisectrix.runner.planning import Subject
from bisectrix.runner.probing import Seen
from bisectrix.search.driver import Probe, Search
from bisectrix.search.question import Around, Question
from bisectrix.search.side import Purpose
from bisectrix.search.state import Observation
from support.searching import BAD, EVEN, GOOD, UNTESTABLE, seeded

REPRO = Repro(name="waits", path=Path("repros/waits.py"), title="It waits", bug=Bug(kind=BugKind.HANG))
LINE = Line(
    ground=Ground(subject=Subject(repro=REPRO, sha256="0", files={}), python="3.12", resolution=Resolution.HIGHEST),
    axis="tool",
    kind=AxisKind.PACKAGE,
    values=tuple(f"{number}.0" for number in range(10)),
    option="--package tool",
)


class Shown:
    """A search over ten releases with two workers, shown on a terminal that is text."""

    def __init__(self) -> None:
        self._screen = io.StringIO()
        console = Console(file=self._screen, force_terminal=True, width=100, color_system=None)
        self.live = LiveSearch(console, LINE, 2)
        self._search = Search(Question(size=10, task=Around(bad=8)), EVEN, seeded(0))

    def run(self, value: int, seen: Observation) -> None:
        probe = Probe(value=value, purpose=Purpose.SEARCH)
        self.live.began(probe)
        self._search.record(probe, seen, 1.0)
        what = Unavailable(reason=SkipReason.UNBUILDABLE, explanation="said in\ntwo lines")
        step = Step(probe=probe, seen=Seen(value=value, what=what), new=True, outlook=self._search.outlook)
        self.live.ended(step)

    @property
    def rows(self) -> list[str]:
        return [row.plain for row in self.live.rows()]

    @property
    def scrolled(self) -> list[str]:
        return self._screen.getvalue().splitlines()


def test_before_anything_is_known_it_shows_what_runs() -> None:
    shown = Shown()
    assert shown.rows == ["deciding"]
    shown.live.began(Probe(value=8, purpose=Purpose.BAD_END))
    (row,) = shown.rows
    assert row.startswith("running: 8.0 for ")


def test_finished_runs_scroll_by_one_line_each() -> None:
    shown = Shown()
    shown.run(8, BAD)
    assert shown.scrolled == ["[ 1] 8.0  untestable     unbuildable: said in  (narrow down)"]
    assert "running" not in shown.rows[-2]


def test_bars_show_what_was_seen_and_where_each_change_may_be() -> None:
    shown = Shown()
    for value, seen in ((8, BAD), (4, GOOD), (0, UNTESTABLE), (9, GOOD), (6, BAD)):
        shown.run(value, seen)
    seen_row, introduced, fixed, *_, known = shown.rows
    assert seen_row == "seen       x···○·●·●○"
    assert introduced[11:].index("█") in {5, 6}
    assert introduced[18:].isspace()
    assert fixed[11:].index("█") == 9
    assert "introduced in 6.0, 5.0" in known
    assert known.endswith(" left")
