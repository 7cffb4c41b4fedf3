"""Environments for real: made once, shared, recovered, removed; and what is never removed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bisectrix.environments.integrity import edited_files
from bisectrix.environments.locking import FileLock
from bisectrix.environments.pool import COMPLETE, OWNER, Pool, site_packages
from bisectrix.errors import InfraError, TooSlowError
from bisectrix.model.environment import Environment, Unavailable
from bisectrix.model.lock import Lock
from bisectrix.model.words import SkipReason
from bisectrix.resolve.portable import read_lock
from bisectrix.resolve.settings import Index, IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.supervise.cancelled import Cancelled
from support.pool_maker import HERE, SITE_FILES, make_pool
from support.wheels import FakeIndex, lock_text, serving, write_unbuildable, write_wheel

DEADLINE_S = 120


class Place:
    """A pool with a folder of wheels and a cache of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root / "pool"
        self.wheels = root / "wheels"
        self.cache = root / "cache"
        self.log = root / "uv-calls"
        self.wheels.mkdir()
        self.uv = self.logging_uv()
        self.pool = make_pool(self.root, self.wheels, self.cache, self.uv)

    def lock(self, name: str = "tool", version: str = "1.0") -> Lock:
        return self.lock_of(write_wheel(self.wheels, name, version))

    @staticmethod
    def lock_of(*files: Path) -> Lock:
        return read_lock(lock_text(*files), resolver="uv 0")

    def logging_uv(self, name: str = "uv", before_installing: str = "") -> Path:
        """Return a uv that notes what it is asked to do, and does something before it installs."""
        real = Uv.find(IndexSettings()).path
        script = self.wheels.parent / name
        step = f'if [ "$1 $2" = "pip sync" ]; then {before_installing or ":"}; fi'
        script.write_text(f'#!/bin/sh\necho "$1" >> {self.log}\n{step}\nexec {real} "$@"\n')
        script.chmod(0o755)
        return script

    def calls(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []

    def folder(self, lock: Lock) -> Path:
        return self.root / self.pool.key(lock, HERE)

    def make(self, lock: Lock) -> Environment:
        with self.pool.hold(lock, HERE) as environment:
            assert isinstance(environment, Environment)
            return environment

    def refuse(self, lock: Lock) -> Unavailable:
        with self.pool.hold(lock, HERE) as refused:
            assert isinstance(refused, Unavailable)
            return refused

    def start_harness(self, lock: Lock, uv: Path | None = None) -> subprocess.Popen[str]:
        """Start another harness that wants the same environment."""
        file = self.wheels.parent / "pylock.toml"
        file.write_text(lock.text)
        script = Path(__file__).parents[1] / "support" / "pool_maker.py"
        arguments = (str(path) for path in (self.root, file, self.wheels, self.cache, uv or self.uv))
        return subprocess.Popen([sys.executable, str(script), *arguments], stdout=subprocess.PIPE, text=True)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def run(environment: Environment, code: str) -> str:
    done = subprocess.run(
        [environment.python, "-c", code], check=True, capture_output=True, text=True, timeout=60, env={}
    )
    return done.stdout.strip()


def test_an_environment_has_exactly_what_its_lock_says(place: Place) -> None:
    environment = place.make(place.lock(version="1.5"))
    assert run(environment, "import tool; print(tool.VERSION)") == "1.5"
    assert run(environment, "import sys; print('%d.%d.%d' % sys.version_info[:3])") == HERE.version
    assert (environment.interpreter, environment.lock_sha256) == (HERE, place.lock(version="1.5").sha256)


def test_it_has_bytecode_and_the_files_that_every_environment_gets(place: Place) -> None:
    site = site_packages(place.make(place.lock()))
    assert [path.name.split(".")[0] for path in (site / "__pycache__").glob("*.pyc") if "tool" in path.name] == ["tool"]
    assert (site / "probe.pth").read_text() == SITE_FILES["probe.pth"]


def test_it_is_made_once_and_used_again(place: Place) -> None:
    lock = place.lock()
    assert place.make(lock) == place.make(lock)
    assert place.calls() == ["venv", "pip"]


def test_a_lock_without_packages_is_an_environment_without_packages(place: Place) -> None:
    environment = place.make(place.lock_of())
    assert run(environment, "print('runs')") == "runs"
    assert place.calls() == ["venv"]


def test_other_locks_interpreters_and_probes_have_other_keys(place: Place, tmp_path: Path) -> None:
    lock = place.lock()
    other_probe = Pool(tmp_path, Uv.find(IndexSettings()), site_files={"probe.pth": "other"})
    keys = {place.pool.key(lock, HERE), place.pool.key(place.lock(version="2.0"), HERE), other_probe.key(lock, HERE)}
    assert len(keys) == 3


def test_threads_that_want_the_same_share_one(place: Place) -> None:
    lock = place.lock()
    with ThreadPoolExecutor(4) as threads:
        roots = {environment.root for environment in threads.map(place.make, [lock] * 4)}
    assert len(roots) == 1
    assert place.calls() == ["venv", "pip"]


def test_two_harness_processes_at_once_make_it_once(place: Place) -> None:
    lock = place.lock()
    harnesses = [place.start_harness(lock) for _ in range(2)]
    outputs = [harness.communicate(timeout=DEADLINE_S)[0] for harness in harnesses]
    assert [harness.returncode for harness in harnesses] == [0, 0]
    assert outputs == [str(place.folder(lock) / "venv")] * 2
    assert place.calls() == ["venv", "pip"]


def test_after_a_maker_was_killed_it_is_made_anew_but_not_before_its_uv_has_ended(place: Place, tmp_path: Path) -> None:
    lock = place.lock()
    reached, go_on = tmp_path / "reached", tmp_path / "go-on"
    os.mkfifo(reached)
    os.mkfifo(go_on)
    slow = place.logging_uv("slow-uv", f"echo > {reached}; cat {go_on}")
    harness = place.start_harness(lock, slow)
    assert reached.read_text() == "\n"
    harness.send_signal(signal.SIGKILL)
    harness.communicate(timeout=DEADLINE_S)
    folder = place.folder(lock)
    assert folder.exists()
    assert not (folder / COMPLETE).exists()
    with FileLock.opened(place.root / "locks" / folder.name) as file:
        assert not file.try_to_own()
        assert place.pool.prune(0) == 0
        assert folder.exists()
    go_on.write_text("")
    assert run(place.make(lock), "import tool; print(tool.VERSION)") == "1.0"
    assert place.calls() == ["venv", "pip"] * 2


def test_a_lock_that_stays_held_is_given_up_in_the_end(tmp_path: Path) -> None:
    with FileLock.opened(tmp_path / "lock") as holder, FileLock.opened(tmp_path / "lock") as other:
        holder.own(within_s=0)
        with pytest.raises(InfraError, match="another process has held this lock"):
            other.share(within_s=0)


def test_waiting_for_a_lock_ends_when_nobody_wants_it_any_more(tmp_path: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with FileLock.opened(tmp_path / "lock") as holder, FileLock.opened(tmp_path / "lock", cancelled) as other:
        holder.own(within_s=0)
        with pytest.raises(Cancelled):
            other.share(within_s=DEADLINE_S)


def test_an_installation_that_fails_is_no_environment_and_is_tried_again(place: Place) -> None:
    wheel = write_wheel(place.wheels, "tool", "1.0")
    lock = place.lock_of(wheel)
    wheel.unlink()
    refused = place.refuse(lock)
    assert refused.reason is SkipReason.INSTALL_FAILED
    assert "tool" in refused.explanation
    assert str(place.root) not in refused.explanation
    assert not place.folder(lock).exists()
    write_wheel(place.wheels, "tool", "1.0")
    assert run(place.make(lock), "import tool; print(tool.VERSION)") == "1.0"


def test_a_file_with_another_hash_is_refused(place: Place) -> None:
    lock = place.lock()
    write_wheel(place.wheels, "tool", "1.0", files={"tool.py": "VERSION = 'forged'\n"})
    refused = place.refuse(lock)
    assert (refused.reason, "ash" in refused.explanation) == (SkipReason.INSTALL_FAILED, True)


def test_a_source_release_that_does_not_build_is_unbuildable(place: Place) -> None:
    refused = place.refuse(place.lock_of(write_unbuildable(place.wheels, "broken", "1.0")))
    assert refused.reason is SkipReason.UNBUILDABLE
    assert "no compiler for this planet" in refused.explanation


@pytest.fixture
def slow(place: Place) -> Pool:
    """Return a pool that never comes to an end of an installation."""
    return make_pool(place.root, place.wheels, place.cache, place.logging_uv("slow-uv", "sleep 3600"))


def test_a_build_that_takes_too_long_is_the_fault_of_its_release(place: Place, slow: Pool) -> None:
    lock = place.lock_of(write_unbuildable(place.wheels, "endless", "1.0"))
    with slow.hold(lock, HERE, install_s=0.5) as refused:
        assert isinstance(refused, Unavailable)
    assert (refused.reason, refused.explanation) == (SkipReason.INSTALL_FAILED, "still building after 0.5 s")
    assert not place.folder(lock).exists()


def test_an_installation_that_takes_too_long_with_nothing_to_build_is_our_failure(place: Place, slow: Pool) -> None:
    with pytest.raises(TooSlowError), slow.hold(place.lock(), HERE, install_s=0.5):
        pass


def test_an_index_that_fails_is_our_failure_and_leaves_nothing_behind(place: Place, tmp_path: Path) -> None:
    lock = place.lock()
    with serving(FakeIndex(folder=place.wheels, status=500)) as index:
        handed_on = (("UV_CACHE_DIR", str(tmp_path / "c")), ("UV_HTTP_RETRIES", "0"))
        uv = Uv.find(IndexSettings(default_index=Index(url=index.url), handed_on=handed_on))
        pool = Pool(place.root, uv, site_files={})
        with pytest.raises(InfraError, match="uv could not install"), pool.hold(lock, HERE):
            pass
    assert not (place.root / pool.key(lock, HERE)).exists()


def test_a_pool_that_cannot_be_written_is_our_failure(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    pool = Pool(tmp_path / "file", Uv.find(IndexSettings()), site_files={})
    with pytest.raises(InfraError, match="cannot be written"), pool.hold(place.lock(), HERE):
        pass


@pytest.fixture
def three(place: Place) -> Callable[[], list[Lock]]:
    """Make three environments, the first of which was used most recently."""

    def made() -> list[Lock]:
        locks = [place.lock(version=version) for version in ("1.0", "2.0", "3.0")]
        for age, lock in enumerate(locks):
            place.make(lock)
            os.utime(place.folder(lock) / COMPLETE, (1e9 - age, 1e9 - age))
        return locks

    return made


def test_what_was_used_last_stays_and_the_rest_goes(place: Place, three: Callable[[], list[Lock]]) -> None:
    first, second, third = three()
    one = place.pool.prune(10**12) or sum(f.lstat().st_size for f in place.folder(first).rglob("*") if not f.is_dir())
    assert place.pool.prune(one * 2 + one // 2) > 0
    assert [place.folder(lock).exists() for lock in (first, second, third)] == [True, True, False]
    assert place.pool.prune(0) > 0
    assert not [lock for lock in (first, second) if place.folder(lock).exists()]


def test_what_is_held_stays(place: Place, three: Callable[[], list[Lock]]) -> None:
    first, second, third = three()
    with place.pool.hold(second, HERE) as environment:
        place.pool.prune(0)
        assert isinstance(environment, Environment)
        assert run(environment, "import tool; print(tool.VERSION)") == "2.0"
    assert [place.folder(lock).exists() for lock in (first, second, third)] == [False, True, False]


def test_using_an_environment_makes_it_the_last_used(place: Place, three: Callable[[], list[Lock]]) -> None:
    first, _, third = three()
    place.make(third)
    size = sum(file.lstat().st_size for file in place.folder(third).rglob("*") if not file.is_dir())
    place.pool.prune(size + size // 2)
    assert (place.folder(first).exists(), place.folder(third).exists()) == (False, True)


def test_what_does_not_bear_our_mark_is_never_removed(place: Place) -> None:
    lock = place.lock()
    strangers = place.folder(lock)
    strangers.mkdir(parents=True)
    (strangers / "thesis.txt").write_text("years of work")
    (place.root / "notes").mkdir()
    assert place.pool.prune(0) == 0
    with pytest.raises(InfraError, match="this folder is not ours"), place.pool.hold(lock, HERE):
        pass
    assert (strangers / "thesis.txt").exists()
    assert (place.root / "notes").exists()


def test_what_was_never_finished_is_removed(place: Place) -> None:
    folder = place.folder(place.lock())
    (folder / "venv" / "bin").mkdir(parents=True)
    (folder / OWNER).write_text("{}")
    (place.root / "locks").mkdir()
    place.pool.prune(10**12)
    assert not folder.exists()


def test_an_edited_environment_is_found_out(place: Place) -> None:
    environment = place.make(place.lock())
    assert edited_files(environment) == ()
    module = site_packages(environment) / "tool.py"
    module.unlink()
    assert edited_files(environment) == ("tool.py",)
    module.write_text("VERSION = 'edited'\n")
    assert edited_files(environment) == ("tool.py",)
