"""Evidence by content: a file is named by its hash, so it is stored once and never changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from bisectrix.errors import InfraError
from bisectrix.model.attempt import Evidence
from bisectrix.model.words import EvidenceKind
from bisectrix.record.files import failing_as_infra, write_whole


@dataclass(frozen=True, slots=True)
class Blobs:
    """The files below one folder, each as `ab/cdef...`."""

    folder: Path

    def keep(self, content: bytes) -> str:
        """Store `content`, durably, and return its hash.

        Raises:
            InfraError: the disk is full.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.has(sha256):
            write_whole(self._path(sha256), content)
        return sha256

    def put(self, kind: EvidenceKind, file: Path) -> Evidence:
        """Store a copy of `file`, durably, and return under which hash.

        Raises:
            InfraError: the disk is full, or `file` cannot be read.
        """
        with failing_as_infra(file, "cannot be read"):
            content = file.read_bytes()
        return Evidence(kind=kind, sha256=self.keep(content), size_bytes=len(content))

    def has(self, sha256: str) -> bool:
        """Say whether this machine has it; evidence is not part of a clone."""
        return self._path(sha256).is_file()

    def get(self, sha256: str) -> bytes:
        """Return the content.

        Raises:
            InfraError: it is not here, or is not what its name says.
        """
        file = self._path(sha256)
        try:
            content = file.read_bytes()
        except OSError as error:
            raise InfraError(
                f"this evidence is not on this machine: {error.strerror}",
                place=str(file),
                hint="run the cell again with --rerun to record it here",
            ) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise InfraError(
                "the content is not what its name says",
                place=str(file),
                hint="remove the file and run the cell again with --rerun",
            )
        return content

    def text(self, sha256: str) -> str:
        """Return the content as text, undecodable bytes replaced; raises as `get` does."""
        return self.get(sha256).decode(errors="replace")

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:]
