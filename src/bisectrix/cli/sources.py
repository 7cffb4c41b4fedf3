"""`--with-source NAME=FOLDER`: packages built from folders instead of releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from bisectrix.cli.assembly import cache_folder
from bisectrix.commits.work_tree import source_of
from bisectrix.errors import UsageError
from bisectrix.model.source import Source

OPTION = "--with-source"


def sources_from(texts: Sequence[str], environ: Mapping[str, str]) -> tuple[Source, ...]:
    """Take what the folders hold now.

    Raises:
        UsageError: not of the form `NAME=FOLDER`, a package twice, or no such folder.
    """
    folders: dict[NormalizedName, Path] = {}
    for text in texts:
        package, folder = _parsed(text)
        if package in folders:
            raise UsageError(f"{package} is given twice", place=OPTION)
        folders[package] = folder
    cache = cache_folder() / "work-trees"
    return tuple(source_of(package, folder, cache, environ) for package, folder in folders.items())


def _parsed(text: str) -> tuple[NormalizedName, Path]:
    name, equals, folder = text.partition("=")
    try:
        package = canonicalize_name(name, validate=True)
    except InvalidName:
        package = NormalizedName("")
    if not (package and equals and folder):
        raise UsageError(f"{text!r} is not of the form NAME=FOLDER", place=OPTION, hint=f"{OPTION} httpx=../httpx")
    return package, Path(folder)
