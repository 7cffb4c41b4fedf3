"""Bytes that a process wrote, as text that is safe to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

_CONTROL_PICTURES = 0x2400
_REPLACEMENT = 0xFFFD
_SAFE: Mapping[int, int] = MappingProxyType(
    {code: _CONTROL_PICTURES + code for code in range(0x20) if chr(code) not in "\t\n"}
    | {0x7F: 0x2421}
    | dict.fromkeys(range(0x80, 0xA0), _REPLACEMENT)
)

SEAM_CHARACTERS = 4096
"""Longer than any secret: half of one that a gap cuts in two is not recognised, so it must not stand beside the gap."""


def readable(raw: bytes, redact: Callable[[str], str]) -> str:
    """Decode with replacement, redact, and turn control characters into visible signs; tabs and lines stay."""
    text = raw.decode(errors="replace").replace("\r\n", "\n")
    return redact(text).translate(_SAFE)


def joined(
    head: bytes, tail: bytes, size_bytes: int, redact: Callable[[str], str], *, seam: int = SEAM_CHARACTERS
) -> str:
    """Join the kept parts of a stream of `size_bytes`, and say in a line between them how much is missing.

    Where something is missing, `seam` characters more are left out on both sides of the gap.
    """
    missing = size_bytes - len(head) - len(tail)
    if not missing:
        return readable(head + tail, redact)
    before, after = readable(head, redact), readable(tail, redact)
    return f"{before[: max(len(before) - seam, 0)]}\n[... {missing + 2 * seam} bytes left out ...]\n{after[seam:]}"
