"""Evidence as a person reads it: processes, stacks and tasks, the outermost first, places in one column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from bisectrix.model.attempt import Chain, Frame
from bisectrix.supervise import proc
from bisectrix.supervise.await_tree import Node, forest
from bisectrix.supervise.python_stacks import NoStacks, Stacks
from bisectrix.supervise.syscalls import wait_of
from bisectrix.supervise.task_dumps import Dump, Loop, NoDump, Task
from bisectrix.supervise.task_tree import TaskTree

_WIDEST_COMMAND = 200

_STATES: Mapping[str, str] = MappingProxyType(
    {
        "R": "running",
        "S": "sleeping",
        "D": "held by the kernel",
        "T": "stopped",
        "t": "traced",
        "Z": "ended and not collected",
        "X": "ended",
        "I": "idle",
        "": "gone",
    }
)


def stacks(looks: Mapping[int, Stacks | NoStacks]) -> str:
    """Return the stacks of all threads by process."""
    return joined(_process_stacks(pid, look) for pid, look in looks.items())


def _process_stacks(pid: int, look: Stacks | NoStacks) -> Iterator[str]:
    match look:
        case NoStacks(reason=reason):
            yield f"{title(pid)}: no stacks, {reason}"
        case Stacks(source=source, threads=threads, native=native):
            yield f"{title(pid)}: stacks by {source}, outermost call first{', with those of C' if native else ''}"
            for thread in native or threads:
                yield from ("", f"  {thread.owner}", *_places(thread.frames, "    "))


def tasks(dumps: Mapping[int, Dump | NoDump | TaskTree], running: Sequence[Chain] = ()) -> str:
    """Return loops and trees of tasks by process; of one that did not answer, the tasks that run in it."""
    return joined(
        _process_tasks(pid, dump, [chain for chain in running if chain.process == pid]) for pid, dump in dumps.items()
    )


def _process_tasks(pid: int, dump: Dump | NoDump | TaskTree, running: Sequence[Chain]) -> Iterator[str]:
    match dump:
        case NoDump(reason=reason):
            yield f"{title(pid)}: no tasks, {reason}"
            yield from _running_tasks(running, "; no other task is seen")
        case TaskTree(text=text):
            yield f"{title(pid)}: tasks by its own interpreter, for the probe did not answer"
            yield from (f"  {line}" for line in text.splitlines())
            yield from _running_tasks(running)
        case Dump():
            yield from _dumped_tasks(pid, dump)


def _running_tasks(running: Sequence[Chain], remark: str = "") -> Iterator[str]:
    for chain in running:
        yield from ("", f"  {chain.owner}, by the stack of its thread{remark}")
        yield from _places(chain.frames, "    ")


def _dumped_tasks(pid: int, dump: Dump) -> Iterator[str]:
    yield f"{title(pid)}: {_count(dump.task_count, 'unfinished task')}, Python {dump.python}"
    yield from (f"  {_loop(loop)}" for loop in dump.loops)
    for node in forest(dump.tasks):
        yield ""
        yield from _task_tree(node, "  ")
    if len(dump.tasks) < dump.task_count:
        yield from ("", f"  and {dump.task_count - len(dump.tasks)} more")


def _loop(loop: Loop) -> str:
    parts = [f"{loop.kind}, {'running' if loop.running else 'not running'}"]
    if loop.timers is not None:
        due = "" if loop.next_timer_s is None else f" (next in {loop.next_timer_s:.1f} s)"
        parts.append(f"{_count(loop.timers, 'timer')}{due}")
    if loop.ready is not None:
        parts.append(f"{loop.ready} ready")
    if loop.descriptors is not None:
        parts.append(f"watches descriptors {', '.join(map(str, loop.descriptors)) or 'none'}")
    return f"{parts[0]}: {', '.join(parts[1:]) or 'it does not tell its timers'}"


def _task_tree(node: Node, indent: str) -> Iterator[str]:
    yield f"{indent}{_headline(node.task)}"
    yield from _places(node.task.frames, f"{indent}{'│' if node.inner else ' '}  ")
    for inner in node.inner:
        last = inner is node.inner[-1]
        branch = list(_task_tree(inner, ""))
        yield f"{indent}{'└─ ' if last else '├─ '}{branch[0]}"
        yield from (f"{indent}{'   ' if last else '│  '}{line}" for line in branch[1:])


def _headline(task: Task) -> str:
    return ", ".join(filter(None, (_doing(task), task.scope)))


def _doing(task: Task) -> str:
    match task.state:
        case "waiting":
            return f"{task.name} waits for {task.waits_for or 'something unknown'}"
        case "running":
            return f"{task.name} runs now"
        case _:
            return f"{task.name} could go on, its loop has not come to it"


def processes(pids: Sequence[int]) -> str:
    """Return the tree of processes: state, system call and kernel function of the main thread, command line."""
    parents = {pid: _parent(pid) for pid in pids}
    roots = [pid for pid in pids if parents[pid] not in parents]
    return joined(_process_tree(root, parents, "") for root in roots)


def _process_tree(pid: int, parents: Mapping[int, int], indent: str) -> Iterator[str]:
    wait = wait_of(proc.read(f"/proc/{pid}/syscall").decode())
    inside = proc.read(f"/proc/{pid}/wchan").decode().strip("0\n")
    threads = len(proc.names(f"/proc/{pid}/task"))
    doing = " in ".join(part for part in (wait.call or wait.until, inside) if part)
    state = proc.state(pid)
    clauses = (_STATES.get(state, state), _count(threads, "thread"), doing)
    yield f"{indent}{pid} {', '.join(filter(None, clauses))}: {_command(pid)}"
    for child, parent in parents.items():
        if parent == pid:
            yield from _process_tree(child, parents, indent + "  ")


def _parent(pid: int) -> int:
    fields = proc.stat_fields(f"/proc/{pid}/stat")
    return int(fields[1]) if len(fields) > 1 else 0


def title(pid: int) -> str:
    """`process 4711, python app.py`."""
    return f"process {pid}, {_command(pid)}" if proc.state(pid) else f"process {pid}, which has ended"


def _command(pid: int) -> str:
    return shortened(proc.command_line(pid), _WIDEST_COMMAND)


def shortened(text: str, width: int) -> str:
    """Return at most `width` characters, cut between words: half a secret would not be recognised as one."""
    if len(text) <= width:
        return text
    head, blank, _ = text[: width + 1].rpartition(" ")
    return f"{head}{blank}…"


def _places(frames: Sequence[Frame], indent: str) -> Iterator[str]:
    places = [f"{frame.file}:{frame.line}" for frame in frames]
    width = max(map(len, places), default=0)
    for place, frame in zip(places, frames, strict=True):
        yield f"{indent}{place:{width}}  {frame.function}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def joined(sections: Iterable[Iterable[str]]) -> str:
    """Return sections with an empty line between them and nothing in them that would steer a terminal."""
    texts = ["\n".join(map(_printable, section)) for section in sections]
    return "\n\n".join(texts or ["no Python process"]) + "\n"


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in line)
