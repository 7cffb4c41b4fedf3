"""Each form of export is made of a recorded hang, run without network, and shows the hang."""

from __future__ import annotations

import shutil
import sys
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest
import uv

from bisectrix.model.attempt import Blocked, Ending
from bisectrix.model.repro import Limits
from bisectrix.supervise.order import Order
from bisectrix.supervise.supervisor import Supervisor
from support.networkless import networkless, run_networkless
from support.planted import PLANTED
from support.programs import Program

pytestmark = pytest.mark.slow

HANGS, PASSES = "planted-hang@hang=2.0", "planted-hang@hang=1.0"
REPRODUCED = f"{HANGS}: hang reproduced: ask -> wait_for_an_answer\n"


def exported(recorded: Program, cell: str, form: str, target: Path, *options: str) -> Path:
    done = recorded("export", cell, "--as", form, "-o", str(target), *options)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def capsule(recorded: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(recorded, HANGS, "capsule", tmp_path_factory.mktemp("capsule") / "hang.pyz")


def test_a_capsule_shows_the_hang_and_leaves_nothing_behind(capsule: Path, tmp_path: Path) -> None:
    done = run_networkless([sys.executable, capsule], tmp_path)

    commands = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert (done.returncode, done.stdout, done.stderr) == (0, REPRODUCED, "")
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not [command for command in commands if str(tmp_path) in command]


def test_two_capsules_of_one_record_are_byte_identical(recorded: Program, capsule: Path, tmp_path: Path) -> None:
    again = exported(recorded, HANGS, "capsule", tmp_path / "again.pyz")

    assert again.read_bytes() == capsule.read_bytes()


def test_the_capsule_of_a_good_cell_passes(recorded: Program, tmp_path: Path) -> None:
    done = run_networkless([sys.executable, exported(recorded, PASSES, "capsule", tmp_path / "good.pyz")], tmp_path)

    assert (done.returncode, done.stdout) == (0, f"{PASSES}: it passes, as recorded\n")


def test_a_capsule_that_was_changed_is_not_run(capsule: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.pyz"
    with zipfile.ZipFile(capsule) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + (b"\n" if name == "repro/planted-hang.py" else b""))

    done = run_networkless([sys.executable, changed], tmp_path)

    assert done.returncode == 5
    assert "this capsule is damaged: repro/planted-hang.py" in done.stderr


def test_the_folder_of_a_container_builds_its_environment_and_shows_the_hang(recorded: Program, tmp_path: Path) -> None:
    folder = exported(recorded, HANGS, "container", tmp_path / "folder")
    run: list[str | Path] = [sys.executable, folder / "capsule"]

    installed = run_networkless([*run, "--install", tmp_path / "environment"], tmp_path)
    done = run_networkless([*run, "--environment", tmp_path / "environment"], tmp_path)

    assert installed.returncode == 0, installed.stderr
    assert (done.returncode, done.stdout) == (0, REPRODUCED)
    assert "--network none" in (folder / "Containerfile").read_text(encoding="utf-8")


def test_a_script_with_its_wheels_is_installed_offline_and_hangs(recorded: Program, tmp_path: Path) -> None:
    folder = exported(recorded, HANGS, "script", tmp_path / "folder", "--with-wheels")
    script = folder / "planted-hang.py"
    told = ["--offline", "--no-config"]

    synced = run_networkless(
        [uv.find_uv_bin(), "sync", "--script", script, "--python", sys.executable, *told], tmp_path
    )
    found = run_networkless([uv.find_uv_bin(), "python", "find", "--script", script, *told], tmp_path)

    assert synced.returncode == 0, synced.stderr
    ending, places = where_it_ends((found.stdout.strip(), "planted-hang.py"), folder, tmp_path)
    assert isinstance(ending, Blocked)
    assert places == ["hang.py:act"]
    assert "--hash=sha256:" in (folder / "requirements.txt").read_text(encoding="utf-8")


@pytest.mark.slow
def test_uv_runs_the_script_and_it_hangs(recorded: Program, tmp_path: Path) -> None:
    folder = exported(recorded, HANGS, "script", tmp_path / "folder", "--with-wheels")
    command = [uv.find_uv_bin(), "run", "--offline", "--no-config", "--python", sys.executable, "planted-hang.py"]

    _, places = where_it_ends(networkless(command), folder, tmp_path)

    assert places == ["hang.py:act"]


def test_the_text_of_an_issue_holds_that_very_script(recorded: Program, tmp_path: Path) -> None:
    folder = exported(recorded, HANGS, "script", tmp_path / "folder")
    issue = exported(recorded, HANGS, "issue", tmp_path / "issue.md")

    script = (folder / "planted-hang.py").read_text(encoding="utf-8")
    assert f"```python\n{script.strip()}\n```" in issue.read_text(encoding="utf-8")


def where_it_ends(command: Sequence[str], folder: Path, scratch: Path) -> tuple[Ending, list[str]]:
    """Run a command under watch; return its ending and the frames of its main thread, as far as they are named."""
    order = Order(
        argv=tuple(command),
        env=(("PATH", "/usr/bin:/bin"), ("HOME", str(scratch)), ("UV_PYTHON_DOWNLOADS", "never")),
        cwd=folder,
        scratch=scratch,
        evidence_dir=scratch / "evidence",
        limits=Limits(deadline_s=40, quiet_s=2),
    )
    with Supervisor() as supervisor:
        execution = supervisor.run(order, on_pulse=lambda _: None, cancelled=threading.Event())
    frames = [frame for chain in execution.chains for frame in chain.frames]
    return execution.ending, [f"{frame.file}:{frame.function}" for frame in frames if frame.file == "hang.py"]


def test_nothing_is_written_over(recorded: Program, tmp_path: Path) -> None:
    done = recorded("export", HANGS, "--as", "capsule", "-o", str(tmp_path))

    assert (done.returncode, "is there already" in done.stderr) == (2, True)


@pytest.mark.slow
def test_a_package_that_comes_as_source_is_in_the_capsule_as_what_it_builds_to(
    recorded: Program, tmp_path: Path
) -> None:
    for name in ("repros/planted-no-wheel.py", "matrices/no-wheel-releases.toml"):
        shutil.copy(PLANTED / "project" / name, recorded.project / name)
    cell = "planted-no-wheel@no-wheel=5.0"
    assert recorded("run", "planted-no-wheel", "-k", "no-wheel=5.0").returncode == 0

    first, second = (exported(recorded, cell, "capsule", tmp_path / f"{number}.pyz") for number in (1, 2))
    done = run_networkless([sys.executable, first], tmp_path)

    assert (done.returncode, done.stdout) == (0, f"{cell}: it passes, as recorded\n")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.slow
def test_of_a_suite_the_capsule_runs_the_test_that_tells(recorded: Program, tmp_path: Path) -> None:
    shutil.copytree(PLANTED / "project" / "repros" / "planted-suite", recorded.project / "repros" / "planted-suite")
    shutil.copy(PLANTED / "project" / "matrices" / "suite-releases.toml", recorded.project / "matrices")
    assert recorded("run", "planted-suite").returncode == 0
    cell = "planted-suite@hang=2.0"

    done = run_networkless([sys.executable, exported(recorded, cell, "capsule", tmp_path / "suite.pyz")], tmp_path)

    assert done.returncode == 0, done.stdout
    assert "hang reproduced" in done.stdout
