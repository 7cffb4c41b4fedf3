"""The text of an issue, from a recorded cell."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from bisectrix.export.parcel import Parcel
from bisectrix.export.script import script_folder, start
from bisectrix.model.attempt import Attempt
from bisectrix.model.result import CellResult
from bisectrix.model.words import EvidenceKind, Verdict
from bisectrix.record.portable import portable_text
from bisectrix.report.issue import Case, issue
from bisectrix.runner.planning import matrices_of
from bisectrix.runner.tools import Tools

OUTPUT = (EvidenceKind.STDERR, EvidenceKind.STDOUT)
LAST_LINES = 60

SCRIPT_SUFFIXES = {".py", ".toml", ".ini", ".cfg", ".txt", ".json", ".yaml", ".yml"}
NO_PART_OF_THE_REPRO = {"pylock.toml", "requirements.txt", "README.md"}


def issue_text(tools: Tools, parcel: Parcel, results: Sequence[CellResult]) -> str:
    """Return Markdown short enough for GitHub, secrets hidden."""
    project, repro = tools.project, parcel.repro
    known = repro.name in project.repro_names()
    case = Case(
        repro=repro,
        result=parcel.result,
        state=parcel.state,
        matrices=matrices_of(project, project.repro(repro.name)) if known else (),
        results=tuple(result for result in results if result.cell.repro == repro.name),
        script=tuple(_script(parcel)),
        run=f"uv run --python {parcel.state.python} {shlex.quote(start(parcel))}",
        output=portable_text(_output(tools, parcel.state.attempts)),
    )
    return tools.settings.redactor(issue(case))


def _script(parcel: Parcel) -> Iterator[tuple[str, str]]:
    """Yield the files of the script's folder, the one that is run first."""
    folder, first = script_folder(parcel), start(parcel)
    for name in sorted(folder, key=lambda name: (name != first, name)):
        if name not in NO_PART_OF_THE_REPRO and any(name.endswith(suffix) for suffix in SCRIPT_SUFFIXES):
            yield name, folder[name].decode("utf-8", "replace")


def _output(tools: Tools, attempts: Sequence[Attempt]) -> str:
    """Return the last lines of what the telling attempt printed, where that is on this machine."""
    telling = max(attempts, key=lambda attempt: attempt.verdict is Verdict.BAD)
    texts = (
        tools.blobs.text(evidence.sha256)
        for kind in OUTPUT
        for evidence in telling.evidence
        if evidence.kind is kind and tools.blobs.has(evidence.sha256)
    )
    return "\n".join("\n".join(texts).splitlines()[-LAST_LINES:])
