"""The architecture as a test: which package may import which, and what the pure ones may not touch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "bisectrix"

PURE = {"export", "replay", "model", "manifest", "matrix", "judge", "search", "explain", "diagnose"}

PURE_IN_EDGES = {
    *("supervise/watch.py", "supervise/window.py", "supervise/waits_text.py"),
    *(f"supervise/proof/{name}.py" for name in ("scene", "wakers", "judge", "asks", "idle_loops", "pauses")),
}

EDGES_IN_PURE = {"explain/download.py"}

MAY_IMPORT = {
    "errors": set(),
    "model": {"errors"},
    "manifest": {"errors", "model"},
    "matrix": {"errors", "model"},
    "judge": {"errors", "model"},
    "search": {"errors", "model"},
    "supervise": {"errors", "model"},
    "resolve": {"errors", "model", "supervise"},
    "environments": {"errors", "model", "supervise", "resolve"},
    "containers": {"errors", "model", "supervise", "resolve", "environments"},
    "commits": {"errors", "model", "supervise"},
    "images": {"errors", "model", "supervise", "environments", "containers"},
    "record": {"errors", "model", "bisectrix"},
    "explain": {"errors", "model", "resolve"},
    "diagnose": {"errors", "model", "manifest"},
    "report": {"errors", "model", "judge", "search", "diagnose"},
    "replay": {"errors", "model", "judge"},
    "export": {"errors", "model", "judge", "manifest"},
    "capsule": {"model"},
    "project": {"errors", "model", "manifest"},
    "runner": {
        *("errors", "model", "manifest", "matrix", "judge", "supervise", "resolve"),
        *("environments", "containers", "record", "project", "search", "replay", "export", "bisectrix"),
    },
    "doctor": {"errors", "model", "supervise", "resolve", "environments", "containers"},
    "cli": {
        *("errors", "model", "manifest", "matrix", "judge", "supervise", "resolve", "environments"),
        *("commits", "explain", "record", "report", "project", "runner", "search", "doctor", "replay", "export"),
        *("containers", "images", "diagnose", "bisectrix"),
    },
    "nox": set(),
    "probe": set(),
    "__main__": {"cli"},
}

EDGES = {"supervise", "resolve", "environments", "containers", "record", "report", "runner", "cli"}

FORBIDDEN_IN_PURE = {"asyncio", "multiprocessing", "os", "random", "secrets", "shutil", "socket", "sqlite3"} | {
    *("subprocess", "tempfile", "threading", "time", "urllib", "requests", "psutil", "docker"),
}

STARTS_PROCESSES = {"supervise", "capsule", "nox"}


def modules() -> Iterator[tuple[str, Path]]:
    """Yield the name of the top-level package or module, and the file."""
    for file in sorted(SOURCE.rglob("*.py")):
        relative = file.relative_to(SOURCE)
        name = relative.parts[0].removesuffix(".py")
        if name != "__init__":
            yield name, file


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            assert node.module is not None
            yield from ([f"bisectrix.{a.name}" for a in node.names] if node.module == "bisectrix" else [node.module])


def inner_name(module: str) -> str:
    """`bisectrix.model.words` -> `model`; a name of the package itself, such as __version__ -> `bisectrix`."""
    name = module.split(".")[1]
    return name if name in MAY_IMPORT else "bisectrix"


CASES = [pytest.param(name, file, id=str(file.relative_to(SOURCE))) for name, file in modules()]


@pytest.mark.parametrize(("name", "file"), CASES)
def test_a_module_imports_only_the_layers_below_it(name: str, file: Path) -> None:
    assert name in MAY_IMPORT, f"{name} has no line in the layer table"
    inner = {inner_name(module) for module in imports(file) if module.startswith("bisectrix.")}
    assert inner <= MAY_IMPORT[name] | {name}


@pytest.mark.parametrize(("name", "file"), CASES)
def test_a_pure_module_touches_no_file_process_clock_or_network(name: str, file: Path) -> None:
    outer = {module.split(".")[0] for module in imports(file)}
    inner = {inner_name(module) for module in imports(file) if module.startswith("bisectrix.")}
    is_pure = name in PURE and str(file.relative_to(SOURCE)) not in EDGES_IN_PURE
    assert not is_pure or not outer & FORBIDDEN_IN_PURE
    assert not is_pure or not inner & EDGES


@pytest.mark.parametrize("name", sorted(PURE_IN_EDGES))
def test_what_decides_about_a_hang_touches_nothing_either(name: str) -> None:
    assert not {module.split(".")[0] for module in imports(SOURCE / name)} & FORBIDDEN_IN_PURE


@pytest.mark.parametrize(("name", "file"), CASES)
def test_one_package_starts_processes(name: str, file: Path) -> None:
    assert name in STARTS_PROCESSES or "subprocess" not in set(imports(file))


def called_names(file: Path) -> set[str]:
    calls = (node.func for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    return {function.id for function in calls if isinstance(function, ast.Name)}


def test_only_the_command_line_prints() -> None:
    printing = {name for name, file in modules() if "print" in called_names(file)}
    assert printing <= {"cli", "capsule"}
