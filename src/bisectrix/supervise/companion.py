"""A process that outlives us by a moment, to tidy up: it is told of our end by the end of its standard input."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from types import TracebackType
from typing import IO, Self

from bisectrix.errors import InfraError

_SEEN_OFF_S = 20.0


class Companion:
    """A module of ours at work beside us; leaving the context tells it that we end, and waits for it."""

    def __init__(self, module: str, *arguments: str) -> None:
        """Start `python -m MODULE ARGUMENTS`.

        Raises:
            InfraError: it cannot be started.
        """
        theirs, ours = os.pipe()
        self._line: IO[bytes] = os.fdopen(ours, "wb", buffering=0)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", module, *arguments],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            self._line.close()
            raise InfraError(f"cannot start a helper process: {error.strerror}") from None
        finally:
            os.close(theirs)

    def __enter__(self) -> Self:
        """Return itself; it is at work until the block ends."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Tell it, and wait until it is done."""
        with suppress(OSError, ValueError), self._line:
            os.write(self._line.fileno(), b".")
        try:
            self._process.wait(_SEEN_OFF_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_SEEN_OFF_S)
