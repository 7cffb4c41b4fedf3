"""What bisections found, one file for each repro, matrix, axis and face, committed beside the findings."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bisectrix.errors import StoreError
from bisectrix.model.bisection import BisectionRecord
from bisectrix.record.files import write_if_new
from bisectrix.record.portable import portable_file

RECORD = TypeAdapter(BisectionRecord)
FACE_DIGITS = 8


def save(folder: Path, record: BisectionRecord) -> None:
    """Write a bisection down in place of an earlier one over the same axis for the same face."""
    face = hashlib.sha256(record.shows.encode()).hexdigest()[:FACE_DIGITS] if record.shows else ""
    name = ".".join(filter(None, (record.repro, record.matrix, record.axis, face)))
    write_if_new(folder / f"{name}.json", portable_file(RECORD, record))


def load(folder: Path, repro: str) -> tuple[BisectionRecord, ...]:
    """Return what was recorded of a repro, by axis.

    Raises:
        StoreError: a file is broken.
    """
    records = (_read(file) for file in sorted(folder.glob(f"{repro}.*.json")))
    return tuple(record for record in records if record.repro == repro)


def _read(file: Path) -> BisectionRecord:
    try:
        return RECORD.validate_json(file.read_bytes())
    except ValidationError as error:
        raise StoreError(f"no bisection: {error.errors()[0]['msg']}", place=str(file), hint="run it again") from None
