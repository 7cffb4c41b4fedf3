"""Expected texts kept as files; `WRITE_GOLDEN=1 pytest ...` writes them anew, and git shows what changed."""

from __future__ import annotations

import os
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden"


def assert_golden(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("WRITE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"{file} differs; WRITE_GOLDEN=1 writes it anew"
