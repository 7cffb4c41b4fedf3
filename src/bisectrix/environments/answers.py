"""What Pythons said about themselves when they were run, remembered for as long as their files stay the same."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

Answer: TypeAlias = dict[str, Any]


class Answers:
    """A small file in the cache; None is remembered for what was run and is no Python. Losing it costs only time."""

    def __init__(self, file: Path) -> None:
        """Read the file; one that is missing or damaged counts as empty."""
        self._file = file
        self._known: dict[str, Any] = {}
        with suppress(OSError, ValueError, TypeError):
            self._known = dict(json.loads(file.read_text(encoding="utf-8")))

    def knows(self, path: Path) -> bool:
        """Say whether this very file was run before."""
        return self._stamp(path) in self._known

    def get(self, path: Path) -> Answer | None:
        """Return what it said; None when it is no Python, or was never run."""
        answer = self._known.get(self._stamp(path))
        return answer if isinstance(answer, dict) else None

    def put(self, path: Path, answer: Answer | None) -> None:
        """Remember what it said, until its file changes."""
        self._known[self._stamp(path)] = answer

    def save(self) -> None:
        """Replace the file at once, so that another harness never reads half of it."""
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=self._file.name)
            with os.fdopen(handle, "w", encoding="utf-8") as draft:
                json.dump(self._known, draft, indent=1, sort_keys=True)
            Path(name).replace(self._file)

    @staticmethod
    def _stamp(path: Path) -> str:
        facts = path.stat()
        return f"{path} {facts.st_mtime_ns} {facts.st_size}"
