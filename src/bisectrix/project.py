"""A folder with repros and matrices, read from the disk into trustworthy values."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bisectrix.errors import InfraError, UsageError
from bisectrix.manifest.matrix import parse_matrix
from bisectrix.manifest.repro import parse_repro
from bisectrix.manifest.together import check_together
from bisectrix.model.matrix import Matrix
from bisectrix.model.repro import Repro

IGNORED_FOLDERS = {"__pycache__", ".pytest_cache", ".venv", ".git"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """The folders of one repository that bisectrix reads and writes."""

    root: Path

    @property
    def repros(self) -> Path:
        """Where a person keeps repros: `NAME.py` or `NAME/repro.toml`."""
        return self.root / "repros"

    @property
    def matrices(self) -> Path:
        """Where a person keeps matrices: `NAME.toml`."""
        return self.root / "matrices"

    @property
    def results(self) -> Path:
        """What is written: the store, evidence, locks, records and findings."""
        return self.root / "results"

    @property
    def kept(self) -> Path:
        """Where the files of repros are kept as they were when they ran, each named by its hash."""
        return self.results / "kept"

    def repro_names(self) -> tuple[str, ...]:
        """Names of all repros, sorted."""
        scripts = {file.stem for file in self.repros.glob("*.py")}
        folders = {file.parent.name for file in self.repros.glob("*/repro.toml")}
        return tuple(sorted(scripts | folders))

    def repro(self, name: str) -> Repro:
        """Read one repro.

        Raises:
            UsageError: there is none of this name.
            ManifestError: its manifest has mistakes.
        """
        script, folder = self.repros / f"{name}.py", self.repros / name
        if script.is_file():
            return parse_repro(_read(script), script, name)
        if (folder / "repro.toml").is_file():
            return parse_repro(_read(folder / "repro.toml"), folder, name)
        raise _unknown("repro", name, self.repro_names(), self.repros)

    def matrix(self, name: str) -> Matrix:
        """Read one matrix; raises as `repro` does."""
        file = self.matrices / f"{name}.toml"
        if not file.is_file():
            names = sorted(file.stem for file in self.matrices.glob("*.toml"))
            raise _unknown("matrix", name, names, self.matrices)
        return parse_matrix(_read(file), str(file.relative_to(self.root)), name)

    def checked(self, repro: Repro, matrix: Matrix) -> Matrix:
        """Return `matrix` if it fits `repro`.

        Raises:
            ManifestError: mistakes that only both files together show.
        """
        check_together(repro, matrix, file=f"{self.matrices.name}/{matrix.name}.toml")
        return matrix


def find_project(start: Path) -> Project:
    """Find the project that `start` lies in: the nearest folder upwards with a `repros` folder.

    Raises:
        UsageError: there is none up to the root of the file system.
    """
    for folder in (start, *start.parents):
        if (folder / "repros").is_dir():
            return Project(root=folder)
    raise UsageError(
        "no project here: neither this folder nor one above it has a folder `repros`",
        place=str(start),
        hint="make one and put a repro into it; docs/writing-a-repro.md shows a first one",
    )


def repro_files(repro: Repro) -> Mapping[str, bytes]:
    """Read the files of a repro: relative path with forward slashes -> content."""
    if repro.path.is_file():
        return {repro.path.name: repro.path.read_bytes()}
    files = (file for file in sorted(repro.path.rglob("*")) if file.is_file())
    kept = (file for file in files if not IGNORED_FOLDERS & set(file.relative_to(repro.path).parts))
    return {file.relative_to(repro.path).as_posix(): file.read_bytes() for file in kept}


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"not UTF-8 text: byte {error.start}", place=str(file), hint="save it as UTF-8") from None
    except OSError as error:
        raise InfraError(f"cannot be read: {error.strerror}", place=str(file)) from None


def _unknown(what: str, name: str, known: Iterable[str], folder: Path) -> UsageError:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    listed = ", ".join(names) or "there are none yet"
    hint = f"did you mean {near[0]!r}?" if near else f"known: {listed}"
    return UsageError(f"no {what} is called {name!r}", place=str(folder), hint=hint)
