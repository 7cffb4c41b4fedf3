"""The hang of vcrpy explained from its real releases."""

from __future__ import annotations

import os

import pytest

from bisectrix.explain.culprit import Explanation, explain
from bisectrix.explain.download import download
from bisectrix.explain.text import plain_text
from bisectrix.model.attempt import Frame
from bisectrix.resolve.settings import IndexSettings

pytestmark = pytest.mark.upstream

CULPRIT = "vcr/stubs/httpcore_stubs.py"
HANG = tuple(
    Frame(file=file, function=function, line=0)
    for file, function in (
        ("vcr-pool.py", "main"),
        ("httpx/_transports/default.py", "handle_async_request"),
        (CULPRIT, "_vcr_handle_async_request"),
        ("httpcore/_async/connection_pool.py", "wait_for_connection"),
    )
)


def explained(*versions: str) -> Explanation:
    old, new = download("vcrpy", versions, IndexSettings.discover(os.environ))
    return explain(f"vcrpy {old.version} -> {new.version}", old.files, new.files, HANG)


def test_the_introduction_names_the_new_file_in_the_stack_and_what_brings_it_there() -> None:
    explanation = explained("7.0.0", "8.0.0")
    assert plain_text(explanation).splitlines()[1:3] == [
        f"  {CULPRIT}: added; stands in the hang's stack (_vcr_handle_async_request)",
        f"  vcr/patch.py: changed; imports {CULPRIT}, which stands in the hang's stack",
    ]
    assert {change.name for change in explanation.difference.dependencies if not change.is_optional} == {
        "urllib3",
        "yarl",
    }


def test_the_fix_names_the_function_that_went() -> None:
    explanation = explained("8.1.1", "8.2.0")
    assert plain_text(explanation).splitlines()[1:3] == [
        f"  {CULPRIT}: removed; stands in the hang's stack (_vcr_handle_async_request)",
        f"  vcr/patch.py: changed; imports {CULPRIT}, which stands in the hang's stack",
    ]
    assert "CassettePatcherBuilder._httpcore" in plain_text(explanation)
