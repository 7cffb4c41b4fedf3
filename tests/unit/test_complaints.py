"""What uv's error output means, by the words of real ones."""

from __future__ import annotations

import pytest

from bisectrix.resolve.complaints import LONGEST_LOG, Complaint, classify, explain

UNSATISFIABLE = """\
error: No solution found when resolving dependencies
  cause: Because there is no version of anyio==99 and you require anyio==99, we can conclude that your requirements are unsatisfiable.
"""
UNSATISFIABLE_OLD = """\
  \u00d7 No solution found when resolving dependencies:
  \u2570\u2500\u25b6 Because there is no version of anyio==99 and you require anyio==99, we can conclude that
      your requirements are unsatisfiable.
"""
UNAUTHORIZED = """\
error: No solution found when resolving dependencies
  cause: Because six was not found in the package registry and you require six, we can conclude that your requirements are unsatisfiable.

hint: An index URL (http://index/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)
"""
FORBIDDEN = UNAUTHORIZED.replace(
    "URL (http://index/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)",
    "(http://index/simple) returned a 403 Forbidden error.",
)
OFFLINE = UNAUTHORIZED.partition("hint:")[0] + "hint: Packages were unavailable because the network was disabled.\n"
REFUSED = """\
error: Request failed after 3 retries in 11.1s
  cause: Failed to fetch: http://index/simple/anyio/
  cause: error sending request for url (http://index/simple/anyio/)
  cause: tcp connect error
  cause: Connection refused (os error 111)
"""
BUILD = """\
error: Failed to build `idna==0.2`
  cause: The build backend returned an error
  cause: Call to `setuptools.build_meta:__legacy__.get_requires_for_build_wheel` failed (exit status: 1)

         [stderr]
         Sorry, Python 3 not yet supported; Connection refused; No space left
"""
BUILD_WITHOUT_NETWORK = """\
error: Failed to build `idna==0.2`
  cause: Failed to resolve requirements from `setup.py` build
  cause: Failed to fetch: http://index/simple/setuptools/
"""
GIT = """\
error: Failed to download and build `a @ git+https://host/x`
  cause: Git operation failed
"""
HASHES = """\
error: Failed to download `six==1.16.0`
  cause: Hash mismatch for `six==1.16.0`
"""


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        pytest.param(UNSATISFIABLE, Complaint.UNSATISFIABLE, id="no-version"),
        pytest.param(UNSATISFIABLE_OLD, Complaint.UNSATISFIABLE, id="older-drawing"),
        pytest.param(UNAUTHORIZED, Complaint.NOT_THE_PACKAGES, id="401"),
        pytest.param(FORBIDDEN, Complaint.NOT_THE_PACKAGES, id="403"),
        pytest.param(OFFLINE, Complaint.NOT_THE_PACKAGES, id="offline"),
        pytest.param(REFUSED, Complaint.NOT_THE_PACKAGES, id="refused"),
        pytest.param(BUILD, Complaint.UNBUILDABLE, id="build-output-does-not-count"),
        pytest.param(BUILD_WITHOUT_NETWORK, Complaint.NOT_THE_PACKAGES, id="build-without-network"),
        pytest.param(GIT, Complaint.NOT_THE_PACKAGES, id="git"),
        pytest.param(HASHES, Complaint.OTHER, id="hashes"),
        pytest.param("", Complaint.OTHER, id="silent"),
    ],
)
def test_a_failure_is_laid_at_the_right_door(stderr: str, expected: Complaint) -> None:
    assert classify(stderr) is expected


def test_the_explanation_is_uvs_sentence_alone() -> None:
    expected = "Because there is no version of anyio==99 and you require anyio==99, we can conclude that your requirements are unsatisfiable."
    assert explain(UNSATISFIABLE) == expected
    assert " ".join(explain(UNSATISFIABLE_OLD).split()) == expected


def test_a_failed_build_keeps_its_headline_and_the_end_of_its_log() -> None:
    log = "".join(f"         line {number}\n" for number in range(1000))
    lines = explain(BUILD + log).splitlines()
    assert lines[0] == "Failed to build `idna==0.2`"
    assert lines[-1] == "line 999"
    assert len(lines) <= LONGEST_LOG + 1


def test_the_folder_of_a_build_is_left_out() -> None:
    told = 'File "/home/me/.cache/uv/sdists-v10/index/1f/no-wheel/3.0/W6jonJge/src/backend.py", line 3'
    assert explain(f"error: Failed to build `no-wheel==3.0`\n{told}").endswith('File "backend.py", line 3')
