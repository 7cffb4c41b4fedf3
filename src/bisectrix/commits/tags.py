"""Which tag stands for a release, in the styles that projects use."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

NEAR = 3
"""Tags listed on each side of a release that has none."""

SEPARATOR = r"[-_/.@]"
BETWEEN_DIGITS = re.compile(r"(?<=\d)[-_](?=\d)")


def is_version(text: str) -> bool:
    """Say whether an installer would read it as a version."""
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def tag_of(tags: Iterable[str], package: str, version: str) -> str | None:
    """Return the tag of a release; None where there is none.

    `v1.2.3`, `1.2.3`, `pkg-1.2.3`, `pkg-v1.2.3`, `pkg/v1.2.3`, `release-1.2.3`, `rel_1_2_3` and their like are taken
    for version 1.2.3. One that names the package wins, as a repository may hold several.
    """
    wanted = Version(version)
    found = [tag for tag, tagged in _versions(tags, package) if tagged == wanted]
    return max(found, key=lambda tag: (_names_package(tag, package), tag), default=None)


def near_tags(tags: Iterable[str], package: str, version: str) -> tuple[str, ...]:
    """Return the tags of the releases next to one that has none, oldest first."""
    ordered = sorted((tagged, tag) for tag, tagged in _versions(tags, package))
    place = bisect_left(ordered, (Version(version), ""))
    return tuple(tag for _, tag in ordered[max(place - NEAR, 0) : place + NEAR])


def _versions(tags: Iterable[str], package: str) -> Iterable[tuple[str, Version]]:
    pattern = _pattern(package)
    for tag in tags:
        if (match := pattern.fullmatch(tag)) and (version := _version(match["version"])):
            yield tag, version


def _pattern(package: str) -> re.Pattern[str]:
    name = re.escape(canonicalize_name(package)).replace(r"\-", r"[-_.]?")
    return re.compile(
        rf"(?:{name}{SEPARATOR}?)?(?:(?:releases?|rel|version|ver){SEPARATOR}?)?v?{SEPARATOR}?(?P<version>\d.*)",
        re.IGNORECASE,
    )


def _version(text: str) -> Version | None:
    forms = (text, BETWEEN_DIGITS.sub(".", text))
    return next((Version(form) for form in forms if is_version(form)), None)


def _names_package(tag: str, package: str) -> bool:
    return canonicalize_name(tag).startswith(canonicalize_name(package))
