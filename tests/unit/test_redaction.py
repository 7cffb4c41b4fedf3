"""Credentials are hidden wherever they stand."""

from __future__ import annotations

import pytest

from bisectrix.resolve.redaction import Redactor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at https://user:secret@host/simple and on", "at https://****@host/simple and on"),
        ("https://token@host", "https://****@host"),
        ("git+https://u:p@host/x@v1", "git+https://****@host/x@v1"),
        ("http://u:p@ss@host/x", "http://****@host/x"),
        ("'https://u:p@a/' `http://v:q@b/`", "'https://****@a/' `http://****@b/`"),
        ("https://host/x@v1?mail=a@b", "https://host/x@v1?mail=a@b"),
        ("somebody@example", "somebody@example"),
    ],
)
def test_user_info_is_hidden_in_any_address(text: str, expected: str) -> None:
    assert Redactor()(text) == expected


def test_a_known_secret_is_hidden_outside_of_addresses_as_written_and_decoded() -> None:
    redact = Redactor.knowing(["https://me:ab%2Fcd@host/"], ["other-secret"])
    assert redact("ab%2Fcd ab/cd other-secret me") == "**** **** **** me"


def test_a_secret_that_contains_another_is_hidden_whole() -> None:
    assert Redactor.knowing([], ["abcd", "abcdef"])("abcdef") == "****"


def test_a_very_short_password_does_not_blank_out_words() -> None:
    assert Redactor.knowing(["https://u:a@host/"])("a banana at https://u:a@host/") == "a banana at https://****@host/"
