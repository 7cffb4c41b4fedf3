"""Evidence by content."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.model.words import EvidenceKind
from bisectrix.record.blobs import Blobs


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "evidence")


def file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "stdout.txt"
    path.write_bytes(content)
    return path


def test_a_file_is_stored_under_its_hash(blobs: Blobs, tmp_path: Path) -> None:
    evidence = blobs.put(EvidenceKind.STDOUT, file(tmp_path, b"hello"))
    assert evidence.sha256 == hashlib.sha256(b"hello").hexdigest()
    assert evidence.size_bytes == 5
    assert (blobs.folder / evidence.sha256[:2] / evidence.sha256[2:]).read_bytes() == b"hello"
    assert blobs.get(evidence.sha256) == b"hello"
    assert blobs.has(evidence.sha256)


def test_the_same_content_is_stored_once(blobs: Blobs, tmp_path: Path) -> None:
    kinds = (EvidenceKind.STDOUT, EvidenceKind.STDERR)
    one, two = (blobs.put(kind, file(tmp_path, b"same")) for kind in kinds)
    assert one.sha256 == two.sha256
    assert len([path for path in blobs.folder.rglob("*") if path.is_file()]) == 1


def test_content_is_kept_under_its_hash(blobs: Blobs) -> None:
    assert blobs.get(blobs.keep(b"hello")) == b"hello"


def test_text_that_is_not_utf8_is_still_text(blobs: Blobs, tmp_path: Path) -> None:
    evidence = blobs.put(EvidenceKind.STDOUT, file(tmp_path, b"a\xffb"))
    assert blobs.text(evidence.sha256) == "a\N{REPLACEMENT CHARACTER}b"


def test_evidence_of_another_machine_is_missed_with_a_hint(blobs: Blobs) -> None:
    with pytest.raises(InfraError, match="not on this machine") as missing:
        blobs.get("ab" * 32)
    assert "--rerun" in missing.value.hint


def test_evidence_that_was_changed_is_not_believed(blobs: Blobs, tmp_path: Path) -> None:
    evidence = blobs.put(EvidenceKind.STDOUT, file(tmp_path, b"hello"))
    (blobs.folder / evidence.sha256[:2] / evidence.sha256[2:]).write_bytes(b"other")
    with pytest.raises(InfraError, match="not what its name says"):
        blobs.get(evidence.sha256)


def test_a_full_disk_is_our_failure_and_leaves_nothing_half_written(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InfraError, match="No space left"):
        blobs.put(EvidenceKind.STDOUT, file(tmp_path, b"hello"))
    assert [path for path in blobs.folder.rglob("*") if path.is_file()] == []
