"""What an environment and a cell's variables must hold for the in-cell probe to work."""

from __future__ import annotations

from pathlib import Path

from bisectrix.supervise.order import Order

PTH_NAME = "_bisectrix_probe.pth"
PTH_TEXT = r"""import os; exec('try:\n from _frozen_importlib_external import SourceFileLoader as Loader\n exec(Loader("bisectrix_probe", os.environ["BISECTRIX_PROBE"]).get_code("bisectrix_probe"), {})\nexcept BaseException: pass') if "BISECTRIX_PROBE" in os.environ else None
"""
"""One line that does nothing without its variable; the loader spares the cell a compilation of 2 ms."""

PROBE = Path(__file__).parents[1] / "probe" / "tasks.py"

SCRATCH_INSIDE = Path("/cell")
"""Where a container has the scratch of an attempt: a file system of its own, in memory and of bounded size."""

PROBE_FOLDER_INSIDE = Path("/bisectrix")
"""Where a container has the folder of the probe."""


def dump_folder(scratch: Path) -> Path:
    """Return the folder in which the processes of a cell leave their answers; the probe makes it."""
    return scratch / "probe"


def probe_variables(order: Order) -> dict[str, str]:
    """Return what wakes the probe in every Python that the cell starts in an environment with the `.pth`."""
    probe = PROBE if order.inside is None else PROBE_FOLDER_INSIDE / PROBE.name
    dumps = order.seen_inside(dump_folder(order.scratch))
    return {"BISECTRIX_PROBE": str(probe), "BISECTRIX_PROBE_DIR": str(dumps)}
