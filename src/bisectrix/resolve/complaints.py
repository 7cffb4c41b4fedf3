"""What uv means when it fails: the packages, a build, or something that is nobody's verdict."""

from __future__ import annotations

import re
from enum import StrEnum

DECORATION = re.compile(
    r"^\s{0,2}(?:error:|cause:|Caused by:|[\u00d7\u251c\u2570\u2500\u25b6]+)\s*"
)  # drawn by old releases
CONTINUATION = re.compile(r"^ {6,9}")
OWN_LINE = re.compile(r"^hint:|" + DECORATION.pattern)
NO_SOLUTION = "No solution found when resolving dependencies"
BUILD_FAILED = re.compile(r"Failed to (?:download and )?build|[Bb]uild backend|Failed to (?:parse|read) metadata")
BUILD_FOLDER = re.compile(r"/\S*/(?:sdists|builds)-v\d+/(?:\S*?/src/|\.tmp\w+/)")
LONGEST_LOG = 60

NOT_THE_PACKAGES = re.compile(
    r"""
      Failed\ to\ fetch | Failed\ to\ clone | error\ sending\ request | Git\ operation\ failed | timed\ out
    | network\ (?:was|is|connectivity\ is)\ disabled | valid\ authentication\ credentials | 403\ Forbidden
    | [Cc]ould\ not\ (?:resolve\ host|connect) | [Cc]onnection\ (?:refused|reset) | dns\ error | invalid\ peer\ certificate
    | No\ space\ left | Read-only\ file\ system | Disk\ quota | Permission\ denied | Too\ many\ open\ files
    | Failed\ to\ read\ `--find-links`
    """,
    re.VERBOSE,
)
"""Index, network, credentials or disk; looked for only in uv's own lines, never in what a build has printed."""


BUILDING_FORBIDDEN = "building from source is disabled"
"""For a Python in an image nothing is built: with a release that has wheels only for others, that is the reason."""

OUR_OPTION = re.compile(r"hint: .*`--(?:python-version|no-build)`.*")
"""Advice about an option that is ours to set."""


class Complaint(StrEnum):
    """Whose failure it is."""

    UNSATISFIABLE = "unsatisfiable"
    UNBUILDABLE = "unbuildable"
    NOT_THE_PACKAGES = "not the packages"
    OTHER = "other"


def classify(stderr: str) -> Complaint:
    """Tell from uv's error output whose failure it is."""
    lines = [line for line in stderr.splitlines() if OWN_LINE.match(line)]
    own = "\n".join(lines)
    if NOT_THE_PACKAGES.search(own):
        return Complaint.NOT_THE_PACKAGES
    if lines and NO_SOLUTION in lines[0]:
        return Complaint.UNBUILDABLE if BUILDING_FORBIDDEN in stderr else Complaint.UNSATISFIABLE
    return Complaint.UNBUILDABLE if BUILD_FAILED.search(own) else Complaint.OTHER


def explain(stderr: str) -> str:
    """Return uv's explanation without ornament and without the headline that says only that there is none.

    Of a long build log, the end is kept: that is where it says why. The folder in uv's cache in which it was built has
    another name each time, and is left out.
    """
    told = BUILD_FOLDER.sub("", stderr.strip())
    lines = [CONTINUATION.sub("", DECORATION.sub("", line)).rstrip() for line in told.splitlines()]
    if lines and NO_SOLUTION in lines[0]:
        del lines[0]
    lines = [line for line in lines if not OUR_OPTION.fullmatch(line.strip())]
    if len(lines) > LONGEST_LOG:
        lines = [lines[0], f"[{len(lines) - LONGEST_LOG} lines left out]", *lines[1 - LONGEST_LOG :]]
    return "\n".join(lines).strip()
