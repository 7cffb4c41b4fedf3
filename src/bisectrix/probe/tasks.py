"""Lets a Python process answer two real-time signals with where everything in it waits.

Executed at start-up by the line of a `.pth` file, so it does as little as possible: no import that start-up
has not paid for already, no thread, no output. The telling part is in `dump.py`, read when it is asked for.
Standard library only, Python 3.8 and later.
"""
# pathlib would cost every start of Python in a cell several milliseconds:
# ruff: noqa: PTH103, PTH118, PTH120, PTH123

import _signal  # type: ignore[import-not-found]  # what `signal` wraps, without the enumerations it builds
import os

TASKS_SIGNAL = 40  # numbers, not offsets from SIGRTMIN: C libraries disagree about where that is
STACKS_SIGNAL = 41
FIRST_DESCRIPTOR = 200  # out of the way of programs that count or expect low descriptors


def install(probe_folder: str, dump_folder: str) -> None:
    """Answer both signals from now on, unless the program was started with a disposition for them.

    Start-up executes the `.pth` files of a virtual environment twice, so the second call finds the first one's.
    """
    if _signal.getsignal(TASKS_SIGNAL) == _signal.SIG_DFL == _signal.getsignal(STACKS_SIGNAL):
        os.makedirs(dump_folder, exist_ok=True)
        _signal.signal(TASKS_SIGNAL, TasksAnswer(os.path.join(probe_folder, "dump.py"), dump_folder))
        answer_with_stacks(os.path.join(dump_folder, "stacks.txt"))


class TasksAnswer:
    """A signal handler that writes tasks, loops and threads of this process to `tasks-PID.json`."""

    def __init__(self, dump_file: str, dump_folder: str) -> None:
        """Prepare to execute `dump_file`."""
        self.dump_file = dump_file
        self.dump_folder = dump_folder
        self.answering = False

    def __call__(self, _signum: int, frame: object) -> None:
        """Answer once, however often it is asked meanwhile."""
        if self.answering:
            return
        self.answering = True
        try:
            with open(self.dump_file, "rb") as file:
                code = compile(file.read(), self.dump_file, "exec")
            namespace: dict[str, object] = {"__name__": "bisectrix_dump"}
            exec(code, namespace)  # noqa: S102  an import would show in sys.modules
            namespace["write"](self.dump_folder, frame)  # type: ignore[operator]
        except BaseException:
            pass
        finally:
            self.answering = False


def answer_with_stacks(path: str) -> None:
    """Append the stacks of all threads to a file, from C, so that even a main thread stuck in C answers."""
    import faulthandler  # noqa: PLC0415  built in, and only needed here
    import fcntl  # noqa: PLC0415  the same

    low = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        descriptor = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR)
    finally:
        os.close(low)
    faulthandler.register(STACKS_SIGNAL, file=descriptor, all_threads=True, chain=False)


def reach_pytest_plugin(probe_folder: str) -> None:
    """Let `-p bisectrix_pytest_plugin` find the plugin, which takes the folder off the path again."""
    import sys  # noqa: PLC0415  only needed here

    if probe_folder not in sys.path:
        sys.path.append(probe_folder)


if "BISECTRIX_EVENTS" in os.environ:
    reach_pytest_plugin(os.path.dirname(os.environ["BISECTRIX_PROBE"]))
if "BISECTRIX_PROBE_DIR" in os.environ:
    install(os.path.dirname(os.environ["BISECTRIX_PROBE"]), os.environ["BISECTRIX_PROBE_DIR"])
