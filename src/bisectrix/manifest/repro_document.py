"""What a person writes about a repro: `[tool.bisectrix]` of a script, or `repro.toml`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from bisectrix.manifest.claim_document import Claims
from bisectrix.manifest.document import Document
from bisectrix.manifest.expect import Distinct
from bisectrix.manifest.values import (
    Address,
    Argument,
    Count,
    ExitStatus,
    InnerPath,
    Kind,
    Label,
    Line,
    MatrixName,
    Mebibytes,
    Overrun,
    Range,
    Reach,
    Regex,
    Requirement,
    Seconds,
    Switch,
    VariableName,
)
from bisectrix.model.repro import Limits
from bisectrix.model.words import Network

DEFAULTS = Limits()


class BugTable(Document):
    """What must be seen for an attempt to show the bug."""

    model_config = ConfigDict(title="bug")

    kind: Kind
    """What showing the bug looks like: it hangs, it crashes (ended by a signal), it fails (exit code other than 0), it
    raises an exception, or it prints something."""
    stack: list[Line] = Field(default_factory=list)
    """Parts of frames, outermost first, that must stand in this order in one await chain, thread stack or traceback:
    `file.py`, `file.py:function` or `function`. For the kinds hang, fail and raises. Without it, any stack counts."""
    pattern: Regex = ""
    """Regular expression searched in the output; `^` and `$` stand for the ends of lines. Kind prints needs it. For kind
    hang it describes the failure as which the same bug shows where something else has a time limit."""
    tests: Annotated[list[Line], Distinct()] = Field(default_factory=list)
    """Names of tests of a pytest repro that must show the bug, `*` and `?` as in file names. Without it, any test."""
    exit_codes: Annotated[list[ExitStatus], Distinct()] = Field(default_factory=list)
    """Exit codes that count, for kind fail. Without it, every one but 0."""
    accept: Annotated[list[Overrun], Distinct()] = Field(default_factory=list)
    """What an attempt may be doing at the deadline and still count as the hang, for kind hang. Without it, a timeout is
    never a hang."""


class LimitsTable(Document):
    """Bounds of one attempt; in a pytest repro `deadline_s` and `quiet_s` hold for each part of a suite."""

    model_config = ConfigDict(title="limits")

    install_s: Seconds = DEFAULTS.install_s
    """Seconds in which all packages are resolved, and as many in which they are built and installed, at most. A release
    that takes longer to build is skipped."""
    startup_s: Seconds = DEFAULTS.startup_s
    """Seconds from the start to the ready line, or until pytest begins to collect, at most."""
    deadline_s: Seconds = DEFAULTS.deadline_s
    """Seconds from the ready line to the end, at most; from the start where no ready line is declared."""
    quiet_s: Seconds = DEFAULTS.quiet_s
    """Seconds without any progress after which a program that waits is called hanging."""
    memory_mib: Mebibytes = DEFAULTS.memory_mib
    """MiB of memory of all processes of the attempt together, at most; more counts as a crash."""
    output_mib: Mebibytes = DEFAULTS.output_mib
    """MiB of output on each stream, at most; more ends the attempt as a failure."""
    processes: Count = DEFAULTS.processes
    """Processes at the same time, at most; more count as a crash."""
    disk_mib: Mebibytes = DEFAULTS.disk_mib
    """MiB of all files in the folders of the attempt, holes in them counted, at most; more counts as a crash."""
    cpu_s: Seconds = DEFAULTS.cpu_s
    """Seconds on a core of all processes together, at most; more counts as a crash."""
    assume: Switch = DEFAULTS.assume
    """Whether a hang that is proved but for an assumption about others, such as that nobody connects to a port, is called
    so at once. Without it, when `quiet_s` is over."""
    collect_s: Seconds | None = DEFAULTS.collect_s
    """Seconds in which pytest collects one file, at most. Without it, the longer of startup_s and deadline_s."""
    fixture_s: Seconds | None = DEFAULTS.fixture_s
    """Seconds in which one fixture is set up, or cleaned up, at most. Without it, as deadline_s."""
    test_s: Seconds | None = DEFAULTS.test_s
    """Seconds in which one test runs, its fixtures not counted, at most. Without it, as deadline_s."""
    exit_s: Seconds | None = DEFAULTS.exit_s
    """Seconds from the end of the last test to the end of pytest, at most. Without it, as deadline_s."""


class ScriptTable(Document):
    """The table [tool.bisectrix] in the `script` block of a Python file."""

    elsewhere: ClassVar[dict[str, str]] = {
        "dependencies": "in a script it stands above [tool.bisectrix], beside requires-python",
        "requires_python": "in a script it is requires-python and stands above [tool.bisectrix]",
        "requires-python": "in a script it stands above [tool.bisectrix], beside dependencies",
        "tests": "a pytest repro is a folder with a repro.toml",
    }

    title: Line
    """The bug in one line, as a headline."""
    question: Line = ""
    """What a reader of the finding wants to know, one sentence."""
    links: Annotated[list[Address], Distinct()] = Field(default_factory=list)
    """Where the bug is discussed."""
    command: list[Argument] = Field(default_factory=list)
    """Arguments after the interpreter. Without it, the script itself. A folder needs it or `tests`."""
    ready: Line = ""
    """The line of output that starts the deadline. Without it, the deadline starts with the process."""
    attempts: Count = 1
    """How often each cell is run."""
    matrices: Annotated[list[MatrixName], Distinct()] = Field(default_factory=list)
    """Names of files in matrices/ without .toml, the first is the default."""
    tags: Annotated[list[Label], Distinct()] = Field(default_factory=list)
    """Words of your own about this repro."""
    network: Reach = Network.LOOPBACK
    """What the program needs to reach: nothing, this machine (loopback), or the outside (bridge)."""
    trusted: Switch = True
    """Whether it may run on the machine itself by default. Otherwise it runs in a hardened container, unless its matrix has a
    platform; on the machine itself only where the kernel bounds how many processes it starts."""
    env: dict[VariableName, Argument] = Field(default_factory=dict)
    """Environment variables of every attempt."""
    native_stacks: Switch = False
    """Stacks of a hang show the frames of C between those of Python, too."""
    bug: BugTable
    """What must be seen for an attempt to show the bug."""
    limits: LimitsTable = Field(default_factory=LimitsTable)
    """Bounds of one attempt."""
    claims: Claims = Field(default_factory=list)
    """What somebody said about the bug, to be verified or refuted by the cells."""


class FolderDocument(ScriptTable):
    """A whole repro.toml: what a script says in its table, and what it says beside it."""

    model_config = ConfigDict(title="bisectrix repro")
    elsewhere: ClassVar[dict[str, str]] = {"tool": "repro.toml has these keys at its top, without [tool.bisectrix]"}

    requires_python: Range = ""
    """Pythons on which the repro makes sense, a range. Without it, every one."""
    dependencies: Annotated[list[Requirement], Distinct()] = Field(default_factory=list)
    """Direct dependencies as pip writes them. A lower bound on each makes the resolution lowest-direct possible."""
    tests: Annotated[list[InnerPath], Distinct()] = Field(default_factory=list)
    """Files for pytest, relative to the folder. Without it, `command` says what runs."""


class ToolTables(Document):
    """The table [tool] of a script; those of other tools are theirs."""

    model_config = ConfigDict(extra="ignore")

    bisectrix: ScriptTable


class ScriptBlock(Document):
    """A `script` block as PEP 723 defines it."""

    elsewhere: ClassVar[dict[str, str]] = {"requires_python": "PEP 723 spells it requires-python"}

    requires_python: Range = Field(default="", alias="requires-python")
    dependencies: Annotated[list[Requirement], Distinct()] = Field(default_factory=list)
    tool: ToolTables
