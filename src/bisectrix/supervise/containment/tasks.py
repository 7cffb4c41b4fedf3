"""What the kernel is told to bound, from what the manifest says."""

from __future__ import annotations

from bisectrix.model.repro import Limits

_TASKS_A_PROCESS = 4
_FEWEST_TASKS = 1024


def most_tasks(limits: Limits) -> int:
    """Return how many processes and threads there may be at once; the kernel knows no difference.

    Four threads a process, and never fewer than a program with one large pool of threads needs. Processes alone are
    counted by the warden, so this only has to hold what multiplies between two looks.
    """
    return max(_FEWEST_TASKS, _TASKS_A_PROCESS * limits.processes)
