"""Takes down where a hung tree waits: stacks of threads, await chains of tasks, the processes themselves.

Runs in the warden, between the verdict and the kill. Whatever cannot be had is a sentence in the files.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from bisectrix.model.attempt import Chain, EvidenceFile
from bisectrix.model.frames import shorten
from bisectrix.model.words import EvidenceKind
from bisectrix.supervise import evidence_text, proc, resource_text
from bisectrix.supervise.await_tree import await_chains
from bisectrix.supervise.file_locks import look_at_locks
from bisectrix.supervise.instrument import dump_folder
from bisectrix.supervise.python_stacks import NoStacks, Shorten, Stacks, find_py_spy, sample
from bisectrix.supervise.sockets import look_at_sockets
from bisectrix.supervise.task_dumps import Dump, NoDump, ask_for_stacks, ask_for_tasks
from bisectrix.supervise.task_tree import TaskTree, ask_interpreter, interpreter_with_tool, running_tasks

SAMPLING_SHARE = 0.5
"""Of the time given, what py-spy may use; the probe has the rest, less what faulthandler needs."""

FAULTHANDLER_S = 1.0

_PYTHON = re.compile(r"(python|pypy)[\d.]*t?")

Looks: TypeAlias = dict[int, Stacks | NoStacks]
Dumps: TypeAlias = dict[int, Dump | NoDump]


def collect(
    pids: Sequence[int], scratch: Path, evidence_dir: Path, *, deadline_s: float, native: bool = False
) -> tuple[tuple[Chain, ...], tuple[EvidenceFile, ...]]:
    """Write a file for each kind of evidence that only a living process gives, and return the chains in them.

    The probe makes the processes run a little, so nothing may be concluded from their state afterwards.

    Args:
        pids: processes of the cell, the first one first.
        scratch: folder of the execution, in which the probe answers.
        evidence_dir: made when missing.
        deadline_s: longest time all of it may take.
        native: stacks show what lies in C, too; the chains returned do not.

    Returns:
        Await chains, then the stacks of main threads, then those of other threads; and the files.
    """
    started = time.monotonic()
    evidence_dir.mkdir(parents=True, exist_ok=True)
    held = {
        EvidenceKind.PROCESSES: evidence_text.processes(pids),
        EvidenceKind.LOCKS: resource_text.locks(look_at_locks(pids)),
        EvidenceKind.SOCKETS: resource_text.sockets(look_at_sockets(pids)),
    }
    python_pids = [pid for pid in pids if is_python(pid)]
    name = partial(_shorten_below, (str(scratch), *(proc.link(f"/proc/{pid}/cwd") for pid in python_pids)))

    looks = _sample(python_pids, name, until=started + SAMPLING_SHARE * deadline_s, native=native)
    folder, until = dump_folder(scratch), started + deadline_s
    dumps = ask_for_tasks(python_pids, folder, name, until=until - FAULTHANDLER_S)
    looks |= _second_opinions(looks, dumps, folder, name, until=until)
    running = _running_tasks(looks, dumps)

    texts = {
        **held,
        EvidenceKind.STACKS: evidence_text.stacks(looks),
        EvidenceKind.TASKS: evidence_text.tasks({**dumps, **_trees(dumps, name, until=until)}, running),
    }
    return (*running, *_chains(looks, dumps)), tuple(_write(kind, text, evidence_dir) for kind, text in texts.items())


def _shorten_below(roots: tuple[str, ...], file: str) -> str:
    return shorten(file, *roots)


def is_python(pid: int) -> bool:
    """Tell a Python by its executable, or by the library it has loaded."""
    executable = proc.link(f"/proc/{pid}/exe").rpartition("/")[2]
    return bool(_PYTHON.fullmatch(executable)) or b"/libpython" in proc.read(f"/proc/{pid}/maps")


def _sample(pids: Sequence[int], name: Shorten, *, until: float, native: bool) -> Looks:
    py_spy, looks = find_py_spy(), Looks()
    for pid in pids:
        left_s = until - time.monotonic()
        if left_s > 0:
            looks[pid] = sample(py_spy, pid, name, within_s=left_s, native=native)
        else:
            looks[pid] = NoStacks(reason="no time was left")
    return looks


def _second_opinions(looks: Looks, dumps: Dumps, folder: Path, name: Shorten, *, until: float) -> Looks:
    """Find other witnesses for the processes that py-spy saw nothing or too little of: the probe, else faulthandler."""
    found: Looks = {}
    for pid, look in looks.items():
        match look, dumps[pid]:
            case NoStacks(), Dump(threads=threads):
                found[pid] = Stacks(source=f"the probe, for {look.reason}", threads=threads)
            case Stacks(has_main=False), Dump(threads=threads):
                found[pid] = replace(
                    look,
                    source=f"the probe and {look.source}, which saw one of several interpreters",
                    threads=(*threads, *look.threads),
                    native=(*threads, *look.native) if look.native else (),
                )
            case NoStacks(), NoDump() if time.monotonic() < until:
                witness = ask_for_stacks(pid, folder, name, until=until)
                found[pid] = witness if isinstance(witness, Stacks) else look
    return found


def _running_tasks(looks: Looks, dumps: Dumps) -> tuple[Chain, ...]:
    """Return, of the processes whose probe said nothing, the tasks on whose work their loops wait."""
    silent = [look for pid, look in looks.items() if isinstance(look, Stacks) and isinstance(dumps[pid], NoDump)]
    return tuple(chain for look in silent for chain in running_tasks(look.threads))


def _trees(dumps: Dumps, name: Shorten, *, until: float) -> dict[int, TaskTree]:
    """Ask the interpreters that can show the tasks of the processes whose probe said nothing."""
    trees = {}
    for pid in [pid for pid, dump in dumps.items() if isinstance(dump, NoDump)]:
        interpreter, left_s = interpreter_with_tool(pid), until - time.monotonic()
        tree = ask_interpreter(interpreter, pid, name, within_s=left_s) if interpreter and left_s > 0 else None
        if tree:
            trees[pid] = tree
    return trees


def _chains(looks: Looks, dumps: Dumps) -> tuple[Chain, ...]:
    awaits = [
        chain for dump in dumps.values() if isinstance(dump, Dump) for chain in await_chains(dump.tasks, dump.pid)
    ]
    threads = [look.threads for look in looks.values() if isinstance(look, Stacks)]
    mains = [chain for chains in threads for chain in chains[:1]]
    others = [chain for chains in threads for chain in chains[1:]]
    return tuple(chain for chain in (*awaits, *mains, *others) if chain.frames)


def _write(kind: EvidenceKind, text: str, folder: Path) -> EvidenceFile:
    path = folder / f"{kind}.txt"
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return EvidenceFile(kind=kind, path=path)
