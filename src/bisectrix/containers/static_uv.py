"""A uv that runs in every image of this machine's kind: the static one, from its wheel for musl."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import threading
import zipfile
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version
from pypi_simple import DistributionPackage

from bisectrix.errors import InfraError
from bisectrix.resolve.pages import content_of, files_of
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.resolve.wheels import platform_tags

LARGEST_MIB = 200
EXECUTABLE = 0o755


class StaticUv:
    """A static uv of the same version as ours, fetched when it is first needed, once for all runs."""

    def __init__(self, uv: Uv, machine: str, cache: Path) -> None:
        """Prepare.

        Args:
            uv: the one that resolves.
            machine: `x86_64`.
            cache: a folder of ours.
        """
        self._uv = uv
        self._machine = machine
        self._cache = cache
        self._guard = threading.Lock()

    def folder(self) -> Path:
        """Return a folder that holds it and nothing else; where the index does not have it, ours, which needs glibc."""
        folder = self._cache / f"uv-{self._uv.version}-{self._machine}"
        with self._guard:
            if (folder / "uv").is_file():
                return folder
            try:
                content = _unpacked(_wheel(self._uv, self._machine), self._uv.settings)
            except InfraError:
                folder, content = folder.with_name(f"{folder.name}-glibc"), self._uv.path.read_bytes()
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / "uv", content)
        return folder


def _wheel(uv: Uv, machine: str) -> DistributionPackage:
    wanted = set(platform_tags(machine, "musl 1.2"))
    fitting = [file for file in files_of("uv", uv.settings) or () if _fits(file, uv.version, wanted)]
    if not fitting:
        hint = "use an index that has it; cells on the host do not need it"
        raise InfraError(f"the package index has no static uv {uv.version} for {machine}", hint=hint)
    return min(fitting, key=lambda file: file.filename)


def _fits(file: DistributionPackage, version: str, platforms: Iterable[str]) -> bool:
    try:
        _, found, _, tags = parse_wheel_filename(file.filename)
    except InvalidWheelFilename:
        return False
    return found == Version(version) and any("musl" in tag.platform and tag.platform in platforms for tag in tags)


def _unpacked(file: DistributionPackage, settings: IndexSettings) -> bytes:
    content = content_of(file, settings, most_mib=LARGEST_MIB)
    expected = file.digests.get("sha256")
    if expected and hashlib.sha256(content).hexdigest() != expected:
        raise InfraError("this file is not what the package index promised", place=file.filename)
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        name = next((name for name in wheel.namelist() if name.endswith(".data/scripts/uv")), "")
        if not name:
            raise InfraError("there is no uv in this file", place=file.filename)
        return wheel.read(name)


def _write(file: Path, content: bytes) -> None:
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=".")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    Path(draft).chmod(EXECUTABLE)
    Path(draft).replace(file)
