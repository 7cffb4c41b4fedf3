"""What a person writes about a bug: the repro and what showing it means."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bisectrix.model.claim import Claim
from bisectrix.model.words import BugKind, Network, OverrunLabel


@dataclass(frozen=True, kw_only=True, slots=True)
class Bug:
    """What must be seen for an attempt to show the bug.

    Attributes:
        stack: parts of frames (`file.py`, `file.py:function` or `function`), outermost first, that must
            stand in this order in one await chain or thread stack of a hang, or in a traceback.
        pattern: regular expression searched in the output; empty means any. For kind `raises` it is searched in
            `type: first line of the message` of an exception; for kind `hang` a failure whose output matches it is
            the bug, too: with a time limit of its own somewhere, the same hang ends in an exception.
        tests: names of tests (as `fnmatch` patterns) that must show it; empty means any test.
        exit_codes: exit codes that count for kind `fail`; empty means any but 0.
        accept: labels of a timeout that this bug accepts as its hang.
    """

    kind: BugKind
    stack: tuple[str, ...] = ()
    pattern: str = ""
    tests: tuple[str, ...] = ()
    exit_codes: tuple[int, ...] = ()
    accept: tuple[OverrunLabel, ...] = ()

    @property
    def is_signed(self) -> bool:
        """Whether it is told from other failures: by what is declared, or as no other failure looks like it."""
        return bool(self.stack or self.pattern) or self.kind in {BugKind.HANG, BugKind.CRASH}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds of one attempt; for a pytest repro `deadline_s` and `quiet_s` hold for each part of its suite.

    Attributes:
        install_s: longest time in which the packages are resolved, and in which they are built and installed.
        startup_s: longest time from start to the ready mark (or to the first test).
        deadline_s: longest time from the ready mark, or from start where no mark is declared.
        collect_s: for a pytest repro, longest time to collect a file; None means as `startup_s`, or `deadline_s` where
            that is longer: a file's imports are a start-up of its own.
        fixture_s: longest set-up or teardown of one fixture; None means `deadline_s`.
        test_s: longest test, without its fixtures; None means `deadline_s`.
        exit_s: longest time from the end of the last test to that of the process; None means `deadline_s`.
        quiet_s: longest time without any progress before a frozen tree is called stalled.
        assume: a hang that is proved but for assumptions about others is called so at once, not after `quiet_s`.
        disk_mib: of all files in the attempt's own folders.
        cpu_s: time on a core of all processes together.
    """

    install_s: float = 900.0
    startup_s: float = 120.0
    deadline_s: float = 60.0
    quiet_s: float = 10.0
    memory_mib: int = 4096
    output_mib: int = 16
    processes: int = 256
    disk_mib: int = 4096
    cpu_s: float = 3600.0
    assume: bool = False
    collect_s: float | None = None
    fixture_s: float | None = None
    test_s: float | None = None
    exit_s: float | None = None

    @property
    def collection_s(self) -> float:
        """`collect_s`, or what holds without it."""
        return self.collect_s or max(self.startup_s, self.deadline_s)

    @property
    def of_fixture_s(self) -> float:
        """`fixture_s`, or what holds without it."""
        return self.fixture_s or self.deadline_s

    @property
    def of_test_s(self) -> float:
        """`test_s`, or what holds without it."""
        return self.test_s or self.deadline_s

    @property
    def of_exit_s(self) -> float:
        """`exit_s`, or what holds without it."""
        return self.exit_s or self.deadline_s

    @property
    def longest_s(self) -> float:
        """The longest time that may pass between two marks of progress."""
        parts_s = (self.collection_s, self.of_fixture_s, self.of_test_s, self.of_exit_s)
        return max(self.startup_s + self.deadline_s, *parts_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class Repro:
    """The smallest program that shows a bug, with what its manifest says.

    Attributes:
        path: the script, or the folder that holds `repro.toml`.
        question: what a reader of the finding wants to know, one sentence.
        dependencies: PEP 508 requirements.
        command: arguments after the interpreter; empty means the script itself, or pytest for `tests`.
        tests: files for pytest, relative to the folder; empty means this is no pytest repro.
        ready: the line of output that starts the deadline; empty means start itself.
        matrices: names of matrix files, the first is the default.
        trusted: whether it may run on the machine itself where its matrix does not say where.
        native_stacks: evidence of a hang shows frames of C as well.
        claims: what was said about the bug; no part of what decides a run.
    """

    name: str
    path: Path
    title: str
    bug: Bug
    question: str = ""
    links: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    requires_python: str = ""
    command: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    ready: str = ""
    limits: Limits = field(default_factory=Limits)
    attempts: int = 1
    matrices: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    network: Network = Network.LOOPBACK
    trusted: bool = True
    native_stacks: bool = False
    claims: tuple[Claim, ...] = ()
