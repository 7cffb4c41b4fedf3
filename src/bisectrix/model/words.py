"""The closed sets of words: each value is the word that stands in files, tables and commands."""

from enum import StrEnum


class BugKind(StrEnum):
    """What showing the bug looks like."""

    HANG = "hang"
    CRASH = "crash"
    FAIL = "fail"
    RAISES = "raises"
    PRINTS = "prints"


class AxisKind(StrEnum):
    """What a coordinate along an axis sets."""

    PYTHON = "python"
    PACKAGE = "package"
    RESOLUTION = "resolution"
    CUTOFF = "cutoff"
    PLATFORM = "platform"
    VARIANT = "variant"
    ENV = "env"


class Resolution(StrEnum):
    """uv's resolution strategies."""

    HIGHEST = "highest"
    LOWEST_DIRECT = "lowest-direct"
    LOWEST = "lowest"


class Stage(StrEnum):
    """How far an attempt came."""

    RESOLVE = "resolve"
    INSTALL = "install"
    RUN = "run"


class Outcome(StrEnum):
    """What an attempt means to a person."""

    PASS = "pass"
    FAIL = "fail"
    CRASH = "crash"
    HANG = "hang"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"


class TestOutcome(StrEnum):
    """What one test of a pytest repro did."""

    __test__ = False

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    CRASH = "crash"
    HANG = "hang"
    TIMEOUT = "timeout"
    SKIP = "skip"
    XFAIL = "xfail"
    XPASS = "xpass"
    BLOCKED = "blocked"


class Verdict(StrEnum):
    """A cell against the declared bug."""

    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"


class SkipReason(StrEnum):
    """Why a cell is no evidence for or against the declared bug."""

    UNSATISFIABLE = "unsatisfiable"
    NO_INTERPRETER = "no-interpreter"
    UNBUILDABLE = "unbuildable"
    INSTALL_FAILED = "install-failed"
    NO_ENGINE = "no-engine"
    NO_IMAGE = "no-image"
    OTHER_FAILURE = "other-failure"
    TIMEOUT = "timeout"
    UNDECIDED = "undecided"


class HangGrade(StrEnum):
    """How sure the claim of a hang is."""

    PROVED = "proved"
    ASSUMED = "assumed"
    STALLED = "stalled"


class OverrunLabel(StrEnum):
    """What an attempt was doing when the deadline passed; none of these is a hang by itself."""

    NEXT_WAKE_UP = "next wake-up after the limit"
    POLLING = "polling"
    SPINNING = "spinning"
    OUTSIDE_ADDRESS = "waiting for an outside address"
    OUTSIDE_PROCESS = "waiting for an outside process"
    PROGRESSING = "progressing"
    UNKNOWN = "cannot tell"


class LimitKind(StrEnum):
    """A bound whose crossing ends an attempt."""

    MEMORY = "memory"
    PROCESSES = "processes"
    OUTPUT = "output"
    DISK = "disk"
    CPU = "cpu"


class EvidenceKind(StrEnum):
    """What a file of evidence holds."""

    STDOUT = "stdout"
    STDERR = "stderr"
    STACKS = "stacks"
    TASKS = "tasks"
    PROCESSES = "processes"
    LOCKS = "locks"
    SOCKETS = "sockets"
    WAITS = "waits"


class ContainmentKind(StrEnum):
    """What holds the processes of an attempt together, the strongest first."""

    CONTAINER = "container"
    CGROUP = "cgroup"
    NAMESPACES = "namespaces"
    SUBREAPER = "subreaper"
    POLLING = "polling"


class Network(StrEnum):
    """What a repro may reach."""

    NONE = "none"
    LOOPBACK = "loopback"
    BRIDGE = "bridge"


class MatrixSet(StrEnum):
    """Which matrices run when none is named."""

    QUICK = "quick"
    FULL = "full"


class ClaimKind(StrEnum):
    """What sort of statement a claim is."""

    FINDING = "finding"
    THEORY = "theory"
    FIX = "fix"
    REGRESSION = "regression"
    ADVICE = "advice"


class ClaimStatus(StrEnum):
    """What the attempts say of a claim."""

    VERIFIED = "verified"
    REFUTED = "refuted"
    MIXED = "mixed"
    UNTESTED = "untested"
    UNTESTABLE = "untestable"
