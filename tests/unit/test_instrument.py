"""What an environment and the variables of a cell must hold."""

from __future__ import annotations

from pathlib import Path

from bisectrix.model.repro import Limits
from bisectrix.supervise.instrument import PROBE, PTH_TEXT, probe_variables
from bisectrix.supervise.order import Order
from support.probed import probed_variables


def test_the_pth_file_is_one_line_that_start_up_executes() -> None:
    assert PTH_TEXT.startswith("import ")
    assert PTH_TEXT.count("\n") == 1
    assert PTH_TEXT.endswith("\n")


def test_the_variables_name_the_probe_and_a_folder_in_the_scratch() -> None:
    scratch = Path("/scratch")
    order = Order(argv=(), env=(), cwd=scratch, scratch=scratch, evidence_dir=scratch, limits=Limits())
    assert PROBE.is_file()
    assert probe_variables(order) == {"BISECTRIX_PROBE": str(PROBE), "BISECTRIX_PROBE_DIR": "/scratch/probe"}
    assert probe_variables(order) == probed_variables(scratch)
