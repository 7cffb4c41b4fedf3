"""A flow run of a Prefect API as text to diagnose: how it ended, and its log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import requests

from bisectrix.errors import InfraError, UsageError

ADDRESS = re.compile(
    r"(?P<server>https?://[^?#]+?)/(?:api(?P<workspace>/[^?#]+?)?/flow_runs|(?:runs|flow-runs)/flow-run)/"
    r"(?P<id>[0-9a-fA-F-]{36})/?"
)
"""Of the API, or of the page that Prefect's user interface shows."""

ANSWERS_WITHIN_S = 30
PAGE = 200
"""Lines of a log that the API hands out at once, at most."""

MOST_PAGES = 50


def is_flow_run(text: str) -> bool:
    """Say whether a text is the address of a flow run."""
    return ADDRESS.fullmatch(text) is not None


def flow_run_text(address: str) -> str:
    """Return the state of a flow run and its log, oldest line first, asked of its API without credentials.

    Raises:
        UsageError: the API has no such run, or wants credentials.
        InfraError: it does not answer, or not as Prefect's API does.
    """
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise UsageError("this is no address of a flow run", place=address)
    api = f"{found['server']}/api{found['workspace'] or ''}"
    with requests.Session() as session:
        session.trust_env = False  # no proxy, and no password from a file
        run = _answer(session, "GET", f"{api}/flow_runs/{found['id']}")
        return "\n".join([*_state(run), *_log(session, api, found["id"])])


def _state(run: Any) -> Iterator[str]:  # noqa: ANN401  any JSON
    match run:
        case {"state": {"name": str(name), **state}}:
            yield f"state {name}"
            yield from str(state.get("message") or "").splitlines()
        case _:
            yield "state unknown"


def _log(session: requests.Session, api: str, run: str) -> Iterator[str]:
    for page in range(MOST_PAGES):
        asked = {
            "logs": {"flow_run_id": {"any_": [run]}},
            "sort": "TIMESTAMP_ASC",
            "limit": PAGE,
            "offset": page * PAGE,
        }
        lines = _answer(session, "POST", f"{api}/logs/filter", asked)
        for line in lines if isinstance(lines, list) else []:
            yield from str(line.get("message", "")).splitlines()
        if not isinstance(lines, list) or len(lines) < PAGE:
            return


def _answer(session: requests.Session, method: str, url: str, asked: object = None) -> Any:  # noqa: ANN401  any JSON
    try:
        response = session.request(method, url, json=asked, timeout=ANSWERS_WITHIN_S)
        if response.status_code in {requests.codes.unauthorized, requests.codes.forbidden}:
            hint = "ask it with curl and your key, and pipe the answer into bisectrix diagnose"
            raise UsageError("the API wants credentials", place=url, hint=hint)
        if response.status_code == requests.codes.not_found:
            raise UsageError("the API has no such flow run", place=url)
        response.raise_for_status()
        return response.json()
    except requests.RequestException as error:
        raise InfraError(f"the API does not answer: {error}", place=url, hint="is the server up?") from None
