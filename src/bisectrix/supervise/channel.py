"""The line between the harness and a warden."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from typing import Any

from bisectrix.supervise.order import Order

_CHUNK_BYTES = 1 << 16


class Channel:
    """Sends one order and receives messages; closing it, or the end of our process, ends the cell."""

    def __init__(self, connection: socket.socket) -> None:
        """Take over the connection."""
        self._connection = connection
        self._received = bytearray()

    def send(self, order: Order) -> None:
        """Send the order, one line; the gate of a container goes along with its first byte."""
        line = order.to_json().encode() + b"\n"
        passed = [] if order.gate is None else [order.gate]
        sent = socket.send_fds(self._connection, [line], passed)
        self._connection.sendall(line[sent:])

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


def receive_order(connection: socket.socket) -> Order | None:
    """Return the order that comes, its gate as this process has it; None when the harness let go before."""
    line, passed, _, _ = socket.recv_fds(connection, _CHUNK_BYTES, 1)
    while not line.endswith(b"\n"):
        chunk = connection.recv(_CHUNK_BYTES)
        if not chunk:
            return None
        line += chunk
    return replace(Order.from_json(line.decode()), gate=next(iter(passed), None))
