"""Where a project tells what changed, as far as its metadata knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bisectrix.explain.metadata import Metadata

CHANGELOG = {"changelog", "changes", "changelogs", "releasenotes", "releases", "release", "whatsnew", "history", "news"}
SOURCE = {"source", "sourcecode", "sources", "code", "repository", "repo", "github", "gitlab"}

REPOSITORY = re.compile(
    r"""
    https?://(?:www\.)?
    (?: (?P<github> github\.[\w.-]+ / (?!sponsors/|orgs/) [\w.-]+ / [\w.-]+ )
      | (?P<gitlab> gitlab\.[\w.-]+ / [\w.-]+ (?: / (?!-/) [\w.-]+ )+ )
    )
    """,
    re.VERBOSE,
)
"""A project on a forge; on GitLab there may be several groups before its name."""

BEFORE_TAG = r"/(?:-/)?(?:releases/tag|tags|tree|blob|raw|archive(?:/refs/tags)?|compare)/(?:[^\s/]+\.\.\.)?"
"""What stands between a project and a tag in an address on a forge."""

TAG_PREFIX = r"(?:[A-Za-z][\w.-]*[-_])?[A-Za-z]*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """An address and what is found there: `changelog`, `compare` or `source`."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Repository:
    """A project on a forge; `url` ends without a slash."""

    url: str
    on_gitlab: bool

    def compare(self, old: str, new: str) -> str:
        """Return the page that shows all changes from one tag to another."""
        return f"{self.url}/{'-/' if self.on_gitlab else ''}compare/{old}...{new}"


def links(old: Metadata, new: Metadata) -> tuple[Link, ...]:
    """Return the changelog, the comparison of the two tags, and the repository, as far as they are known.

    The comparison only where the metadata shows by an example how the project writes its tags.
    """
    changelog = next((url for label, url in new.urls if _plain(label) in CHANGELOG and _is_web(url)), "")
    repository = next(_repositories(new.urls), None)
    found = {
        "changelog": changelog,
        "compare": _comparison(repository, old, new) if repository else "",
        "source": repository.url if repository else "",
    }
    return tuple(Link(label=label, url=url) for label, url in found.items() if url)


def _comparison(repository: _Repository, old: Metadata, new: Metadata) -> str:
    prefixes = (_tag_prefix(repository, metadata) for metadata in (new, old))
    prefix = next((prefix for prefix in prefixes if prefix is not None), None)
    return "" if prefix is None else repository.compare(f"{prefix}{old.version}", f"{prefix}{new.version}")


def _tag_prefix(repository: _Repository, metadata: Metadata) -> str | None:
    """Return what stands before the version in a tag, often `v` or nothing; None where no address shows a tag."""
    version = rf"(?P<prefix>{TAG_PREFIX}){re.escape(metadata.version)}(?![\w+-]|\.\d)"
    pattern = re.compile(re.escape(repository.url.removeprefix("https://")) + BEFORE_TAG + version)
    texts = (*(url for _, url in metadata.urls), metadata.description) if metadata.version else ()
    return next((found["prefix"] for text in texts if (found := pattern.search(text))), None)


def _repositories(urls: Iterable[tuple[str, str]]) -> Iterator[_Repository]:
    """Yield the repositories that are named, those that are called so first."""
    labelled_first = sorted(urls, key=lambda pair: _plain(pair[0]) not in SOURCE)
    for found in (REPOSITORY.match(url) for _, url in labelled_first):
        if found:
            path = (found["github"] or found["gitlab"]).removesuffix(".git")
            yield _Repository(url=f"https://{path}", on_gitlab=found["gitlab"] is not None)


def _plain(label: str) -> str:
    """Normalise a label as the packaging standards say."""
    return re.sub(r"[\W_]", "", label).lower()


def _is_web(url: str) -> bool:
    return re.fullmatch(r"https?://[^\s<>\"'`\\]+", url) is not None
