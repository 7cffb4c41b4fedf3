"""Which task waits for which: the forest of tasks and its await chains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bisectrix.model.attempt import Chain, Frame
from bisectrix.supervise.task_dumps import Task

_DEEPEST = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A task with the tasks it waits for."""

    task: Task
    inner: tuple[Node, ...]


def forest(tasks: tuple[Task, ...]) -> tuple[Node, ...]:
    """Return the tasks that nobody waits for, with what they wait for below them.

    Each task stands once, below the first that waits for it. Of tasks that wait for each other in a circle the
    first stands at the top, and so does what lies deeper than a hundred tasks.
    """
    by_number = {task.number: task for task in tasks}
    awaited = {number for task in tasks for number in task.awaits}
    placed: set[int] = set()

    def place(task: Task, depth: int = 0) -> Node:
        placed.add(task.number)
        awaits = task.awaits if depth < _DEEPEST else ()
        inner = [place(by_number[n], depth + 1) for n in awaits if n in by_number and n not in placed]
        return Node(task=task, inner=tuple(inner))

    roots = [place(task) for task in tasks if task.number not in awaited]
    rest = [place(task) for task in tasks if task.number not in placed]
    return (*roots, *rest)


def await_chains(tasks: tuple[Task, ...], pid: int) -> tuple[Chain, ...]:
    """Return one chain for each task that waits for no other, from the outermost task down to it."""
    return tuple(_chains(forest(tasks), pid, ()))


def _chains(nodes: tuple[Node, ...], pid: int, outer: tuple[Frame, ...]) -> Iterator[Chain]:
    for node in nodes:
        frames = outer + node.task.frames
        if node.inner:
            yield from _chains(node.inner, pid, frames)
        else:
            yield Chain(owner=node.task.name, kind="task", process=pid, frames=frames)
