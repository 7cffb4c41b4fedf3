"""The process between the harness and a cell: starts it, watches it, takes evidence, ends all of it, reports.

It speaks one JSON object a line through its channel to the harness: `kind` and `text`, and at last a report.
When the harness goes away it ends the cell all the same.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from bisectrix.model.attempt import Blocked, Chain, Ending, EvidenceFile, Overran, ThreadWait
from bisectrix.model.words import LimitKind
from bisectrix.supervise import proc
from bisectrix.supervise.channel import receive_order
from bisectrix.supervise.containment.interface import CannotStartError, Contain, Containment, LostError, RefusalError
from bisectrix.supervise.order import Order
from bisectrix.supervise.output import Ring
from bisectrix.supervise.sample import Look, look
from bisectrix.supervise.vigil import AbandonedError, Vigil

EVIDENCE_S = 15.0
"""Longest time that collecting stacks and await chains may take."""

_STRAGGLERS_S = 0.2
_LOOK_AGAIN_S = 0.005
_MIB = 1 << 20


class Collect(Protocol):
    """Takes stacks and await chains of processes that are about to be killed."""

    def __call__(
        self, pids: Sequence[int], scratch: Path, evidence_dir: Path, *, deadline_s: float, native: bool
    ) -> tuple[tuple[Chain, ...], tuple[EvidenceFile, ...]]:
        """Return what was found, and the files written to `evidence_dir`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Evidence:
    """What was collected; `complaint` says why there is less than there should be."""

    chains: tuple[Chain, ...] = ()
    files: tuple[EvidenceFile, ...] = ()
    waits: tuple[ThreadWait, ...] = ()
    complaint: str = ""

    def as_fields(self) -> dict[str, Any]:
        """Return it as JSON, with the names that a report has."""
        return {
            "chains": [asdict(chain) for chain in self.chains],
            "waits": [asdict(wait) for wait in self.waits],
            "evidence": [asdict(file) for file in self.files],
            "complaint": self.complaint,
        }


class Warden:
    """Carries out one order."""

    def __init__(self, channel: socket.socket, collect: Collect, contain: Contain) -> None:
        """Speak to the harness through `channel`, whose end means that the harness let go."""
        self._channel = channel
        self._collect = collect
        self._contain = contain

    def serve(self) -> None:
        """Read the order, carry it out, report, and leave nothing alive."""
        with suppress(BrokenPipeError, ConnectionResetError):
            order = receive_order(self._channel)
            if order is not None:
                self._insist("started", proc.identity(os.getpid()))
                self._carry_out(order)

    def complain(self) -> None:
        """Report the exception being handled as our own failure."""
        with suppress(OSError):
            self._insist("failed", f"the warden failed: {traceback.format_exc()}")

    def _tell(self, kind: str, text: str) -> None:
        """Tell what may be missed: a harness that does not read now must not keep us from watching."""
        with suppress(BlockingIOError):
            self._channel.send(_line({"kind": kind, "text": text}), socket.MSG_DONTWAIT)

    def _insist(self, kind: str, text: str) -> None:
        self._channel.sendall(_line({"kind": kind, "text": text}))

    def _carry_out(self, order: Order) -> None:
        contained = self._contain(order)
        try:
            _refuse_untrusted(order, contained)
            child = contained.start(order)
            order = order.seen_below(child.root)
            vigil = Vigil(order, child, contained, self._channel.fileno(), self._tell)
            ending = vigil.keep()
            ended_at_s = time.monotonic()
            ending = vigil.limit_crossed_at_last() or ending
            evidence = self._take_evidence(order, contained, ending, vigil.waits)
            leaked = _leftovers(contained) if contained.main else ()
        except AbandonedError:
            return
        except (CannotStartError, LostError) as error:
            self._insist("refused" if isinstance(error, RefusalError) else "failed", str(error))
            return
        finally:
            clean = contained.end()
        vigil.drain()
        if clean:
            duration_s = ended_at_s - vigil.started_at_s
            facts = {"ending": asdict(ending), "duration_s": duration_s, "leaked": (*leaked, *contained.left)}
            self._report(facts | _measured(vigil, contained) | evidence.as_fields())
        else:
            self._insist("failed", "processes of the cell survive SIGKILL: they are stuck in the kernel")

    def _take_evidence(
        self, order: Order, contained: Containment, ending: Ending, waits: tuple[ThreadWait, ...]
    ) -> _Evidence:
        if not isinstance(ending, Blocked | Overran):
            return _Evidence()
        pids = contained.pids()
        waits = waits or _waits(look(pids))
        try:
            chains, files = self._collect(
                pids, order.scratch, order.evidence_dir, deadline_s=EVIDENCE_S, native=order.native_stacks
            )
        except Exception:  # noqa: BLE001 - the verdict stands without its stacks, and the complaint is passed on
            return _Evidence(waits=waits, complaint=traceback.format_exc())
        return _Evidence(chains=chains, files=files, waits=waits)

    def _report(self, fields: dict[str, Any]) -> None:
        self._channel.sendall(_line({"kind": "report", "report": fields}))


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, default=str).encode() + b"\n"


def _refuse_untrusted(order: Order, contained: Containment) -> None:
    """Run nothing that may multiply without end, where only a look four times a second would notice.

    Raises:
        RefusalError: the order is one of those, and the kernel bounds no processes here.
    """
    if not order.trusted and LimitKind.PROCESSES not in contained.how.bounds:
        message = (
            f"an untrusted repro is not run here: held by {contained.how.kind}, the kernel does not bound its processes"
        )
        raise RefusalError(message)


def _measured(vigil: Vigil, contained: Containment) -> dict[str, Any]:
    started_at_s = vigil.started_at_s
    return {
        "ready_after_s": (vigil.ready_at_s or started_at_s) - started_at_s,
        "contained": asdict(contained.how),
        "cpu_s": contained.cpu_s,
        "peak_memory_mib": max(contained.peak_bytes, vigil.peak_bytes) / _MIB,
        "streams": [_stream(ring) for ring in vigil.rings],
    }


def _leftovers(contained: Containment) -> tuple[str, ...]:
    """Stop and name what outlived the main process; helpers that end with it are given a moment."""
    give_up = time.monotonic() + _STRAGGLERS_S
    contained.collect()
    while contained.pids() and time.monotonic() < give_up:
        time.sleep(_LOOK_AGAIN_S)
        contained.collect()
    return tuple(proc.command_line(pid) for pid in contained.stop())


def _waits(now: Look) -> tuple[ThreadWait, ...]:
    commands = {pid: proc.command_line(pid) for pid in now.pids}
    return tuple(
        ThreadWait(pid=each.pid, tid=each.tid, command=commands[each.pid], call=each.wait.call, until=each.wait.until)
        for each in now.threads
    )


def _stream(ring: Ring) -> dict[str, Any]:
    """Return a stream for the harness, which alone knows what must not be written to a disk."""
    return {
        "head": base64.b64encode(ring.head).decode(),
        "tail": base64.b64encode(ring.tail).decode(),
        "size_bytes": ring.size_bytes,
    }
