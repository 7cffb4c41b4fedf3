"""What lies in a capsule, a zip file or a folder of the same shape."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MANIFEST = "capsule.json"
WHEELS, REPRO, PROBE = "wheels", "repro", "probe"


class Contents:
    """The members by path; `facts` is what `capsule.json` says."""

    def __init__(self, root: Path) -> None:
        """Read the manifest of the capsule at `root`."""
        self.root = root
        self.facts: dict[str, Any] = json.loads(self.read(MANIFEST))

    def read(self, name: str) -> bytes:
        """Return one member."""
        if self.root.is_dir():
            return (self.root / name).read_bytes()
        with zipfile.ZipFile(str(self.root)) as archive:
            return archive.read(name)

    def damaged(self) -> Iterator[str]:
        """Yield each member that is missing or is not what the manifest says."""
        for name, sha256 in self.facts["members"].items():
            try:
                content = self.read(name)
            except (KeyError, OSError, zipfile.BadZipFile):
                yield name
            else:
                if hashlib.sha256(content).hexdigest() != sha256:
                    yield name

    def write(self, kind: str, folder: Path) -> None:
        """Write the members below `kind` to a folder."""
        for name in self.facts["members"]:
            first, _, rest = name.partition("/")
            if first == kind:
                target = folder / rest
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(self.read(name))

    def wheels(self) -> list[str]:
        """Return the file names of the wheels."""
        return [name.partition("/")[2] for name in self.facts["members"] if name.startswith(WHEELS + "/")]
