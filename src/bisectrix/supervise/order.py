"""What is to be run and watched, and what is told about it while it runs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from bisectrix.model.repro import Limits
from bisectrix.model.words import Network


class Pulse(StrEnum):
    """What a cell is doing, told while it runs."""

    IDLE = "idle"
    BUSY = "busy"
    READY = "ready"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One execution to supervise.

    Attributes:
        argv: program and arguments; a program without a slash is looked up along the PATH of `env`.
        env: the whole environment of the cell, nothing is inherited.
        scratch: folder of this execution alone; the caller makes and removes it.
        evidence_dir: where evidence files go; made when missing.
        ready: the line of output that ends start-up; empty means that there is no start-up to wait for.
        events: file in the scratch to which the cell appends; its growth is progress and restarts the deadline.
        trusted: may run where the kernel does not bound how many processes it starts.
        network: what it may reach; where that cannot be enforced, it may reach more.
        tests: the command is pytest with the probe's plugin, which writes `events`.
        native_stacks: evidence shows frames of C as well.
        inside: the scratch as the command sees it; None where it sees what we see. `argv`, `env` and `cwd` are always
            what the command sees.
        gate: descriptor of the connection to a container that waits for this order; None where there is no container.
    """

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    cwd: Path
    scratch: Path
    evidence_dir: Path
    limits: Limits
    ready: str = ""
    events: Path | None = None
    tests: bool = False
    native_stacks: bool = False
    network: Network = Network.LOOPBACK
    trusted: bool = True
    inside: Path | None = None
    gate: int | None = None

    def seen_inside(self, path: Path) -> Path:
        """Return a path of the scratch as the command sees it."""
        return path if self.inside is None else self.inside / path.relative_to(self.scratch)

    @property
    def prepared_cwd(self) -> Path:
        """Where the working folder lies before the command begins."""
        return self.cwd if self.inside is None else self.scratch / self.cwd.relative_to(self.inside)

    def seen_below(self, root: Path) -> Order:
        """Return the order with the paths at which we see what the command does in its scratch.

        Args:
            root: where the file system of the command begins for us.
        """
        if self.inside is None:
            return self
        scratch = root / self.inside.relative_to("/")
        events = None if self.events is None else scratch / self.events.relative_to(self.scratch)
        return replace(self, scratch=scratch, events=events)

    def to_json(self) -> str:
        """Return one line that `from_json` reads back."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Order:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        events = fields["events"]
        return cls(
            argv=tuple(fields["argv"]),
            env=tuple((name, value) for name, value in fields["env"]),
            cwd=Path(fields["cwd"]),
            scratch=Path(fields["scratch"]),
            evidence_dir=Path(fields["evidence_dir"]),
            limits=Limits(**fields["limits"]),
            ready=fields["ready"],
            events=None if events is None else Path(events),
            tests=fields["tests"],
            native_stacks=fields["native_stacks"],
            inside=None if fields["inside"] is None else Path(fields["inside"]),
            gate=fields["gate"],
            network=Network(fields["network"]),
            trusted=fields["trusted"],
        )
