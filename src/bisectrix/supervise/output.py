"""What a stream said: its head and tail, however much it was, and the line that says ready."""

from __future__ import annotations

KEEP_BYTES = 256 * 1024


class Ring:
    """The first and the last bytes of a stream; memory stays bounded whatever is fed."""

    def __init__(self, keep_bytes: int = KEEP_BYTES) -> None:
        """Keep up to `keep_bytes` of the head and as many of the tail."""
        self._keep_bytes = keep_bytes
        self._head = bytearray()
        self._tail = bytearray()
        self.size_bytes = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        self.size_bytes += len(chunk)
        room = self._keep_bytes - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        if len(self._tail) > 2 * self._keep_bytes:
            del self._tail[: -self._keep_bytes]

    @property
    def head(self) -> bytes:
        """The first bytes."""
        return bytes(self._head)

    @property
    def tail(self) -> bytes:
        """The last bytes, none of which are in `head`."""
        return bytes(self._tail[-self._keep_bytes :])


class LineSpotter:
    """Finds a line in a stream that comes in arbitrary pieces."""

    def __init__(self, line: str) -> None:
        """Look for `line`, given without its line feed; an empty one is never found."""
        self._line = line.encode()
        self._begun = b""
        self.seen = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; `seen` turns true with the line feed that ends the line."""
        if self.seen or not self._line:
            return
        *whole, begun = (self._begun + chunk).split(b"\n")
        self.seen = any(line.removesuffix(b"\r") == self._line for line in whole)
        self._begun = begun[: len(self._line) + 2]  # one longer than what can match, so that a cut line never does
