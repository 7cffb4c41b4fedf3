"""The explanation of a boundary: what changed there, in the order in which a reader should look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bisectrix.explain.compare import compare
from bisectrix.explain.difference import Difference, Files
from bisectrix.explain.imports import imports_of
from bisectrix.explain.links import Link, links
from bisectrix.explain.metadata import metadata_of
from bisectrix.explain.rank import Ranked, is_frame_of, ranked
from bisectrix.model.attempt import Frame
from bisectrix.model.words import BugKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """What two neighbouring releases differ in, ordered by where the bug shows.

    Attributes:
        title: `vcrpy 7.0.0 -> 8.0.0`.
        files: the most telling first.
        links: where the project itself tells what changed.
    """

    title: str
    difference: Difference
    files: tuple[Ranked, ...]
    links: tuple[Link, ...]


def explain(title: str, old: Files, new: Files, frames: Sequence[Frame], bug: BugKind = BugKind.HANG) -> Explanation:
    """Compare the files of an older and a newer release in the light of how the bad one of them fails.

    Args:
        title: what is compared.
        old: files of the older release.
        new: files of the newer one.
        frames: of the bad side, outermost first; the more of the whole chain the better.
        bug: what the frames are of.
    """
    difference = compare(old, new)
    return Explanation(
        title=title,
        difference=difference,
        files=ranked(difference, frames, _imports(old, new, difference, frames), bug),
        links=links(metadata_of(old), metadata_of(new)),
    )


def _imports(old: Files, new: Files, difference: Difference, frames: Sequence[Frame]) -> dict[str, frozenset[str]]:
    """Return who imports whom among the changed files and those in the stack; nothing where none is in the stack."""
    standing = {path for path in (*old, *new) if any(is_frame_of(frame, path) for frame in frames)}
    paths = standing | {file.path for file in difference.files} if standing else standing
    sides = imports_of(old, paths), imports_of(new, paths)
    return {path: frozenset(other for side in sides for other in side.get(path, ())) for path in paths}
