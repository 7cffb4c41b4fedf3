"""Programs put together at random from steps that wait for each other: each knows whether it hangs.

    python -m support.generated 4711 hangs

prints the program of a seed. The steps form a chain: each waits for the one before it and signals the next. In a
healthy program the first one waits for something that ends by itself. In one that hangs, a step waits for a later one,
or for a signal that nobody sends.
"""

from __future__ import annotations

import random
import sys
import textwrap
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, TypeAlias

BLOCKS = Path(__file__).parents[1] / "hostile" / "blocks.toml"

SHORTEST_S, LONGEST_S = 0.4, 3.5
"""A source lasts so long; a proof takes between one and two seconds."""

_HEADER = """import asyncio, concurrent.futures, ctypes, fcntl, multiprocessing, os, queue, select, signal, socket
import socketserver, struct, subprocess, sys, threading, time
libc, librt = ctypes.CDLL(None, use_errno=True), ctypes.CDLL("librt.so.1", use_errno=True)
root, signals = os.getpid(), iter(range(signal.SIGRTMIN + 3, signal.SIGRTMAX - 4))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
"""
_PROCESSES = """

def run(steps, bystanders):
    for bystander in bystanders:
        threading.Thread(target=bystander, daemon=True).start()
    threads = [threading.Thread(target=step) for step in steps[:-1]]
    for thread in threads:
        thread.start()
    steps[-1]()
    for thread in threads:
        thread.join()


children = []
for steps in processes[1:]:
    pid = os.fork()
    if not pid:
        code = 1
        try:
            run(steps, [])
            code = 0
        finally:
            os._exit(code)
    children.append(pid)
run(processes[0], bystanders)
assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * len(children)
print("done", flush=True)
"""
_TASKS = """

asyncio.run(main())
print("done", flush=True)
"""

Block: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A program and the truth about it.

    Attributes:
        hangs: it never ends.
        polls: something in it runs by a timer again and again.
        blocks: what it is put together from, as blocks.toml names it.
    """

    seed: int
    text: str
    hangs: bool
    polls: bool
    blocks: tuple[str, ...]


def generate(seed: int, *, hangs: bool) -> Program:
    """Put together the program of a seed."""
    return _Maker(seed, hangs=hangs).program()


@cache
def _blocks() -> Mapping[str, Mapping[str, Block]]:
    return tomllib.loads(BLOCKS.read_text(encoding="utf-8"))


@dataclass(slots=True)
class _Step:
    """One step: the process it is in, what it waits for in order, and whom it signals at its end."""

    process: int
    waits: list[str] = field(default_factory=list)
    signals: list[str] = field(default_factory=list)

    @property
    def lines(self) -> str:
        return "\n".join((*self.waits, *self.signals)) or "pass"


class _Maker:
    """Draws one program."""

    def __init__(self, seed: int, *, hangs: bool) -> None:
        self._seed = seed
        self._hangs = hangs
        self._random = random.Random(f"{seed} {hangs}")  # noqa: S311 - programs, not secrets
        self._tasks = self._one_in(4)
        self._setups: list[str] = []
        self._used: list[str] = []
        self._polls = False

    def program(self) -> Program:
        """Draw the steps, join them, and write them down."""
        steps = self._steps()
        self._give_sources(steps)
        for waiter, signaller in self._order(steps):
            self._join(waiter, signaller)
        text = self._text_of_tasks(steps) if self._tasks else self._text_of_processes(steps, self._bystanders())
        return Program(
            seed=self._seed,
            text=_HEADER + text,
            hangs=self._hangs,
            polls=self._polls,
            blocks=tuple(self._used),
        )

    def _one_in(self, count: int) -> bool:
        return self._random.randrange(count) == 0

    def _steps(self) -> list[_Step]:
        processes = 1 if self._tasks else self._random.choice((1, 1, 2, 3))
        count = self._random.randint(max(2, processes), 6)
        places = [*range(processes), *(self._random.randrange(processes) for _ in range(count - processes))]
        self._random.shuffle(places)
        return [_Step(process=place) for place in places]

    def _give_sources(self, steps: Sequence[_Step]) -> None:
        """Let the first step of a healthy program, and some steps of any, wait for something that ends by itself."""
        if not self._hangs:
            self._wait_for_source(steps[0], self._random.uniform(SHORTEST_S, LONGEST_S))
        for step in steps[1:]:
            if self._one_in(4):
                self._wait_for_source(step, self._random.uniform(0.05, SHORTEST_S))

    def _order(self, steps: Sequence[_Step]) -> list[tuple[_Step, _Step]]:
        """Return who waits for whom, in the order in which they do."""
        chain = list(zip(steps[1:], steps, strict=False))
        if not self._hangs:
            return chain
        waiter = self._random.randrange(len(steps) - 1)
        never = _Step(process=steps[waiter].process)
        return [(steps[waiter], never if self._one_in(3) else self._random.choice(steps[waiter + 1 :])), *chain]

    def _join(self, waiter: _Step, signaller: _Step) -> None:
        across = waiter.process != signaller.process
        chosen, link = self._draw(
            "task_links" if self._tasks else "links",
            lambda link: (not across or link.get("across")) and (waiter.process == 0 or not link.get("root")),
        )
        self._setup(link, n=chosen)
        waiter.waits.append(_filled(link["wait"], n=chosen))
        signaller.signals.append(_filled(link["signal"], n=chosen))

    def _wait_for_source(self, step: _Step, seconds: float) -> None:
        chosen, source = self._draw(
            "task_sources" if self._tasks else "sources", lambda source: not (self._hangs and source.get("polls"))
        )
        self._setup(source, n=chosen, t=f"{seconds:.2f}")
        step.waits.append(_filled(source["wait"], n=chosen, t=f"{seconds:.2f}"))

    def _bystanders(self) -> list[str]:
        """Return what goes on beside the steps of the first process; in most programs nothing does."""
        if self._tasks or not self._one_in(3):
            return []
        chosen, bystander = self._draw("bystanders", lambda _: True)
        return [_filled(bystander["run"], n=chosen)]

    def _draw(self, kind: str, fits: Callable[[Block], object]) -> tuple[str, Block]:
        """Return one of the fitting blocks, with a name for what it makes."""
        block, values = self._random.choice([item for item in _blocks()[kind].items() if fits(item[1])])
        self._used.append(block)
        self._polls |= values.get("polls", False)
        return f"{block}_{len(self._used)}", values

    def _setup(self, block: Block, **values: str) -> None:
        if "setup" in block:
            self._setups.append(_filled(block["setup"], **values))

    def _text_of_processes(self, steps: Sequence[_Step], bystanders: Sequence[str]) -> str:
        functions = [_function(f"def step_{number}", step.lines) for number, step in enumerate(steps)]
        functions += [_function("def bystander", text) for text in bystanders]
        processes = [
            ", ".join(f"step_{number}" for number, step in enumerate(steps) if step.process == process)
            for process in range(1 + max(step.process for step in steps))
        ]
        rows = ", ".join(f"[{row}]" for row in processes)
        lists = f"\n\nprocesses = [{rows}]\nbystanders = [{', '.join('bystander' for _ in bystanders)}]"
        return "\n".join((*self._setups, *functions, lists, _PROCESSES))

    def _text_of_tasks(self, steps: Sequence[_Step]) -> str:
        functions = [_function(f"async def step_{number}", step.lines) for number, step in enumerate(steps)]
        calls = ", ".join(f"step_{number}()" for number in range(len(steps)))
        return (
            _function("async def main", "\n".join((*self._setups, *functions, f"await asyncio.gather({calls})")))
            + _TASKS
        )


def _function(head: str, lines: str) -> str:
    return f"\n\n{head}():\n{textwrap.indent(lines, '    ')}"


def _filled(text: str, **values: str) -> str:
    return Template(text).substitute(values).strip("\n")


def main(seed: str, kind: str) -> None:
    """Print the program of a seed, healthy or one that hangs."""
    sys.stdout.write(generate(int(seed), hangs=kind == "hangs").text)


if __name__ == "__main__":
    main(*sys.argv[1:])
