"""Tasks as a forest, and the chains through it."""

from __future__ import annotations

from bisectrix.model.attempt import Frame
from bisectrix.supervise.await_tree import Node, await_chains, forest
from bisectrix.supervise.task_dumps import Task


def task(number: int, *awaits: int) -> Task:
    frames = (Frame(file="program.py", function=f"f{number}", line=number),)
    return Task(number=number, name=f"Task-{number}", state="waiting", waits_for="", awaits=awaits, frames=frames)


def numbers(node: Node) -> object:
    return (node.task.number, [numbers(inner) for inner in node.inner])


def chains(*tasks: Task) -> list[tuple[str, list[str]]]:
    return [(chain.owner, [frame.function for frame in chain.frames]) for chain in await_chains(tasks, 1)]


def test_a_chain_goes_from_the_outermost_task_down_to_one_that_waits_for_no_other() -> None:
    assert chains(task(1, 2, 3), task(2), task(3, 4), task(4)) == [
        ("Task-2", ["f1", "f2"]),
        ("Task-4", ["f1", "f3", "f4"]),
    ]


def test_a_task_that_two_wait_for_stands_below_the_first() -> None:
    assert [numbers(node) for node in forest((task(1, 3), task(2, 3), task(3)))] == [(1, [(3, [])]), (2, [])]


def test_tasks_that_wait_for_each_other_still_have_a_chain() -> None:
    assert chains(task(1, 2), task(2, 1)) == [("Task-2", ["f1", "f2"])]


def test_a_task_that_is_not_among_those_told_is_left_out() -> None:
    assert chains(task(1, 99)) == [("Task-1", ["f1"])]


def test_a_line_of_a_thousand_tasks_is_cut_into_pieces_and_loses_none() -> None:
    line = tuple(task(number, number + 1) for number in range(1000))
    told = chains(*line)
    assert [frame for _, frames in told for frame in frames] == [f"f{number}" for number in range(1000)]
    assert max(len(frames) for _, frames in told) <= 101
