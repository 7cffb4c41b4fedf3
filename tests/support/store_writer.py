"""Writes attempts into a store for ever (or COUNT of them), saying each number once it is safe: PATH KEY [COUNT]."""

from __future__ import annotations

import itertools
import sys
from datetime import UTC, datetime
from pathlib import Path

from bisectrix.record.store import Store
from support.results import attempt, cell


def main(path: str, key: str, count: str = "") -> None:
    with Store.open(Path(path)) as store:
        run = store.begin_run(command="writer", started_at=datetime.now(UTC))
        for number in itertools.islice(itertools.count(1), int(count) if count else None):
            store.save_attempt(run, cell(python="3.11"), "full", key, "sha", attempt(number=number))
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
