"""Names of source files as they stay the same between machines; pure."""

from __future__ import annotations

import re

_THIRD_PARTY = re.compile(r".*/(?:site|dist)-packages/(?P<rest>.+)")
_STANDARD_LIBRARY = re.compile(r".*/lib(?:64)?/(?:python|pypy)\d+\.\d+t?/(?P<rest>.+)")


def shorten(file: str, *roots: str) -> str:
    """Return the part of a source file's name that does not depend on where things are installed.

    `httpx/_client.py` for a package, `asyncio/locks.py` for the standard library, the relative path for a file
    below one of `roots`, the bare name for any other; `<string>` and `<frozen os>` stay as they are.
    """
    if file.startswith("<"):
        return file
    for pattern in (_THIRD_PARTY, _STANDARD_LIBRARY):
        if match := pattern.fullmatch(file):
            return match["rest"]
    for root in sorted(roots, key=len, reverse=True):
        if root.strip("/") and file.startswith(root.rstrip("/") + "/"):
            return file[len(root.rstrip("/")) + 1 :]
    return file.rpartition("/")[2]
