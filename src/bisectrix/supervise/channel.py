"""The harness' end of the line to a warden."""

from __future__ import annotations

import json
import socket
from typing import Any

_CHUNK_BYTES = 1 << 16


class Channel:
    """Sends one order and receives messages; closing it, or the end of our process, ends the cell."""

    def __init__(self, connection: socket.socket) -> None:
        """Take over the connection."""
        self._connection = connection
        self._received = bytearray()

    def send(self, order: str) -> None:
        """Send the order, one line."""
        self._connection.sendall(order.encode() + b"\n")

    def receive(self, within_s: float) -> dict[str, Any] | None:
        """Return the next message, or None when there was none in time.

        Raises:
            EOFError: the warden has gone.
        """
        self._connection.settimeout(within_s)
        while b"\n" not in self._received:
            try:
                chunk = self._connection.recv(_CHUNK_BYTES)
            except TimeoutError:
                return None
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                raise EOFError
            self._received += chunk
        line, _, rest = bytes(self._received).partition(b"\n")
        self._received = bytearray(rest)
        message: dict[str, Any] = json.loads(line)
        return message

    def let_go(self) -> None:
        """Tell the warden that no answer is wanted any more: it ends the cell, then itself."""
        self._connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close our end."""
        self._connection.close()
