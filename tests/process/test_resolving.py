"""uv, for real, against an index of our own: locks, refusals, and failures that say nothing about the packages."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.model.environment import Interpreter
from bisectrix.model.lock import Lock, LockRequest, Unbuildable, Unsatisfiable
from bisectrix.model.words import Resolution
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from support.wheels import FakeIndex, serving, write_unbuildable, write_wheel

HERE = Interpreter(
    path=Path(sys.executable),
    version=".".join(map(str, sys.version_info[:3])),
    implementation="cpython",
    platform="linux-x86_64",
    source="running",
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[FakeIndex]:
    folder = tmp_path / "served"
    folder.mkdir()
    for version in ("1.0", "2.0", "3.0"):
        write_wheel(folder, "tool", version, requires=[f"part>={version}"])
        write_wheel(folder, "part", version)
    with serving(FakeIndex(folder=folder)) as running:
        yield running


def uv_for(index: FakeIndex, tmp_path: Path, **environ: str) -> Uv:
    """Return a uv that knows no index but this one and has a cache of its own."""
    variables = {
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_HTTP_RETRIES": "0",
        "UV_DEFAULT_INDEX": index.url,
        **environ,
    }
    return Uv.find(IndexSettings.discover(variables, home=tmp_path, prefix=tmp_path, system=tmp_path))


@pytest.fixture
def uv(index: FakeIndex, tmp_path: Path) -> Uv:
    return uv_for(index, tmp_path)


def asking(*requirements: str, constraints: tuple[str, ...] = (), **more: object) -> LockRequest:
    request = LockRequest(
        requirements=requirements,
        constraints=constraints,
        resolution=Resolution.HIGHEST,
        cutoff="",
        cutoff_exempt=(),
        python=HERE.minor,
        platform="linux-x86_64",
    )
    return replace(request, **more)  # type: ignore[arg-type]


def versions(uv: Uv, request: LockRequest) -> dict[str, str]:
    resolved = uv.resolve(request, HERE)
    assert isinstance(resolved, Lock)
    return dict(resolved.packages)


def test_the_strategies_choose_as_they_are_named(uv: Uv) -> None:
    request = asking("tool>=2")
    assert versions(uv, request) == {"tool": "3.0", "part": "3.0"}
    assert versions(uv, replace(request, resolution=Resolution.LOWEST_DIRECT)) == {"tool": "2.0", "part": "3.0"}
    assert versions(uv, replace(request, resolution=Resolution.LOWEST)) == {"tool": "2.0", "part": "2.0"}


def test_a_constraint_binds_what_is_asked_for_and_what_that_needs(uv: Uv) -> None:
    assert versions(uv, asking("tool", constraints=("tool==1.0", "part<3"))) == {"tool": "1.0", "part": "2.0"}


def test_after_the_cutoff_there_is_nothing_but_what_is_exempt(index: FakeIndex, uv: Uv) -> None:
    for version in ("2.0", "3.0"):
        index.uploaded |= {f"{name}-{version}-py3-none-any.whl": "2024-01-01T00:00:00Z" for name in ("tool", "part")}
    request = asking("tool", "part", cutoff="2023-01-01T00:00:00Z")
    assert versions(uv, request) == {"tool": "1.0", "part": "1.0"}
    assert versions(uv, replace(request, cutoff_exempt=("part",))) == {"tool": "1.0", "part": "3.0"}


def test_the_lock_names_its_resolver_and_no_host(index: FakeIndex, uv: Uv) -> None:
    lock = uv.resolve(asking("tool"), HERE)
    assert isinstance(lock, Lock)
    assert lock.resolver == f"uv {uv.version}"
    assert str(index.port) not in lock.text
    assert "127.0.0.1" not in lock.text


def test_a_folder_of_wheels_gives_the_same_lock_as_an_index(index: FakeIndex, uv: Uv, tmp_path: Path) -> None:
    from_folder = uv_for(index, tmp_path, UV_NO_INDEX="1", UV_FIND_LINKS=str(index.folder))
    assert from_folder.resolve(asking("tool"), HERE) == uv.resolve(asking("tool"), HERE)


def test_nothing_asked_for_is_an_empty_lock(uv: Uv) -> None:
    assert versions(uv, asking()) == {}


def test_what_cannot_fit_keeps_the_explanation(uv: Uv) -> None:
    refused = uv.resolve(asking("tool==3.0", constraints=("part<2",)), HERE)
    assert isinstance(refused, Unsatisfiable)
    first, second = refused.explanation.splitlines()
    assert first == "Because tool>=3.0 depends on part>=3.0 and part<2, we can conclude that tool>=3.0 cannot be used."
    assert second.startswith("And because you require tool==3.0")
    assert "\x1b" not in refused.explanation
    assert "/tmp" not in refused.explanation  # noqa: S108  (looked for, not used)


def test_a_project_that_nobody_knows_is_unsatisfiable(uv: Uv) -> None:
    assert isinstance(uv.resolve(asking("nobody-knows-it"), HERE), Unsatisfiable)


def test_a_source_release_that_does_not_build_is_unbuildable(index: FakeIndex, uv: Uv) -> None:
    write_unbuildable(index.folder, "broken", "1.0")
    refused = uv.resolve(asking("broken"), HERE)
    assert isinstance(refused, Unbuildable)
    assert "broken==1.0" in refused.explanation
    assert "no compiler for this planet" in refused.explanation


def test_an_index_that_fails_is_our_failure(index: FakeIndex, uv: Uv) -> None:
    index.status = 500
    with pytest.raises(InfraError, match="uv could not resolve: Failed to fetch"):
        uv.resolve(asking("tool"), HERE)


def test_an_index_that_refuses_our_credentials_is_our_failure_and_they_are_not_shown(
    index: FakeIndex, tmp_path: Path
) -> None:
    index.user_password = "me:right-word"  # noqa: S105  (nobody's)
    assert versions(uv_for(index, tmp_path), asking("part")) == {"part": "3.0"}
    wrong = uv_for(index, tmp_path / "other", UV_DEFAULT_INDEX=index.url.replace("right-word", "wrong-word"))
    with pytest.raises(InfraError, match="401") as caught:
        wrong.resolve(asking("tool"), HERE)
    assert "wrong-word" not in str(caught.value)


def test_a_dead_index_of_pips_does_not_stop_uv(index: FakeIndex, tmp_path: Path) -> None:
    uv = uv_for(index, tmp_path, PIP_EXTRA_INDEX_URL="file:///nowhere/simple", PIP_FIND_LINKS="/nowhere/wheels")
    assert versions(uv, asking("tool"))["tool"] == "3.0"
    assert len(uv.settings.notes) == 2


def test_offline_with_an_empty_cache_is_our_failure(index: FakeIndex, tmp_path: Path) -> None:
    with pytest.raises(InfraError, match="network was disabled"):
        uv_for(index, tmp_path, UV_OFFLINE="1").resolve(asking("tool"), HERE)
