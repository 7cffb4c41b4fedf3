"""A work tree as a commit: what a folder holds now, edits and new files among it, under a hash.

An installer that is given a folder builds in it, and may take an earlier build for one of the files that are there
now; given a commit, it builds exactly that. For a clean work tree it is the commit that is checked out. For any other
folder one is made, in a repository of ours that borrows the objects of theirs: nothing is written into theirs.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bisectrix.commits.git import Git
from bisectrix.errors import UsageError
from bisectrix.model.source import Source

REPOSITORY_INSIDE = "160000"  # git's mode of a submodule, and of any other repository within a work tree

NOBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "work tree"), ("EMAIL", "work-tree@localhost"), ("DATE", "946684800 +0000"))
}
"""The same person at the same time, so that the same files are the same commit; zip files know no time before 1980."""


def source_of(package: str, folder: Path, cache: Path, environ: Mapping[str, str]) -> Source:
    """Say that a package is built from what a folder holds now.

    Files that git ignores do not count, but for a folder that is in no repository all do. Of a submodule, what is
    checked out counts.

    Args:
        package: its name.
        folder: where its `pyproject.toml` or `setup.py` lies: a clone, a folder inside one, or any other folder.
        cache: a folder of ours, for the commits that are made.
        environ: variables of the caller.

    Raises:
        UsageError: there is no such folder, or git cannot read what is in it.
    """
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise UsageError("there is no such folder", place=str(folder), hint=f"the package {package} is to come from it")
    theirs = _repository_of(Git.at(folder, environ))
    top = theirs.folder if theirs else folder
    ours = _Ours.of(top, cache, environ)
    commit = ours.taken(theirs) if theirs else ours.taken_plain(folder)
    return Source(
        package=package,
        address=(top if commit.is_theirs else ours.git.folder).as_uri(),
        commit=commit.sha,
        subdirectory="" if folder == top else folder.relative_to(top).as_posix(),
        is_folder=not commit.is_theirs,
    )


def _repository_of(git: Git) -> Git | None:
    """Return git at the top of the work tree; None where it knows nothing of the folder, or ignores it."""
    asked = git.call("rev-parse", "--show-toplevel")
    if asked.exit_code or git.says("check-ignore", "--quiet", "."):
        return None
    return git.moved(Path(asked.stdout.removesuffix("\n")))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taken:
    sha: str
    is_theirs: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ours:
    """The repository that holds the commits we make of one work tree."""

    git: Git

    @classmethod
    def of(cls, top: Path, cache: Path, environ: Mapping[str, str]) -> _Ours:
        folder = cache / f"{top.name}-{hashlib.sha256(bytes(top)).hexdigest()[:16]}.git"
        folder.mkdir(parents=True, exist_ok=True)
        git = Git.at(folder, environ)
        if not (folder / "HEAD").exists():
            git.output("init", "--quiet", "--bare", ".")
        return cls(git=git)

    def taken(self, theirs: Git) -> _Taken:
        """Return the commit that is checked out, or one of ours upon it when anything was edited."""
        tree = self._tree(theirs)
        is_shallow = theirs.output("rev-parse", "--is-shallow-repository").strip() == "true"
        head = theirs.call("rev-parse", "--verify", "--quiet", "HEAD^{commit}").stdout.strip()
        if head and not is_shallow:
            if tree == theirs.output("rev-parse", "HEAD^{tree}").strip():
                return _Taken(sha=head, is_theirs=True)
            self._copy_tags(theirs)
            return self._commit(tree, "-p", head)
        return self._commit(tree)

    def taken_plain(self, folder: Path) -> _Taken:
        """Return a commit of a folder that is in no repository."""
        inside = self.git.moved(folder).with_variables(GIT_DIR=str(self.git.folder), GIT_WORK_TREE=str(folder))
        with tempfile.TemporaryDirectory(prefix="bisectrix-index-") as name:
            return self._commit(self._write_tree(inside.with_variables(GIT_INDEX_FILE=f"{name}/index"), "--force"))

    def _commit(self, tree: str, *parent: str) -> _Taken:
        sha = self.git.with_variables(**NOBODY).output("commit-tree", tree, *parent, "-m", "work tree").strip()
        self.git.output("update-ref", f"refs/heads/{sha}", sha)
        return _Taken(sha=sha, is_theirs=False)

    def _tree(self, theirs: Git) -> str:
        self._borrow(theirs)
        with _copied_index(theirs) as git:
            return self._write_tree(git.with_variables(GIT_OBJECT_DIRECTORY=str(self.git.folder / "objects")))

    def _write_tree(self, git: Git, *options: str) -> str:
        git.output("add", "--all", *options)
        for path in _repositories_inside(git):
            self._take_in(git, path)
        return git.output("write-tree").strip()

    def _take_in(self, git: Git, path: str) -> None:
        """Put files in the place of a repository inside, as far as it is checked out: nobody has to fetch it then."""
        git.output("update-index", "--force-remove", "--", path)
        if (git.folder / path / ".git").exists():
            theirs = Git.at(git.folder / path, self.git.variables)
            git.output("read-tree", f"--prefix={path}/", self._tree(theirs))

    def _borrow(self, theirs: Git) -> None:
        """See their objects as well."""
        objects = theirs.output("rev-parse", "--path-format=absolute", "--git-path", "objects").strip()
        alternates = self.git.folder / "objects" / "info" / "alternates"
        known = alternates.read_text(encoding="utf-8").splitlines() if alternates.exists() else []
        if objects not in known:
            alternates.write_text("".join(f"{line}\n" for line in (*known, objects)), encoding="utf-8")

    def _copy_tags(self, theirs: Git) -> None:
        """Take over their tags, from which many packages make up their version."""
        self.git.output("fetch", "--quiet", "--force", "--no-tags", str(theirs.folder), "+refs/tags/*:refs/tags/*")


@contextmanager
def _copied_index(theirs: Git) -> Iterator[Git]:
    """Yield git with a copy of their index, by whose times it knows which files it need not read again."""
    index = Path(theirs.output("rev-parse", "--path-format=absolute", "--git-path", "index").strip())
    with tempfile.TemporaryDirectory(prefix="bisectrix-index-") as name:
        copy = Path(name) / "index"
        if index.exists():
            shutil.copy2(index, copy)
        yield theirs.with_variables(GIT_INDEX_FILE=str(copy))


def _repositories_inside(git: Git) -> list[str]:
    entries = (entry.partition("\t") for entry in git.output("ls-files", "--stage", "-z").split("\0"))
    return sorted({path for facts, _, path in entries if facts.startswith(REPOSITORY_INSIDE)})
