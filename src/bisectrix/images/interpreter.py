"""An image of one Python of this machine: itself, its library, what it links to, and a shell."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bisectrix.errors import InfraError
from bisectrix.images.linked import copy_file, copy_libraries, linked, system_folder
from bisectrix.images.recipe import COMPILE, HOLDS, PYTHON, write_etc
from bisectrix.model.environment import Interpreter
from bisectrix.supervise.command import run_command

PREFIX = Path("/usr/local")
PROGRAMS = ("sh", "env", "cat", "sleep", "timeout", "true")
LOCALES = (Path("/usr/lib/locale/C.utf8"), Path("/usr/lib/locale/C.UTF-8"))
COMPILE_DEADLINE_S = 300.0

LEFT_OUT = {"test", "tests", "idlelib", "turtledemo", "tkinter", "ensurepip", "site-packages", "dist-packages"} | {
    *("__pycache__", "EXTERNALLY-MANAGED"),
}
LEFT_OUT_PREFIX = "config-"  # what is needed to link Python into another program


@dataclass(frozen=True, kw_only=True, slots=True)
class InterpreterRecipe:
    """An image of an interpreter that was found on this machine."""

    interpreter: Interpreter

    @property
    def name(self) -> str:
        """`python-3.11`."""
        return f"python-{self.interpreter.minor}"

    def inputs(self) -> str:
        """Name every file that is copied with its size and time; for shared libraries, their folder."""
        binary, library = self.interpreter.path, self._library()
        files = (binary, *(library / name for name in _names(library)), system_folder(linked([binary])))
        lines = (f"{file} {status.st_size} {status.st_mtime_ns}" for file in files for status in (file.stat(),))
        return "\n".join((self.interpreter.version, *lines))

    def fill(self, root: Path) -> dict[str, str]:
        """Copy the interpreter with all it needs, and compile its library."""
        binary, library = self.interpreter.path, self._library()
        place = root / PREFIX.relative_to("/")
        for name in _names(library):
            copy_file(library / name, place / "lib" / library.name / name)
        programs = self._copy_programs(root)
        modules = sorted((library / "lib-dynload").glob("*.so"))
        copy_libraries((binary, *modules, *programs), root, own=binary.parent.parent)
        for locale in filter(Path.is_dir, LOCALES):
            shutil.copytree(locale, root / locale.relative_to("/"))
        write_etc(root)
        _compile(binary, place / "lib" / library.name)
        return {HOLDS: f"Python {self.interpreter.version} of the machine", PYTHON: self.interpreter.version}

    def _library(self) -> Path:
        library = self.interpreter.path.parent.parent / "lib" / f"python{self.interpreter.minor}"
        if not (library / "os.py").is_file():
            raise InfraError(
                f"the library of {self.interpreter.path} is not in {library}",
                hint="build the image from another interpreter; `bisectrix doctor` lists them",
            )
        return library

    def _copy_programs(self, root: Path) -> Sequence[Path]:
        folder = root / PREFIX.relative_to("/") / "bin"
        real = f"python{self.interpreter.minor}"
        copy_file(self.interpreter.path, folder / real)
        for name in ("python3", "python"):
            (folder / name).symlink_to(real)
        found = (shutil.which(program, path="/bin:/usr/bin") for program in PROGRAMS)
        programs = [Path(program) for program in found if program]
        for program in programs:
            copy_file(program, root / "bin" / program.name)
        return programs


def _names(library: Path) -> Iterator[str]:
    """Yield the files of a library that an image gets, in an order that stays; links that lead nowhere are none."""
    for folder, folders, files in os.walk(library):
        folders[:] = sorted(name for name in folders if _is_wanted(name))
        paths = (Path(folder, name) for name in sorted(files) if _is_wanted(name))
        yield from (str(path.relative_to(library)) for path in paths if path.is_file())


def _is_wanted(name: str) -> bool:
    return name not in LEFT_OUT and not name.startswith(LEFT_OUT_PREFIX)


def _compile(binary: Path, library: Path) -> None:
    """Compile in one process, in one order: the same sources give the same bytes."""
    place = PREFIX / "lib" / library.name
    done = run_command(
        (str(binary), *COMPILE, "-d", str(place), str(library)),
        env={"PYTHONHASHSEED": "0"},
        deadline_s=COMPILE_DEADLINE_S,
    )
    if done.exit_code:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise InfraError(f"{binary} cannot compile its own library: {' '.join(last)}", place=str(library))
