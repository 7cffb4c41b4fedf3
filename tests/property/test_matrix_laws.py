"""Laws of expansion and of estimates that hold for any matrix."""

from __future__ import annotations

import math
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bisectrix.matrix.estimate import expected_s
from bisectrix.matrix.expand import expand
from bisectrix.matrix.selection import parse_selection
from bisectrix.model.matrix import Axis, Exclusion, Matrix
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.words import AxisKind, BugKind, MatrixSet

REPRO = Repro(name="r", path=Path("r.py"), title="", bug=Bug(kind=BugKind.HANG))

AXES = st.dictionaries(
    st.sampled_from(["python", "vcrpy", "httpx", "MODE"]),
    st.lists(st.sampled_from(["1.0", "2.0", "3.0", "4.0"]), min_size=1, unique=True),
    max_size=4,
)


def matrix(axes: dict[str, list[str]], exclude: tuple[Exclusion, ...] = ()) -> Matrix:
    lines = (Axis(name=name, kind=AxisKind.PACKAGE, values=tuple(values)) for name, values in axes.items())
    return Matrix(name="m", title="", set=MatrixSet.FULL, axes=tuple(lines), exclude=exclude)


@given(AXES)
def test_a_matrix_has_as_many_cells_as_the_product_of_its_axes(axes: dict[str, list[str]]) -> None:
    cells = expand(REPRO, matrix(axes), {}).cells
    assert len(set(cells)) == len(cells) == math.prod(map(len, axes.values()))


@given(AXES, st.sampled_from(["1.0", ">=2", "3.*", "*"]))
def test_every_cell_is_either_run_or_excluded_in_the_same_order(axes: dict[str, list[str]], pattern: str) -> None:
    exclude = tuple(Exclusion(where=((name, pattern),), reason="r") for name in list(axes)[:1])
    all_cells = expand(REPRO, matrix(axes), {}).cells
    plan = expand(REPRO, matrix(axes, exclude), {})
    excluded = {cell for cell, _ in plan.excluded}
    assert plan.cells == tuple(cell for cell in all_cells if cell not in excluded)
    assert tuple(cell for cell, _ in plan.excluded) == tuple(cell for cell in all_cells if cell in excluded)


@given(AXES, st.data())
def test_the_name_of_a_cell_selects_that_cell_alone(axes: dict[str, list[str]], data: st.DataObject) -> None:
    cells = expand(REPRO, matrix(axes), {}).cells
    chosen = data.draw(st.sampled_from(cells))
    assert [cell for cell in cells if parse_selection(chosen.name)(cell)] == [chosen]


@given(AXES)
def test_a_selection_and_its_opposite_share_the_cells_out(axes: dict[str, list[str]]) -> None:
    cells = expand(REPRO, matrix(axes), {}).cells
    chosen, others = parse_selection("vcrpy>=2 or 3.0"), parse_selection("not (vcrpy>=2 or 3.0)")
    assert all(chosen(cell) != others(cell) for cell in cells)


@given(st.lists(st.floats(0, 1000), max_size=30), st.integers(1, 8))
def test_the_time_lies_between_perfect_sharing_and_one_after_another(durations: list[float], workers: int) -> None:
    costs = {str(number): cost for number, cost in enumerate(durations)}
    expected = expected_s(dict.fromkeys(costs, 1), costs, workers)
    total, longest = sum(durations), max(durations, default=0)
    assert max(total / workers, longest) <= expected * (1 + 1e-9)
    assert expected <= (total + 1e-9) * (1 + 1e-9)
