"""The rules of diagnosis that are in force: those of the package, of the project, and of files named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from bisectrix.diagnose.document import merged, parse_rules
from bisectrix.diagnose.rule import Rule
from bisectrix.errors import UsageError
from bisectrix.project import Project

PAGE = "docs/diagnosis.md"
"""Where the rules of the package are told at length."""


def shipped_rules() -> Mapping[str, tuple[Rule, ...]]:
    """Read the rules of the package: file name -> rules."""
    folder = files("bisectrix.diagnose") / "rules"
    texts = {
        entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")
    }
    return {name: parse_rules(texts[name], name, PAGE) for name in sorted(texts)}


def rules_of(project: Project | None, more: Sequence[Path] = ()) -> tuple[Rule, ...]:
    """Join the rules of the package with those of `repros/rules/*.toml` and of `more`.

    Raises:
        ManifestError: a file has mistakes, or an id is used twice.
        UsageError: a file cannot be read.
    """
    own = sorted((project.repros / "rules").glob("*.toml")) if project else []
    read = {str(file): parse_rules(_text(file), str(file)) for file in (*own, *more)}
    return merged({**shipped_rules(), **read})


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"not UTF-8 text: byte {error.start}", place=str(file), hint="save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", place=str(file)) from None
