"""Which package changes make the difference between two cells, one file for each pair, committed beside the findings."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bisectrix.errors import StoreError
from bisectrix.model.delta import DeltaRecord
from bisectrix.record.files import write_if_new
from bisectrix.record.portable import portable_file

RECORD = TypeAdapter(DeltaRecord)
NAME_LENGTH = 8


def save(folder: Path, record: DeltaRecord) -> None:
    """Write it down in place of an earlier one between the same two cells."""
    pair = hashlib.sha256(f"{record.good}\n{record.bad}".encode()).hexdigest()[:NAME_LENGTH]
    write_if_new(folder / f"{record.repro}.{pair}.json", portable_file(RECORD, record))


def load(folder: Path, repro: str) -> tuple[DeltaRecord, ...]:
    """Return what was recorded of a repro, by the names of the cells.

    Raises:
        StoreError: a file is broken.
    """
    records = (_read(file) for file in folder.glob(f"{repro}.*.json"))
    return tuple(sorted((each for each in records if each.repro == repro), key=lambda each: (each.good, each.bad)))


def _read(file: Path) -> DeltaRecord:
    try:
        return RECORD.validate_json(file.read_bytes())
    except ValidationError as error:
        raise StoreError(f"no delta: {error.errors()[0]['msg']}", place=str(file), hint="run it again") from None
