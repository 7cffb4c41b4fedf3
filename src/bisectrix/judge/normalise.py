"""What of a message stays the same between two runs of one failure."""

from __future__ import annotations

import re
from collections.abc import Callable

from bisectrix.model.frames import shorten

VARYING = {
    "url": r"\b[a-z][a-z+]*://(?P<host>[\w.\-]*)(?P<port_of_url>:\d+)?",
    "uuid": r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
    "address": r"\b0[xX][0-9a-fA-F]+\b",
    "time": r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?Z|[+-]\d\d:?\d\d)?)?\b|\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b",
    "path": r"(?<![\w/.:<>~#])~?(?:/[\w.+@=,~\-]+)+",
    "duration": r"\b\d+(?:\.\d+)?(?:e-?\d+)? ?(?:ns|us|ms|s|secs?|seconds?|min|minutes?|h|hours?)\b",
    "repr": r"<(?P<class>(?:\w+\.)*\w*(?:Task|Future|Handle|EventLoop|socket|Thread|Process)(?:-\d+)?)(?= )(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>",
    "numbered": r"\b(?P<kind>\w*(?:Task|Thread|Process|Executor|Worker|worker|gw)[-_]?)\d+(?:[_:\-]\d+)*\b",
    "named": r"(?P<name>\b(?:pid|PID|tid|fd|id|port|line|process|thread)(?: ?[=:#] ?| ))\d+\b",
    "port": r"(?<=[\w\]]):\d+\b",
    "digest": r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}\b",
    "number": r"(?<![\w.])\d{4,}(?:\.\d+)?\b|(?<![\w.])\d+\.\d{3,}\b",
}
"""Kind of the varying part -> how it looks; where two fit at one place the first wins."""

PATTERN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in VARYING.items()))

RANDOM_NAME = re.compile(rf"tmp[a-z0-9_]{{6,}}|pytest-\d+|pytest-of-\w+|{VARYING['uuid']}")
DIGITS = re.compile(r"\d+")


def normalise(text: str) -> str:
    """Replace what differs between two runs of the same failure by placeholders, and join white space.

    Addresses, ids, ports, paths but for their last component, line numbers, durations, dates, and the insides of
    reprs of tasks, futures, loops, sockets, threads and processes. Other short numbers stay: they are status
    codes and counts, which tell failures apart. Normalising twice changes nothing.
    """
    before, joined = "", " ".join(text.split())
    while before != joined:
        before, joined = joined, PATTERN.sub(_placeholder, joined)
    return joined


def _placeholder(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    return PLACEHOLDERS[kind](found) if kind in PLACEHOLDERS else f"<{kind}>"


def _url(found: re.Match[str]) -> str:
    scheme = found["url"].partition("://")[0]
    port = ":#" if found["port_of_url"] else ""
    return f"{scheme}://{found['host']}{port}"


def _path(path: str) -> str:
    """Keep what a package or the standard library calls the file, else the last component."""
    short = shorten(path)
    if "/" in short:
        return short
    last = path.rpartition("/")[2]
    return f"<path>/{'<tmp>' if RANDOM_NAME.fullmatch(last) else DIGITS.sub('#', last)}"


PLACEHOLDERS: dict[str, Callable[[re.Match[str]], str]] = {
    "url": _url,
    "path": lambda found: _path(found["path"]),
    "repr": lambda found: f"<{found['class'].partition('-')[0]}>",
    "numbered": lambda found: f"{found['kind']}#",
    "named": lambda found: f"{found['name']}#",
    "port": lambda _: ":#",
    "number": lambda _: "#",
}
"""What stands for a kind of varying part; `<kind>` where it is not listed."""
