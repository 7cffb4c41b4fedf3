"""`bisectrix diagnose URL`: a flow run asked of an API on this machine, as Prefect's server answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from bisectrix.cli.flow_run import PAGE, flow_run_text, is_flow_run
from bisectrix.cli.main import cli
from bisectrix.errors import InfraError, UsageError
from support.served import served

LOST = "0b6a3c1e-5b0e-4f0c-9d6e-0d5c3f1a2b3c"
PLAIN = "1b6a3c1e-5b0e-4f0c-9d6e-0d5c3f1a2b3c"
PRIVATE = "2b6a3c1e-5b0e-4f0c-9d6e-0d5c3f1a2b3c"
CRASHED = {"type": "CRASHED", "name": "Crashed", "message": "Execution was cancelled by the runtime environment."}
RENEWAL = (
    "Concurrency lease renewal failed - slots are no longer reserved. Terminating execution to prevent over-allocation."
)
LOGS = {
    LOST: ["Beginning flow run"] * PAGE + [f"{RENEWAL}\nTraceback (most recent call last):"],
    PLAIN: ["Beginning flow run", "ValueError: no such order"],
}


class Api(BaseHTTPRequestHandler):
    """As much of the API as tells a flow run and its log, a page of which has so many lines."""

    def do_GET(self) -> None:
        run = self.path.rpartition("/")[2]
        if run == PRIVATE:
            self._answer(None, HTTPStatus.UNAUTHORIZED)
        elif run in LOGS:
            self._answer({"id": run, "state": CRASHED})
        else:
            self._answer(None, HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        (run,) = asked["logs"]["flow_run_id"]["any_"]
        page = LOGS[run][asked["offset"] : asked["offset"] + asked["limit"]]
        self._answer([{"message": message} for message in page])

    def _answer(self, document: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with served(ThreadingHTTPServer(("127.0.0.1", 0), Api)) as address:
        yield address


def test_a_lost_lease_is_known_from_state_and_log_of_a_run(server: str) -> None:
    result = CliRunner().invoke(cli, ["diagnose", f"{server}/api/flow_runs/{LOST}"])

    assert result.exit_code == 0
    assert "[lost-lease, certain]" in result.output
    assert RENEWAL in result.output


def test_another_crash_with_the_same_state_is_only_possible(server: str) -> None:
    result = CliRunner().invoke(cli, ["diagnose", "--json", f"{server}/runs/flow-run/{PLAIN}"])

    assert [match["rule"] for match in json.loads(result.output)["matches"]] == ["cancelled-by-runtime"]


def test_the_log_is_read_to_its_end_oldest_line_first(server: str) -> None:
    lines = flow_run_text(f"{server}/api/flow_runs/{LOST}").splitlines()

    assert lines[:3] == ["state Crashed", CRASHED["message"], "Beginning flow run"]
    assert lines[-2:] == [RENEWAL, "Traceback (most recent call last):"]


@pytest.mark.parametrize(
    ("run", "said"),
    [(PRIVATE, "the API wants credentials"), (PRIVATE[:-1] + "d", "the API has no such flow run")],
)
def test_what_the_api_refuses_is_said(server: str, run: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        flow_run_text(f"{server}/api/flow_runs/{run}")


def test_a_server_that_is_not_there_is_no_fault_of_the_run() -> None:
    with pytest.raises(InfraError, match="the API does not answer"):
        flow_run_text(f"http://127.0.0.1:1/api/flow_runs/{LOST}")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (f"http://127.0.0.1:4200/api/flow_runs/{LOST}", True),
        (f"https://prefect.example.org/api/accounts/a/workspaces/w/flow_runs/{LOST}/", True),
        (f"http://127.0.0.1:4200/flow-runs/flow-run/{LOST}", True),
        ("http://127.0.0.1:4200/api/flow_runs/", False),
        (LOST, False),
        ("vcr-pool", False),
    ],
)
def test_addresses_of_flow_runs_are_known(text: str, known: bool) -> None:  # noqa: FBT001  a table of answers
    assert is_flow_run(text) is known
