"""Whatever waits for whatever: each task stands in the forest once."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from bisectrix.supervise.await_tree import Node, forest
from bisectrix.supervise.task_dumps import Task


def walk(nodes: tuple[Node, ...]) -> Iterator[int]:
    for node in nodes:
        yield node.task.number
        yield from walk(node.inner)


@given(st.lists(st.sets(st.integers(0, 11)), max_size=12))
def test_every_task_stands_once_whatever_waits_for_whatever(awaits: list[set[int]]) -> None:
    tasks = tuple(
        Task(number=number, name=str(number), state="waiting", waits_for="", awaits=tuple(inner), frames=())
        for number, inner in enumerate(awaits)
    )
    assert sorted(walk(forest(tasks))) == list(range(len(awaits)))
