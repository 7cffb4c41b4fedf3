"""The commits of a repository, local or remote, in the order in which a branch took them in."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from bisectrix.commits.git import NETWORK_DEADLINE_S, Git, explained
from bisectrix.commits.tags import is_version, near_tags, tag_of
from bisectrix.errors import InfraError, UsageError
from bisectrix.model.source import SHORT, Source

FIELDS = "%x00%H%x00%P%x00%ct%x00%s%x00"
"""A NUL before and after each: hash, parents, time of the commit in seconds since the epoch, subject."""

LIKE_SSH = re.compile(r"(?P<host>(?:[\w.-]+@)?[\w.-]+):(?P<path>[^/\\].*|/.*)")
"""`git@host:owner/name.git`, as ssh users write it."""

NO_REPOSITORY = re.compile(r"not found|does not (?:exist|appear to be)|could not read Username", re.IGNORECASE)
"""What hosts and git say of a repository that is not there, or not for us."""

TAGS = "refs/tags/*:refs/tags/*"
HEADS = "refs/heads/*:refs/heads/*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """One commit.

    Attributes:
        subject: first line of its message.
        committed_at: UTC, RFC 3339.
        parents: hashes; the first is what the branch was before.
    """

    sha: str
    subject: str
    committed_at: str
    parents: tuple[str, ...]

    @property
    def is_merge(self) -> bool:
        """Whether it took in other commits than itself."""
        return len(self.parents) > 1

    def __str__(self) -> str:
        """Return what a person knows it by."""
        return f"{self.sha[:SHORT]} ({self.subject})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Repository:
    """A repository that can be asked about its commits; a local one is only read.

    Attributes:
        name: what the person called it.
        address: where installers get its commits from.
        is_mirror: what is asked is our copy of a remote one.
    """

    name: str
    address: str
    git: Git
    is_mirror: bool

    @classmethod
    def open(cls, where: str | Path, cache: Path, environ: Mapping[str, str]) -> Self:
        """Open a local repository as it is, or a remote one through a mirror, which is made if there is none.

        Args:
            where: path of a folder, or an address that git understands.
            cache: a folder of ours, for mirrors.
            environ: variables of the caller.

        Raises:
            UsageError: there is no such repository, here or there.
            InfraError: the remote one cannot be reached.
        """
        text = str(where).removeprefix("git+")
        if (folder := _local(text)) is not None:
            return cls._open_local(folder, environ)
        address = _address(text)
        digest = hashlib.sha256(address.encode()).hexdigest()[:16]
        mirror = cache / f"{Path(urlsplit(address).path).stem}-{digest}.git"
        git = Git.at(mirror, environ)
        if not mirror.is_dir():
            _mirror(address, mirror, git)
        return cls(name=address, address=address, git=git, is_mirror=True)

    @classmethod
    def _open_local(cls, folder: Path, environ: Mapping[str, str]) -> Self:
        git = Git.at(folder, environ)
        asked = git.call("rev-parse", "--show-toplevel") if folder.is_dir() else None
        if asked is None:
            raise UsageError("there is no such folder", place=str(folder))
        if asked.exit_code and not git.says("rev-parse", "--git-dir"):
            hint = "name the top of a clone, a bare repository, or an address such as https://..."
            raise UsageError(f"this is no git repository: {explained(asked)}", place=str(folder), hint=hint)
        top = Path(asked.stdout.rstrip("\n")) if asked.exit_code == 0 else folder.resolve()
        return cls(name=str(folder), address=top.as_uri(), git=git, is_mirror=False)

    def commit(self, revision: str) -> Commit:
        """Return what a hash, tag or branch stands for; a mirror is brought up to date if it does not know it.

        Raises:
            UsageError: there is no such revision.
        """
        sha = self._sha(revision)
        if sha is None and self.is_mirror:
            self._fetch()
            sha = self._sha(revision)
        if sha is None:
            raise UsageError(f"no commit, tag or branch is called {revision!r}", place=self.name, hint=self._shallow())
        return next(self._list("--max-count=1", sha))

    def first_parent(self, older: str, newer: str) -> tuple[Commit, ...]:
        """Return the steps from one revision to a later one, oldest first: what the branch took in, one after another.

        They are the commits of the first-parent line of `newer` that are not in `older`; a merge is one step.

        Raises:
            UsageError: an unknown revision, or the one is not in the history of the other.
        """
        first, last = self.commit(older), self.commit(newer)
        if not self.git.says("merge-base", "--is-ancestor", first.sha, last.sha):
            raise self._apart(older, newer, first, last)
        return tuple(self._list("--first-parent", "--reverse", last.sha, f"^{first.sha}"))

    def line(self, older: str, newer: str) -> tuple[Commit, ...]:
        """Return the commits from one revision to a later one, both ends included, oldest first.

        Where the one is not in the history of the other, as a release branch is not, they begin where the two parted.

        Raises:
            UsageError: an unknown revision, or the two have no commit in common.
        """
        first, last = self.commit(older), self.commit(newer)
        base = self.git.call("merge-base", first.sha, last.sha).stdout.strip()
        if base in {"", last.sha}:
            raise self._apart(older, newer, first, last)
        return (self.commit(base), *self.first_parent(base, last.sha))

    def inside(self, merge: Commit, parent: int = 2) -> tuple[Commit, ...]:
        """Return the steps that a merge took in, oldest first, without itself; nothing for what is no merge.

        Args:
            merge: a step of a line.
            parent: which line it merged, from 2; only the rare merge of several lines has more.
        """
        if len(merge.parents) < parent:
            return ()
        return tuple(self._list("--first-parent", "--reverse", merge.parents[parent - 1], f"^{merge.parents[0]}"))

    def rev_of_release(self, package: str, version: str) -> str:
        """Return the tag of a release.

        Raises:
            UsageError: it is no version, or none of the usual styles of tag names it; then those next to it are listed.
        """
        if not is_version(version):
            raise UsageError(f"{version!r} is no version", place=package, hint="such as 1.2.3")
        tag = tag_of(self._tags(), package, version)
        if tag is None and self.is_mirror:
            self._fetch()
            tag = tag_of(self._tags(), package, version)
        if tag is None:
            raise self._untagged(package, version)
        return f"refs/tags/{tag}"

    def source(self, package: str, commit: Commit, subdirectory: str = "") -> Source:
        """Say that a package is built from a commit of this repository."""
        return Source(package=package, address=self.address, commit=commit.sha, subdirectory=subdirectory)

    def _sha(self, revision: str) -> str | None:
        done = self.git.call("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return done.stdout.strip() if done.exit_code == 0 else None

    def _list(self, *arguments: str) -> Iterator[Commit]:
        fields = self.git.output("rev-list", f"--format={FIELDS}", *arguments).split("\0")
        for sha, parents, seconds, subject in zip(fields[1::5], fields[2::5], fields[3::5], fields[4::5], strict=True):
            committed_at = datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
            yield Commit(sha=sha, subject=subject, committed_at=committed_at, parents=tuple(parents.split()))

    def _tags(self) -> list[str]:
        return self.git.output("for-each-ref", "--format=%(refname:lstrip=2)", "refs/tags").splitlines()

    def _fetch(self) -> None:
        done = self.git.call("fetch", "--quiet", "--force", "origin", HEADS, TAGS, deadline_s=NETWORK_DEADLINE_S)
        if done.exit_code:
            raise InfraError(f"cannot be fetched: {explained(done)}", place=self.name)

    def _apart(self, older: str, newer: str, first: Commit, last: Commit) -> UsageError:
        what = f"{older} is not in the history of {newer}"
        if self.git.says("merge-base", "--is-ancestor", last.sha, first.sha):
            return UsageError(f"{what}, but {newer} in that of {older}", place=self.name, hint="swap the two")
        base = self.git.call("merge-base", first.sha, last.sha).stdout.strip()
        if not base:
            return UsageError(f"{what}: they have no commit in common", place=self.name, hint=self._shallow())
        parted = self.commit(base)
        hint = f"see what {parted.sha[:SHORT]} does, and go on from it to one of the two"
        return UsageError(f"{what}: they parted at {parted}", place=self.name, hint=hint)

    def _untagged(self, package: str, version: str) -> UsageError:
        near = near_tags(self._tags(), package, version)
        listed = f"the tags next to it are {', '.join(near)}" if near else "no tag here names a release"
        hint = self._shallow() or "name the commit, or a tag, yourself"
        return UsageError(f"no tag for {package} {version}: {listed}", place=self.name, hint=hint)

    def _shallow(self) -> str:
        is_shallow = self.git.output("rev-parse", "--is-shallow-repository").strip() == "true"
        return "this clone is shallow, its history is cut off: git fetch --unshallow --tags" if is_shallow else ""


def _local(text: str) -> Path | None:
    """Return the folder that is meant, None for something remote."""
    if text.startswith("file:"):
        return Path(unquote(urlsplit(text).path))
    remote = "://" in text or (LIKE_SSH.fullmatch(text) and not Path(text).exists())
    return None if remote else Path(text).expanduser()


def _address(text: str) -> str:
    """Return the address as installers read it; it stands in locks, so there must be no secret in it."""
    match = None if "://" in text else LIKE_SSH.fullmatch(text)
    address = f"ssh://{match['host']}/{match['path'].lstrip('/')}" if match else text
    parts = urlsplit(address)
    if parts.password or (parts.username and parts.scheme.startswith("http")):
        hint = "leave them out and let git find them: in a credential helper, in ~/.netrc, or use ssh"
        raise UsageError(
            "an address with credentials in it would end up in locks", place=parts.hostname or "", hint=hint
        )
    return address


def _mirror(address: str, mirror: Path, git: Git) -> None:
    """Copy commits and trees, files only when somebody asks for one; an interrupted copy is no mirror."""
    mirror.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mirror-", dir=mirror.parent, ignore_cleanup_errors=True) as draft:
        copy = Path(draft) / mirror.name
        done = git.moved(Path(draft)).call(
            *("clone", "--quiet", "--bare", "--filter=blob:none", "--", address, str(copy)),
            deadline_s=NETWORK_DEADLINE_S,
        )
        if done.exit_code:
            error = UsageError if NO_REPOSITORY.search(done.stderr) else InfraError
            hint = "is the address right, may you read it, and is the network up?"
            raise error(f"cannot be cloned: {explained(done)}", place=address, hint=hint)
        with suppress(OSError):  # somebody else was faster
            copy.rename(mirror)
