"""What an environment and a cell's variables must hold for the in-cell probe to work."""

from __future__ import annotations

from pathlib import Path

from bisectrix.supervise.order import Order

PTH_NAME = "_bisectrix_probe.pth"
PTH_TEXT = r"""import os; exec('try:\n from _frozen_importlib_external import SourceFileLoader as Loader\n exec(Loader("bisectrix_probe", os.environ["BISECTRIX_PROBE"]).get_code("bisectrix_probe"), {})\nexcept BaseException: pass') if "BISECTRIX_PROBE" in os.environ else None
"""
"""One line that does nothing without its variable; the loader spares the cell a compilation of 2 ms."""

PROBE = Path(__file__).parents[1] / "probe" / "tasks.py"


def dump_folder(scratch: Path) -> Path:
    """Return the folder in which the processes of a cell leave their answers; the probe makes it."""
    return scratch / "probe"


def probe_variables(order: Order) -> dict[str, str]:
    """Return what wakes the probe in every Python that the cell starts in an environment with the `.pth`."""
    return {"BISECTRIX_PROBE": str(PROBE), "BISECTRIX_PROBE_DIR": str(dump_folder(order.scratch))}
