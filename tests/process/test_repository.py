"""Asking git about commits: lines, merges, tags, mirrors, and work trees as commits."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bisectrix.commits.repository import Commit, Repository
from bisectrix.commits.work_tree import source_of
from bisectrix.errors import InfraError, UsageError
from bisectrix.model.source import Source
from support.repositories import PlantedRepository, git_variables


@pytest.fixture
def planted(tmp_path: Path) -> PlantedRepository:
    """Plant a (v1.0) - b - m - c (main), where m merges x - y, and a branch that leaves at b."""
    repository = PlantedRepository(tmp_path / "planted")
    repository.commit("a", tag="v1.0")
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit("x", {"side.txt": "x"})
    repository.commit("y", {"side.txt": "y"})
    repository.git("checkout", "--quiet", "main")
    repository.commit("b")
    repository.git("branch", "apart")
    repository.merge("side", "m")
    repository.commit("c")
    repository.git("checkout", "--quiet", "apart")
    repository.commit("p")
    repository.git("checkout", "--quiet", "--detach", "main")
    return repository


def opened(planted: PlantedRepository, where: str | Path = "") -> Repository:
    root = planted.folder.parent
    return Repository.open(where or planted.folder, root / "cache", {**git_variables(root), "GIT_DIR": "/nonexistent"})


def taken(planted: PlantedRepository, folder: Path | None = None) -> Source:
    root = planted.folder.parent
    return source_of("tiny", folder or planted.folder, root / "cache", git_variables(root))


def held(source: Source, *arguments: str) -> list[str]:
    """Return what git says of the commits of ours."""
    folder = source.address.removeprefix("file://").replace("%20", " ")
    command = ("git", "-C", folder, *arguments)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def contents(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def subjects(commits: tuple[Commit, ...]) -> list[str]:
    return [commit.subject for commit in commits]


def test_a_merge_is_one_step_of_the_line_and_can_be_gone_into(planted: PlantedRepository) -> None:
    repository = opened(planted)
    line = repository.first_parent("v1.0", "main")

    assert subjects(line) == ["b", "m", "c"]
    assert [commit.is_merge for commit in line] == [False, True, False]
    assert subjects(repository.inside(line[1])) == ["x", "y"]
    assert repository.inside(line[0]) == ()
    assert subjects(repository.first_parent("side", "main")) == ["b", "m", "c"]


def test_a_commit_tells_its_time_in_utc_and_its_parents(planted: PlantedRepository) -> None:
    commit = opened(planted).commit("main")
    assert commit.sha == planted.head
    assert commit.committed_at == "2023-11-14T22:19:20Z"
    assert len(commit.parents) == 1


def test_revisions_that_parted_name_where(planted: PlantedRepository) -> None:
    repository = opened(planted)
    with pytest.raises(UsageError, match=r"they parted at [0-9a-f]{12} \(b\)"):
        repository.first_parent("apart", "main")
    with pytest.raises(UsageError, match="swap the two"):
        repository.first_parent("main", "v1.0")


def test_histories_without_a_common_commit_are_told(planted: PlantedRepository) -> None:
    planted.git("checkout", "--quiet", "--orphan", "alone")
    planted.commit("z")
    with pytest.raises(UsageError, match="no commit in common"):
        opened(planted).first_parent("main", "alone")


def test_the_tag_of_a_release_is_found_or_its_neighbours_are_named(planted: PlantedRepository) -> None:
    repository = opened(planted)
    assert repository.rev_of_release("planted", "1.0.0") == "refs/tags/v1.0"
    with pytest.raises(UsageError, match=r"the tags next to it are v1\.0"):
        repository.rev_of_release("planted", "2.0")
    with pytest.raises(UsageError, match="is no version"):
        repository.rev_of_release("planted", "newest")


@pytest.mark.parametrize("revision", ["nothing", "--all", "v9", ""])
def test_an_unknown_revision_is_told(planted: PlantedRepository, revision: str) -> None:
    with pytest.raises(UsageError, match="no commit, tag or branch is called"):
        opened(planted).commit(revision)


def test_what_is_no_repository_is_told(planted: PlantedRepository, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(UsageError, match="no git repository"):
        opened(planted, tmp_path / "plain")
    with pytest.raises(UsageError, match="no such folder"):
        opened(planted, tmp_path / "missing")


def test_a_shallow_clone_is_told_to_be_one(planted: PlantedRepository, tmp_path: Path) -> None:
    planted.git("clone", "--quiet", "--depth=1", "--branch=main", planted.folder.as_uri(), str(tmp_path / "shallow"))
    with pytest.raises(UsageError, match="git fetch --unshallow"):
        opened(planted, tmp_path / "shallow").rev_of_release("planted", "1.0")


def test_asking_leaves_a_dirty_repository_as_it_is(planted: PlantedRepository) -> None:
    planted.write({"log.txt": "edited", "new.txt": "new"})
    (planted.folder / ".git/hooks/post-index-change").write_text("#!/bin/sh\ntouch was-run\n")
    (planted.folder / ".git/hooks/post-index-change").chmod(0o755)
    before = contents(planted.folder)

    opened(planted).first_parent("v1.0", "main")
    taken(planted)

    assert contents(planted.folder) == before


def test_a_remote_repository_is_mirrored_once_and_fetched_only_for_what_it_lacks(
    planted: PlantedRepository, tmp_path: Path
) -> None:
    (tmp_path / ".gitconfig").write_text(f'[url "{tmp_path.as_uri()}/"]\n\tinsteadOf = https://code.test/\n')
    opened(planted, "https://code.test/planted")
    newest = planted.commit("d", tag="planted-2.0")
    planted.git("branch", "--force", "main")
    repository = opened(planted, "git+https://code.test/planted")

    assert repository.commit("main").subject == "c"
    assert repository.rev_of_release("planted", "2.0") == "refs/tags/planted-2.0"
    assert subjects(repository.first_parent("v1.0", newest)) == ["b", "m", "c", "d"]
    assert repository.source("planted", repository.commit(newest)).url == f"git+https://code.test/planted@{newest}"
    assert [folder.suffix for folder in (tmp_path / "cache").iterdir()] == [".git"]


def test_a_remote_that_is_not_there_is_told_from_one_that_cannot_be_reached(
    planted: PlantedRepository, tmp_path: Path
) -> None:
    (tmp_path / ".gitconfig").write_text(f'[url "{tmp_path.as_uri()}/"]\n\tinsteadOf = https://code.test/\n')
    with pytest.raises(UsageError, match="cannot be cloned"):
        opened(planted, "https://code.test/missing")
    with pytest.raises(InfraError, match="cannot be cloned"):
        opened(planted, "https://127.0.0.1:1/planted")
    assert list((tmp_path / "cache").iterdir()) == []


def test_credentials_in_an_address_are_refused(planted: PlantedRepository) -> None:
    with pytest.raises(UsageError, match="credentials") as refused:
        opened(planted, "https://me:secret@code.test/planted")
    assert "secret" not in str(refused.value)


def test_an_address_as_ssh_users_write_it_is_understood(planted: PlantedRepository, tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text(f'[url "{tmp_path.as_uri()}/"]\n\tinsteadOf = ssh://git@code.test/\n')
    assert opened(planted, "git@code.test:planted").address == "ssh://git@code.test/planted"


def test_a_clean_work_tree_is_the_commit_that_is_checked_out(planted: PlantedRepository) -> None:
    planted.write({".git/info/exclude": "*.pyc\n", "ignored.pyc": "x"})
    source = taken(planted)
    assert (source.commit, source.address) == (planted.head, planted.folder.as_uri())
    assert not source.is_folder


def test_an_edited_work_tree_is_a_commit_upon_it_with_its_tags(planted: PlantedRepository) -> None:
    planted.write({"log.txt": "edited", "new/file.txt": "new", ".gitignore": "build\n", "build/old.txt": "old"})
    source = taken(planted)

    assert source.is_folder
    assert source.label.startswith("folder-")
    files = held(source, "ls-tree", "-r", "--name-only", source.commit)
    assert files == [".gitignore", "log.txt", "new/file.txt", "side.txt"]
    assert held(source, "show", f"{source.commit}:log.txt") == ["edited"]
    assert held(source, "describe", "--tags", source.commit)[0].startswith("v1.0-6-g")
    assert taken(planted) == source
    planted.write({"new/file.txt": "newer"})
    assert taken(planted).commit != source.commit


def test_submodules_count_with_what_is_checked_out_in_them(planted: PlantedRepository, tmp_path: Path) -> None:
    part = PlantedRepository(tmp_path / "part")
    part.commit("part", {"part.txt": "1"})
    planted.git("submodule", "--quiet", "add", part.folder.as_uri(), "vendor/part")
    planted.commit("with a submodule")
    planted.write({"vendor/part/part.txt": "2"})
    source = taken(planted)

    assert held(source, "show", f"{source.commit}:vendor/part/part.txt") == ["2"]
    assert not any(line.startswith("160000") for line in held(source, "ls-tree", "-r", source.commit))


def test_of_a_folder_in_no_repository_every_file_counts(planted: PlantedRepository, tmp_path: Path) -> None:
    folder = tmp_path / "un packed"
    (folder / "src").mkdir(parents=True)
    (folder / ".gitignore").write_text("src/generated.c\n")
    (folder / "src/generated.c").write_text("1")
    source = taken(planted, folder)
    assert held(source, "ls-tree", "-r", "--name-only", source.commit) == [".gitignore", "src/generated.c"]


def test_a_folder_inside_a_repository_is_its_subdirectory_unless_it_is_ignored(planted: PlantedRepository) -> None:
    planted.write({"packages/tiny/tiny.py": "1", "ignored/tiny.py": "1", ".git/info/exclude": "ignored\n"})
    assert taken(planted, planted.folder / "packages/tiny").subdirectory == "packages/tiny"
    ignored = taken(planted, planted.folder / "ignored")
    assert ignored.subdirectory == ""
    assert held(ignored, "ls-tree", "-r", "--name-only", ignored.commit) == ["tiny.py"]


def test_a_repository_without_a_commit_and_a_shallow_one_have_work_trees_too(
    planted: PlantedRepository, tmp_path: Path
) -> None:
    new = PlantedRepository(tmp_path / "new")
    new.write({"tiny.py": "1"})
    shallow = tmp_path / "shallow"
    planted.git("clone", "--quiet", "--depth=1", "--branch=main", planted.folder.as_uri(), str(shallow))
    for folder in (new.folder, shallow):
        source = taken(planted, folder)
        assert source.is_folder
        assert len(held(source, "rev-list", source.commit)) == 1
