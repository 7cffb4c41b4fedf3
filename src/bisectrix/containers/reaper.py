"""Removes what a harness that was killed leaves: `python -m bisectrix.containers.reaper SOCKET LABEL FOLDER`.

A process of its own at the other end of a pipe from the harness; the end of the pipe is the end of the harness. It has
few imports and nothing to do until then.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import quote

ANSWER_S = 30.0
LOOKS = 4
LOOK_AGAIN_S = 0.3
"""The engine may still be making one that the harness had asked for when it was killed."""

AT_ONCE = 8


def main(path: str, label: str, folder: str) -> None:
    """Wait for the end of the harness, then remove every container with its label, and the folder of its sockets.

    A byte before says that it ends well.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    ended_well = False
    while os.read(0, 1):
        ended_well = True
    for _ in range(1 if ended_well else LOOKS):
        remove_labelled(path, label)
        if not ended_well:
            time.sleep(LOOK_AGAIN_S)
    shutil.rmtree(folder, ignore_errors=True)


def remove_labelled(path: str, label: str) -> None:
    """Remove those that the engine lists now."""
    filters = quote(json.dumps({"label": [label]}))
    with suppress(OSError, ValueError, http.client.HTTPException):
        listed = json.loads(ask(path, "GET", f"/containers/json?all=1&filters={filters}"))
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            for container in listed:
                pool.submit(ask, path, "DELETE", f"/containers/{container['Id']}?force=1&v=1")


def ask(path: str, verb: str, target: str) -> bytes:
    """Return the answer of the engine behind a socket.

    Raises:
        OSError, HTTPException: it does not answer.
    """
    connection = http.client.HTTPConnection("engine", timeout=ANSWER_S)
    connection.sock = socket.socket(socket.AF_UNIX)
    try:
        connection.sock.settimeout(ANSWER_S)
        connection.sock.connect(path)
        connection.request(verb, target)
        return connection.getresponse().read()
    finally:
        connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
