"""A harness that is killed at any moment leaves nothing alive, and a store from which the next run goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parents[2] / "scripts" / "soak_kill.py"


@pytest.mark.slow
def test_a_harness_killed_again_and_again_leaves_nothing_and_goes_on() -> None:
    command = [sys.executable, str(SOAK), "--kills", "5", "--seed", "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
