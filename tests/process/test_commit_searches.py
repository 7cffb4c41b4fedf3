"""From two releases to the commit between them, over planted histories; nothing is built, an oracle runs the commits."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path
from random import Random

import pytest

from bisectrix.cli.bisect_commits import Clone, with_commits
from bisectrix.commits.repository import Repository
from bisectrix.model.bisection import BisectionRecord, CommitSearch, Culprit, FoundBoundary
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.words import AxisKind, BugKind, Outcome, Resolution
from bisectrix.runner.bisection import Outcome as Ended
from bisectrix.runner.bisection import Step
from bisectrix.runner.commit_line import CommitLine
from bisectrix.runner.lines import Ground, Line
from bisectrix.runner.planning import Subject
from bisectrix.runner.probing import Seen
from bisectrix.search.driver import Search
from bisectrix.search.question import Between, Question, Terms
from support.repositories import PlantedRepository, git_variables
from support.results import attempt

REPRO = Repro(name="act", path=Path("act.py"), title="Acts", bug=Bug(kind=BugKind.HANG), dependencies=("planted",))
RELEASES = Line(
    ground=Ground(subject=Subject(repro=REPRO, sha256="", files={}), python="3.11", resolution=Resolution.HIGHEST),
    axis="planted",
    kind=AxisKind.PACKAGE,
    values=("1.0", "2.0"),
    option="--package planted",
)


def record(direction: str) -> BisectionRecord:
    """Return what a search over the two releases found."""
    good, bad = ("1.0", "2.0") if direction == "introduced" else ("2.0", "1.0")
    boundary = FoundBoundary(
        direction=direction,
        last_good=good,
        first_bad=bad,
        untested=(),
        confidence=0.99,
        rate=1.0,
        culprit=Culprit(alone=True, movers=(), why="nothing else moved"),
        explanation="",
    )
    return BisectionRecord(
        repro="act",
        axis="planted",
        kind=AxisKind.PACKAGE,
        first="1.0",
        last="2.0",
        size=2,
        python="3.11",
        sentences=("Found.",),
        specifier=">=2.0",
        boundaries=(boundary,),
        probes=(),
        dropped=(),
        likely=(),
        commands=("nox -s bisect -- act --package planted",),
    )


def oracle(bad: Collection[str]) -> Callable[[CommitLine, Between, float], Ended]:
    """Return what searches a line where the commits of these subjects show the bug, always."""

    def look(line: CommitLine, task: Between, rate: float) -> Ended:
        search = Search(Question(size=len(line.values), task=task), Terms(steady=0.97).knowing(rate), Random(0))  # noqa: S311 - the same every time
        steps: list[Step] = []
        while probes := search.next_probes((), 1):
            (probe,) = probes
            shows = line.subjects[probe.value] in bad
            seen = Seen(value=probe.value, what=attempt(Outcome.HANG if shows else Outcome.PASS))
            search.record(probe, seen.observation, 1.0)
            steps.append(Step(probe=probe, seen=seen, new=True, outlook=search.outlook))
        return Ended(answer=search.answer(), outlook=search.outlook, steps=tuple(steps), interrupted=False)

    return look


class Planted(PlantedRepository):
    """A history of two releases."""

    def searched(self, *bad: str, direction: str = "introduced") -> tuple[CommitSearch, ...]:
        root = self.folder.parent
        clone = Clone(repository=Repository.open(self.folder, root / "cache", git_variables(root)), subdirectory="")
        return with_commits(record(direction), RELEASES, clone, oracle(bad)).boundaries[0].commits

    def branch(self, name: str, *commits: str) -> None:
        self.git("checkout", "--quiet", "-b", name)
        for subject in commits:
            self.commit(subject, {f"{name}.txt": subject})

    def back(self, name: str = "main") -> None:
        self.git("checkout", "--quiet", name)


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    """Plant a (v1.0) - b - m - c (v2.0), where m merges x - n - y, and n merges i - j."""
    planted = Planted(tmp_path / "planted")
    planted.commit("a", tag="v1.0")
    planted.branch("side", "x")
    planted.branch("inner", "i", "j")
    planted.back("side")
    planted.merge("inner", "n")
    planted.commit("y", {"side.txt": "y"})
    planted.back()
    planted.commit("b")
    planted.merge("side", "m")
    planted.commit("c", tag="v2.0")
    return planted


def answers(searches: tuple[CommitSearch, ...]) -> list[str]:
    """Return `SIZE: WHAT` for each search, WHAT being the subject of the commit to blame."""
    named = [re.findall(r'"(.+?)"', search.sentences[0])[0] for search in searches]
    return [f"{search.size}: {subject}" for search, subject in zip(searches, named, strict=True)]


def test_a_commit_of_the_branch_itself_is_named_at_once(planted: Planted) -> None:
    assert answers(planted.searched("c")) == ["4: c"]


def test_a_merge_in_a_merge_is_gone_into(planted: Planted) -> None:
    searches = planted.searched("j", "n", "y", "m", "c")

    assert answers(searches) == ["4: m", "5: n", "4: j"]
    assert [search.title.split()[0] for search in searches] == ["planted", "inside", "inside"]


def test_a_fix_is_found_like_a_bug(planted: Planted) -> None:
    assert answers(planted.searched("a", "b", "x", direction="fixed")) == ["4: m", "5: n", "4: i"]


def test_a_merge_of_two_harmless_sides_is_to_blame_itself(planted: Planted) -> None:
    searches = planted.searched("m", "c")

    assert answers(searches) == ["4: m", "5: m"]
    assert searches[-1].sentences[-1] == "What it took in does not show the change before it is merged."


def test_releases_on_branches_of_their_own_are_searched_from_where_they_parted(planted: Planted) -> None:
    planted.git("tag", "-d", "v1.0")
    planted.git("checkout", "--quiet", "--detach", "main~2")
    planted.commit("prepare 1.0", {"version.txt": "1.0"}, tag="v1.0")

    assert answers(planted.searched("c")) == ["3: c"]


def test_a_tag_that_does_not_show_what_its_release_shows_ends_in_an_answer(planted: Planted) -> None:
    (search,) = planted.searched()

    assert search.sentences[0].startswith("Good everywhere")
    assert sum(probed.good for probed in search.probes) < 20
