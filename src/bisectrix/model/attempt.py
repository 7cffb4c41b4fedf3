"""What happened: one execution as the kernel and our watch saw it, and the attempt judged from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from bisectrix.model.recipe import Machine
from bisectrix.model.words import (
    ContainmentKind,
    EvidenceKind,
    HangGrade,
    LimitKind,
    Outcome,
    OverrunLabel,
    Stage,
    TestOutcome,
    Verdict,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exited:
    """The main process returned."""

    code: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Signalled:
    """The main process was ended by a signal that was not ours; `signal` is its name, `SIGSEGV`."""

    signal: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocked:
    """Nothing can move: every thread that matters waits without a time limit.

    Attributes:
        grade: how sure that is.
        reason: one clause, `main thread waits in epoll_wait for ever, nothing ran for 3.0 s`.
        quiet_s: how long nothing had moved when this was said.
        assumptions: under which nothing can ever move again, clauses, `nobody connects to 127.0.0.1:41833`.
        lacks: why there is no proof, a clause; empty where there is one, or where nobody looked for one.
    """

    grade: HangGrade
    reason: str
    quiet_s: float
    assumptions: tuple[str, ...] = ()
    lacks: str = ""

    @property
    def claim(self) -> str:
        """The reason with all that is assumed, `no thread can move, assuming nobody connects to 127.0.0.1:41833`."""
        return f"{self.reason}, assuming {' and '.join(self.assumptions)}" if self.assumptions else self.reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Overran:
    """The deadline passed; `label` says what it was doing, `detail` how that was seen."""

    label: OverrunLabel
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Limited:
    """A bound other than time was crossed and we ended it."""

    limit: LimitKind
    detail: str


Ending: TypeAlias = Exited | Signalled | Blocked | Overran | Limited


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One place in Python code; `file` is shortened to what stays the same between machines."""

    file: str
    function: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """A task's await chain or a thread's stack, outermost frame first.

    Attributes:
        owner: name of the task or thread.
        kind: `task` or `thread`.
        process: pid of the process it belongs to.
    """

    owner: str
    kind: str
    process: int
    frames: tuple[Frame, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadWait:
    """What one thread was doing when the verdict was fixed.

    Attributes:
        call: the system call, `epoll_wait`; empty when running or unreadable.
        until: `for ever`, `timer`, `running`, `stopped` or `unknown`.
        on: what would end the wait, `read end of pipe 1234`; empty when nobody looked.
        woken_by: who could do that, `process 77, which holds it`; empty when nobody looked.
    """

    pid: int
    tid: int
    command: str
    call: str
    until: str
    on: str = ""
    woken_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """Head and tail of one stream, decoded with replacement, secrets redacted.

    Attributes:
        size_bytes: what the process wrote, kept or not.
    """

    text: str
    size_bytes: int
    truncated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceFile:
    """A file of evidence that lies in the attempt's own folder, not yet stored."""

    kind: EvidenceKind
    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class TestResult:
    """What one test did in one attempt."""

    __test__ = False

    nodeid: str
    outcome: TestOutcome
    duration_s: float
    message: str = ""
    chains: tuple[Chain, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Contained:
    """How the processes of an attempt were held together.

    Attributes:
        private_network: whether nobody else could reach it, nor it anybody else.
        bounds: limits that the kernel enforced; all others were watched.
        unmet: what the manifest asks for and this machine could not do, a clause each.
    """

    kind: ContainmentKind
    private_network: bool = False
    bounds: tuple[LimitKind, ...] = ()
    unmet: tuple[str, ...] = ()


OBJECT = "ipc: "
"""What begins so among what was leaked is no process."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """One supervised run of a command, without judgement.

    Attributes:
        duration_s: from start to end.
        ready_after_s: from start to the ready mark; equals 0 where none is declared or seen.
        cpu_s: of the whole tree.
        leaked: command lines of processes that were still alive when the main process had ended; then, each behind
            `OBJECT`, shared memory, semaphores and message queues that all processes had left.
        chains: await chains and stacks, taken when it hung or overran; else empty.
        tests: for a pytest repro, in the order in which they finished.
        contained: None where nobody says, as in a record of old.
    """

    ending: Ending
    duration_s: float
    ready_after_s: float
    cpu_s: float
    peak_memory_mib: float
    leaked: tuple[str, ...]
    stdout: Output
    stderr: Output
    chains: tuple[Chain, ...] = ()
    waits: tuple[ThreadWait, ...] = ()
    tests: tuple[TestResult, ...] = ()
    evidence: tuple[EvidenceFile, ...] = ()
    contained: Contained | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A stored file of evidence, named by its hash."""

    kind: EvidenceKind
    sha256: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """The part of a failure that stays the same between runs.

    Attributes:
        kind: outcome it belongs to.
        head: exception type and normalised message, signal name, or innermost place of a hang.
        frames: `file:function`, outermost first, no line numbers.
    """

    kind: Outcome
    head: str
    frames: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One execution of the repro's command in one environment.

    Attributes:
        number: from 1.
        verdict: this attempt against the declared bug; `skip` when it is no evidence.
        summary: one line for a person, `stalled after 3.0 s: main waits in wait_for_connection`.
        chain: the frames that tell most about where it waits or failed, outermost first.
        load: attempts of this harness that ran at the same time, itself included.
        started_at: UTC, RFC 3339.
        machine: what it ran on; None in records older than that.
        printed: the last line on standard output, how far it came; empty for a pytest repro and in records of old.
    """

    number: int
    stage: Stage
    ending: Ending
    outcome: Outcome
    verdict: Verdict
    summary: str
    signature: Signature | None
    chain: tuple[Frame, ...]
    duration_s: float
    cpu_s: float
    peak_memory_mib: float
    load: int
    started_at: str
    leaked: tuple[str, ...] = ()
    tests: tuple[TestResult, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    machine: Machine | None = None
    contained: Contained | None = None
    printed: str = ""
