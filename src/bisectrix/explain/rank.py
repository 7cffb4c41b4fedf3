"""Which of the changes a reader should look at first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import assert_never

from bisectrix.explain.compare import is_code, is_test
from bisectrix.explain.difference import MODULE, Difference, FileChange, Place
from bisectrix.model.attempt import Frame
from bisectrix.model.words import BugKind

STACKS = {BugKind.HANG: "the hang's stack", BugKind.CRASH: "the crash's stack"}
TRACEBACK = "the traceback"


class Closeness(IntEnum):
    """How near to the failure a change is, the nearest first."""

    FUNCTION = 0
    FILE = 1
    IMPORT = 2
    ELSEWHERE = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """A changed file and why it stands where it stands in the order.

    Attributes:
        file: its places that stand in the stack come first, innermost first, then the others by size.
        stack: what the frames are of, `the hang's stack`.
        depth: position of its innermost frame, from 1; 0 when it has none.
        standing: names of its places that stand in the stack.
        imports: a file that stands there and that it imports; empty where there is none.
        imported_by: a file that stands there and imports it; empty where there is none.
    """

    file: FileChange
    stack: str
    depth: int
    standing: tuple[str, ...]
    imports: str
    imported_by: str

    @property
    def closeness(self) -> Closeness:
        """How near to the failure it is."""
        if self.standing:
            return Closeness.FUNCTION
        if self.depth:
            return Closeness.FILE
        return Closeness.IMPORT if self.imports or self.imported_by else Closeness.ELSEWHERE

    def reason(self, quote: Callable[[str], str] = str) -> str:
        """Return why it stands where it does, one clause; empty where nothing but the size speaks for it.

        Args:
            quote: makes names from the package fit to be shown.
        """
        match self.closeness:
            case Closeness.FUNCTION:
                return f"stands in {self.stack} ({', '.join(map(quote, self.standing))})"
            case Closeness.FILE:
                return f"the file stands in {self.stack}"
            case Closeness.IMPORT if self.imports:
                return f"imports {quote(self.imports)}, which stands in {self.stack}"
            case Closeness.IMPORT:
                return f"is imported by {quote(self.imported_by)}, which stands in {self.stack}"
            case Closeness.ELSEWHERE:
                return ""
            case _:
                assert_never(self.closeness)


def ranked(
    difference: Difference,
    frames: Sequence[Frame],
    imports: Mapping[str, Iterable[str]],
    bug: BugKind = BugKind.HANG,
) -> tuple[Ranked, ...]:
    """Order the changed files by how near they are to where the bug shows.

    First changed functions that stand in the stack, the innermost before the others; then other changes in files
    that stand there; then files that import one of those, or are imported by one; then by size, code before all
    else. Tests come last.

    Args:
        difference: whose files are to be ordered.
        frames: of the bad side, outermost first; files shortened, line 0 where it is not known.
        imports: file to the files it imports, for those changed and those in the stack; of both releases.
        bug: what the frames are of.
    """
    stack = _Stack(frames=tuple(frames), imports=imports, name=STACKS.get(bug, TRACEBACK))
    return tuple(sorted(map(stack.rank, difference.files), key=_order))


def is_frame_of(frame: Frame, path: str) -> bool:
    """Say whether a frame is in a file of a release; in a source release that may lie in a further folder."""
    return frame.file == path or ("/" in frame.file and path.endswith(f"/{frame.file}"))


def _order(one: Ranked) -> tuple[bool, Closeness, int, bool, int, str]:
    path = one.file.path
    return is_test(path), one.closeness, -one.depth, not is_code(path), -one.file.size, path


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stack:
    """The frames of a failure, and what the release's files have to do with them."""

    frames: tuple[Frame, ...]
    imports: Mapping[str, Iterable[str]]
    name: str

    def rank(self, file: FileChange) -> Ranked:
        own = {depth: frame for depth, frame in enumerate(self.frames, 1) if is_frame_of(frame, file.path)}
        depths = {
            place: max((depth for depth, frame in own.items() if _runs(frame, place)), default=0)
            for place in file.places
        }
        places = tuple(sorted(file.places, key=lambda place: (-depths[place], -place.size, place.name)))
        return Ranked(
            file=replace(file, places=places),
            stack=self.name,
            depth=max(depths.values(), default=0) or max(own, default=0),
            standing=tuple(place.name for place in places if depths[place]),
            imports=self._first(self.imports.get(file.path, ())),
            imported_by=self._first(other for other, imported in self.imports.items() if file.path in imported),
        )

    def _first(self, paths: Iterable[str]) -> str:
        """Return a file among them that stands in the stack; empty where none does."""
        return min((path for path in paths if any(is_frame_of(frame, path) for frame in self.frames)), default="")


def _runs(frame: Frame, place: Place) -> bool:
    """Say whether a frame runs a place of its file; frames have bare or qualified names, and perhaps a line."""
    name = frame.function.replace(".<locals>", "")
    is_named = name == place.name or (name != MODULE and place.name.endswith(f".{name}"))
    is_there = not frame.line or not place.spans or any(first <= frame.line <= last for first, last in place.spans)
    return is_named and is_there
