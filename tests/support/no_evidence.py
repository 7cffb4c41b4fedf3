"""Stands in for the collector of stacks: takes none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bisectrix.model.attempt import Chain, EvidenceFile, Frame
from bisectrix.model.words import EvidenceKind


def collect(
    pids: Sequence[int], scratch: Path, evidence_dir: Path, *, deadline_s: float, native: bool
) -> tuple[tuple[Chain, ...], tuple[EvidenceFile, ...]]:
    """Return one chain made up, and a file with the pids that were asked about."""
    assert scratch.is_dir()
    assert deadline_s > 0
    assert not native
    file = evidence_dir / "stacks.txt"
    file.write_text(" ".join(map(str, pids)), encoding="utf-8")
    frame = Frame(file="made/up.py", function="wait", line=1)
    chain = Chain(owner="MainThread", kind="thread", process=pids[0], frames=(frame,))
    return (chain,), (EvidenceFile(kind=EvidenceKind.STACKS, path=file),)


def fail(
    pids: Sequence[int], scratch: Path, evidence_dir: Path, *, deadline_s: float, native: bool
) -> tuple[tuple[Chain, ...], tuple[EvidenceFile, ...]]:
    """Fail as a collector with a mistake would."""
    message = f"cannot look at {pids} {scratch} {evidence_dir} {deadline_s} {native}"
    raise RuntimeError(message)
