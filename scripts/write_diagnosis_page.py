"""Write the rules into docs/diagnosis.md, below its mark."""

from __future__ import annotations

from pathlib import Path

from bisectrix.cli.rules import rules_of
from bisectrix.diagnose.page import rules_section

PAGE = Path(__file__).parents[1] / "docs" / "diagnosis.md"
MARK = "<!-- From here on written by scripts/write_diagnosis_page.py from src/bisectrix/diagnose/rules/. -->\n"

if __name__ == "__main__":
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(f"{head}{MARK}\n{rules_section(rules_of(None)).rstrip()}\n", encoding="utf-8")
