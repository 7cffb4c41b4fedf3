"""Runs orders: one warden each, and a second layer for the case that the warden itself is ended or stuck."""

from __future__ import annotations

import base64
import logging
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter

from bisectrix.errors import InfraError, RefusedError
from bisectrix.model.attempt import EvidenceFile, Execution, Output
from bisectrix.model.words import ContainmentKind, EvidenceKind
from bisectrix.supervise import cookie, proc
from bisectrix.supervise.cancelled import Cancelled
from bisectrix.supervise.channel import Channel
from bisectrix.supervise.launcher import Launcher
from bisectrix.supervise.order import Order, Pulse
from bisectrix.supervise.text import joined
from bisectrix.supervise.waits_text import waits_text
from bisectrix.supervise.warden import EVIDENCE_S

_LOGGER = logging.getLogger(__name__)

_LOOK_AT_EVENT_S = 0.1
_BOUNDED_ELSEWHERE = "bisectrix doctor says what would help; the axis platform runs it in a container"
_LET_GO_S = 5.0
_STOPPED = "T"
_COOKIE_S = 5.0
_SILENT_S = 1.0
"""A warden says four times a second that it lives; one that does not is looked at."""

_MARGIN_S = EVIDENCE_S + 30.0
"""Evidence, five seconds to kill, and 25 for a machine that is far too busy."""


class Supervisor:
    """Runs orders, any number at once from any number of threads; leaving the context ends those still running."""

    def __init__(
        self,
        *,
        collect: str = "bisectrix.supervise.evidence:collect",
        redact: Callable[[str], str] = lambda text: text,
        containment: ContainmentKind | None = None,
    ) -> None:
        """Prepare to run orders; nothing is started before the context is entered.

        Args:
            collect: `module:function` that takes stacks and await chains, imported in the wardens' own process.
            redact: removes secrets from a text before it is returned or written.
            containment: what holds cells together; None means the best that works here.
        """
        self._launcher = Launcher(collect, containment)
        self._redact = redact
        self._closing = threading.Event()

    def __enter__(self) -> Self:
        """Start what wardens are forked from, without waiting for it."""
        self._launcher.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End whatever still runs."""
        self._closing.set()
        self._launcher.close()

    def run(self, order: Order, *, on_pulse: Callable[[Pulse], None], cancelled: threading.Event) -> Execution:
        """Carry out one order, and return only when nothing of it is alive.

        Raises:
            Cancelled: `cancelled` was set, or the context was left.
            RefusedError: nobody trusts it, and nothing here bounds how many processes it starts.
            InfraError: the command could not be started, or our own side failed.
        """
        order.evidence_dir.mkdir(parents=True, exist_ok=True)
        report = self._report(order, on_pulse, lambda: cancelled.is_set() or self._closing.is_set())
        if report["complaint"]:
            _LOGGER.warning("evidence is incomplete: %s", report["complaint"])
        try:
            return _execution(report, order.evidence_dir, self._redact)
        except OSError as error:
            message = f"what the attempt said cannot be kept: {error.strerror}"
            raise InfraError(message, place=str(order.evidence_dir), hint="free some space there") from None

    def _report(self, order: Order, on_pulse: Callable[[Pulse], None], cancelled: Callable[[], bool]) -> dict[str, Any]:
        """Have a warden carry the order out; once more where the zygote died before it had forked one."""
        for _ in range(2):
            attempt = _Attempt(self._launcher, order)
            try:
                return attempt.follow(on_pulse, cancelled)
            except EOFError:
                if attempt.warden:
                    message = (
                        "the warden was killed while it watched, by the repro itself or from outside; what it watched "
                        "was killed, too"
                    )
                    raise InfraError(message, place=order.argv[0]) from None
            finally:
                attempt.end()
        raise InfraError(self._launcher.complaint())


class _Attempt:
    """One warden at work; `warden` is its pid, 0 before it has answered."""

    def __init__(self, launcher: Launcher, order: Order) -> None:
        self._launcher = launcher
        self._limits = order.limits
        self._cookie = secrets.token_hex(16)
        self._reported = False
        self.warden = 0
        self._handle: int | None = None
        self._channel = Channel(launcher.warden())
        self._order = replace(order, env=(*order.env, (cookie.VARIABLE, self._cookie)))

    def follow(self, on_pulse: Callable[[Pulse], None], cancelled: Callable[[], bool]) -> dict[str, Any]:
        """Pass pulses on until the report comes."""
        self._send()
        allowed_s = self._limits.longest_s + _MARGIN_S
        due_s = time.monotonic() + allowed_s
        heard_s = time.monotonic()
        while not cancelled():
            message = self._channel.receive(_LOOK_AT_EVENT_S)
            if message is None:
                self._look_at_silence(heard_s, due_s)
                continue
            heard_s = time.monotonic()
            match message["kind"]:
                case "started":
                    self.warden = int(message["text"].split()[0])
                    self._handle = proc.handle(message["text"])
                case "pulse":
                    on_pulse(Pulse(message["text"]))
                case "mark":
                    due_s = heard_s + allowed_s
                case "refused":
                    raise RefusedError(message["text"], hint=_BOUNDED_ELSEWHERE)
                case "failed":
                    raise InfraError(message["text"])
                case "report":
                    self._reported = True
                    report: dict[str, Any] = message["report"]
                    return report
                case _:  # a sign of life
                    pass
        raise Cancelled

    def end(self) -> None:
        """See that nothing of the attempt is alive, however it went."""
        try:
            if not self._reported:
                self._end_unreported()
        finally:
            self._channel.close()
            if self._handle is not None:
                os.close(self._handle)

    def _look_at_silence(self, heard_s: float, due_s: float) -> None:
        now_s = time.monotonic()
        if now_s > heard_s + _SILENT_S and self._is_stopped:
            message = "the warden was stopped while it watched, by the repro itself or from outside; all was killed"
            raise InfraError(message, place=self._order.argv[0])
        if now_s > min(due_s, heard_s + _MARGIN_S):
            raise InfraError("the warden did not end the attempt in time, so it was ended from outside")

    @property
    def _is_stopped(self) -> bool:
        return bool(self.warden) and proc.state(self.warden) == _STOPPED

    def _send(self) -> None:
        try:
            self._channel.send(self._order)
        except (BrokenPipeError, ConnectionResetError):
            raise EOFError from None

    def _end_unreported(self) -> None:
        if not self._is_stopped:
            self._ends_by_itself()
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        if self.warden:
            self._launcher.end(self.warden)
        alive = cookie.kill_all(self._cookie, _COOKIE_S)
        if alive:
            _LOGGER.error("still alive after the attempt was ended: %s", ", ".join(alive))

    def _ends_by_itself(self) -> None:
        """Ask the warden to end the cell and itself, and give it a few seconds."""
        give_up = time.monotonic() + _LET_GO_S
        with suppress(EOFError, OSError):
            self._channel.let_go()
            while (left_s := give_up - time.monotonic()) > 0:
                self._channel.receive(left_s)


@cache
def _executions() -> TypeAdapter[Execution]:
    return TypeAdapter(Execution)


def _execution(report: dict[str, Any], folder: Path, redact: Callable[[str], str]) -> Execution:
    """Turn a report into a value; what is written to `folder` and returned has passed `redact`."""
    stdout, stderr = (_output(stream, redact) for stream in report.pop("streams"))
    report.pop("complaint")
    clean = _redacted(report, redact)
    execution = _executions().validate_python(
        {**clean, "evidence": report["evidence"], "stdout": stdout, "stderr": stderr}
    )
    waits = waits_text(execution.ending, execution.waits)
    files = (
        *_written(folder / "stdout.txt", EvidenceKind.STDOUT, stdout.text),
        *_written(folder / "stderr.txt", EvidenceKind.STDERR, stderr.text),
        *_written(folder / "waits.txt", EvidenceKind.WAITS, waits),
    )
    for file in execution.evidence:
        _redact_file(file.path, redact)
    return replace(execution, evidence=(*files, *execution.evidence))


def _output(stream: dict[str, Any], redact: Callable[[str], str]) -> Output:
    head, tail = base64.b64decode(stream["head"]), base64.b64decode(stream["tail"])
    size_bytes = stream["size_bytes"]
    truncated = len(head) + len(tail) < size_bytes
    return Output(text=joined(head, tail, size_bytes, redact), size_bytes=size_bytes, truncated=truncated)


def _written(path: Path, kind: EvidenceKind, text: str) -> tuple[EvidenceFile, ...]:
    if not text:
        return ()
    path.write_text(text, encoding="utf-8")
    return (EvidenceFile(kind=kind, path=path),)


def _redact_file(path: Path, redact: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8", errors="replace")
    clean = redact(text)
    if clean != text:
        path.write_text(clean, encoding="utf-8")


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON, whatever is in it
    match value:
        case str():
            return redact(value)
        case list():
            return [_redacted(each, redact) for each in value]
        case dict():
            return {key: _redacted(each, redact) for key, each in value.items()}
        case _:
            return value
