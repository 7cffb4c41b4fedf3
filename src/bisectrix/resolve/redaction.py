"""Credentials out of whatever is shown or stored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

HIDDEN = "****"
SHORTEST_LITERAL = 4  # shorter ones would blank out ordinary words; inside of addresses they are hidden all the same
USER_INFO = re.compile(r"(?P<scheme>\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s]*@")


@dataclass(frozen=True, kw_only=True, slots=True)
class Redactor:
    """Hides credentials in text: those in any address, and each secret it was told, wherever that stands."""

    secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def knowing(cls, addresses: Iterable[str], secrets: Iterable[str] = ()) -> Self:
        """Learn the credentials in some addresses, as written and decoded, and some literal secrets."""
        written = {*secrets, *(secret for address in addresses for secret in _secrets_in(address))}
        known = {form for secret in written for form in (secret, unquote(secret)) if len(form) >= SHORTEST_LITERAL}
        return cls(secrets=tuple(sorted(known, key=lambda secret: (-len(secret), secret))))

    def __call__(self, text: str) -> str:
        """Return the text with `****` for each of them."""
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        return USER_INFO.sub(rf"\g<scheme>{HIDDEN}@", text)


def _secrets_in(address: str) -> Iterable[str]:
    """Yield the password; where there is none, the user name, for that is a token then."""
    user_info, at, _ = urlsplit(address).netloc.rpartition("@")
    user, _, password = user_info.partition(":")
    return (password or user,) if at else ()
