"""A harness in a process of its own, to be killed or started oddly: `harness.py ORDER RESULT [DESCRIPTOR ...]`.

The variable HELD_BY names what holds the cell; without it that is the best there is.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from bisectrix.model.words import ContainmentKind
from bisectrix.supervise.order import Order, Pulse
from bisectrix.supervise.supervisor import Supervisor


def main(order: str, result: str, *closed: str) -> None:
    """Close the descriptors named, run the order in a JSON file, and write how it ended.

    The zygote's pid and the word ready go to `RESULT.ready`, a FIFO, once the cell says so.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for descriptor in closed:
        os.close(int(descriptor))
    held_by = os.environ.get("HELD_BY")
    containment = ContainmentKind(held_by) if held_by else None
    with Supervisor(collect="support.no_evidence:collect", containment=containment) as supervisor:
        running = supervisor._launcher._zygote
        assert running is not None
        zygote = running._process.pid

        def on_pulse(pulse: Pulse) -> None:
            if pulse is Pulse.READY:
                Path(f"{result}.ready").write_text(str(zygote), encoding="ascii")

        execution = supervisor.run(
            Order.from_json(Path(order).read_text(encoding="utf-8")), on_pulse=on_pulse, cancelled=threading.Event()
        )
    Path(result).write_text(repr(execution.ending), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
