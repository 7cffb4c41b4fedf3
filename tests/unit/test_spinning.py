"""Where a busy loop spins, from a few stacks."""

from __future__ import annotations

from bisectrix.model.attempt import Frame
from bisectrix.supervise.spinning import spin_place

MAIN = Frame(file="app.py", function="main", line=20)


def stack(*functions: str, line: int = 3) -> tuple[Frame, ...]:
    return (MAIN, *(Frame(file="app.py", function=function, line=line) for function in functions))


def test_the_place_is_the_innermost_function_that_all_samples_were_in() -> None:
    samples = [stack("spin", "parse"), stack("spin", "check"), stack("spin", line=4)]
    assert spin_place(samples) == "3 samples a second apart were in spin (app.py:3)"
    assert spin_place(samples[:1]) == "1 sample was in parse (app.py:3)"


def test_samples_with_nothing_in_common_and_none_at_all_name_no_place() -> None:
    other = (Frame(file="other.py", function="main", line=1),)
    assert spin_place([stack("spin"), other]) == ""
    assert spin_place([]) == ""
    assert spin_place([()]) == ""
