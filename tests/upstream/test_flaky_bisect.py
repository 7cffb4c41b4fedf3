"""A race on real packages: the hang of vcrpy 8.0.0 to 8.1.1, but only in three of ten runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEADLINE_S = 1500
SHARE = 0.3

pytestmark = [pytest.mark.upstream, pytest.mark.slow]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose only repro makes one request too many in a share of its runs; the dice know the attempt only."""
    text = (ROOT / "repros" / "vcr-pool.py").read_text(encoding="utf-8")
    unlucky = f"random.Random(os.environ['BISECTRIX_ATTEMPT']).random() < {SHARE}"
    racy = text.replace("range(1, CONNECTIONS + 2)", f"range(1, CONNECTIONS + (2 if {unlucky} else 1))")
    racy = racy.replace("import asyncio\n", "import asyncio\nimport os\nimport random\n", 1)
    racy = racy.replace("# attempts = 1\n", "# attempts = 10\n")
    racy = re.sub(r"# matrices = .*\n", "", racy)
    assert racy.count(unlucky) == 1
    (tmp_path / "repros").mkdir()
    (tmp_path / "repros" / "racy.py").write_text(racy, encoding="utf-8")
    return tmp_path


def test_a_flaky_hang_is_bisected_to_both_of_its_releases(project: Path) -> None:
    words = ("bisect", "racy", "--package", "vcrpy", "--bad", "8.1.1", "--within", ">=4.4", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "bisectrix", *words],
        cwd=project,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)

    found = {each["direction"]: (each["last_good"], each["first_bad"]) for each in record["boundaries"]}
    assert found == {"introduced": ("7.0.0", "8.0.0"), "fixed": ("8.2.0", "8.1.1")}
    assert all(each["confidence"] >= 0.95 for each in record["boundaries"])
    assert all(0.1 < each["rate"] < 0.6 for each in record["boundaries"])
