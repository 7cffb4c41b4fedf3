"""The planted packages as files of wheels and source releases, byte for byte the same every time."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tarfile
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from enum import StrEnum
from importlib.metadata import Distribution, requires
from pathlib import Path

from packaging.requirements import Requirement

PLANTED = Path(__file__).parents[1] / "planted"
LONG_AGO = (2024, 1, 1, 0, 0, 0)


class Form(StrEnum):
    """In what a release comes; packages.toml says what each means."""

    WHEEL = "wheel"
    FOREIGN_WHEEL = "foreign-wheel"
    SDIST = "sdist"
    UNBUILDABLE_SDIST = "unbuildable-sdist"
    UNINSTALLABLE_SDIST = "uninstallable-sdist"
    HANGING_SDIST = "hanging-sdist"
    SECRETIVE_HANGING_SDIST = "secretive-hanging-sdist"


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One version of a planted package.

    Attributes:
        files: what an installer puts into site-packages, by path.
        yanked: the reason; empty means it was not.
    """

    name: str
    version: str
    files: Mapping[str, bytes]
    uploaded: datetime
    requires: tuple[str, ...] = ()
    requires_python: str = ""
    yanked: str = ""
    form: Form = Form.WHEEL

    @property
    def stem(self) -> str:
        """`no_wheel-1.0`, with which its file names begin."""
        return f"{self.name.replace('-', '_')}-{self.version}"

    def metadata(self, version: str = "2.2") -> bytes:
        """Return the core metadata; below version 2.2 an installer of a source release must build to learn it."""
        message = Message()
        message["Metadata-Version"] = version
        message["Name"] = self.name
        message["Version"] = self.version
        for requirement in self.requires:
            message["Requires-Dist"] = requirement
        if self.requires_python:
            message["Requires-Python"] = self.requires_python
        return message.as_bytes()


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """What an index hands out of a release.

    Attributes:
        metadata: served beside a wheel (PEP 658); empty for a source release.
    """

    name: str
    content: bytes
    metadata: bytes
    release: Release

    @property
    def sha256(self) -> str:
        """Hex digest of the content."""
        return hashlib.sha256(self.content).hexdigest()


def planted_releases() -> tuple[Release, ...]:
    """Read packages.toml and the modules beside it."""
    packages = tomllib.loads((PLANTED / "packages.toml").read_text(encoding="utf-8"))
    return tuple(
        _planted(name, version, datetime(2024, month, 1, tzinfo=UTC), entry)
        for name, releases in packages.items()
        for month, (version, entry) in enumerate(releases.items(), start=1)
    )


def _planted(name: str, version: str, uploaded: datetime, entry: Mapping[str, str | list[str]]) -> Release:
    module = f"{name.replace('-', '_')}.py"
    code = (PLANTED / "packages" / module).read_text(encoding="utf-8")
    return Release(
        name=name,
        version=version,
        files={module: f'{code}\n\n__version__ = "{version}"\n'.encode()},
        uploaded=uploaded,
        requires=tuple(entry.get("requires", ())),
        requires_python=str(entry.get("requires_python", "")),
        yanked=str(entry.get("yanked", "")),
        form=Form(str(entry.get("form", Form.WHEEL))),
    )


def installed_release(name: str) -> Release:
    """Return a pure package of this very environment, pytest for example, so that an index can serve it offline."""
    distribution = Distribution.from_name(name)
    paths = [path for path in distribution.files or () if ".." not in path.parts and path.suffix != ".pyc"]
    return Release(
        name=name,
        version=distribution.version,
        files={str(path): Path(str(path.locate())).read_bytes() for path in paths if ".dist-info" not in path.parts[0]},
        uploaded=datetime(*LONG_AGO, tzinfo=UTC),
        requires=tuple(distribution.requires or ()),
    )


def with_dependencies(name: str) -> tuple[Release, ...]:
    """Return an installed package and all it needs here."""
    found: dict[str, Release] = {}
    wanted = [name]
    while wanted:
        if (name := wanted.pop()) not in found:
            found[name] = installed_release(name)
            wanted += [
                requirement.name for requirement in map(Requirement, requires(name) or ()) if _applies(requirement)
            ]
    return tuple(found.values())


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def build(release: Release) -> File:
    """Make the one file in which a release comes."""
    match release.form:
        case Form.WHEEL:
            return _wheel(release, "py3-none-any")
        case Form.FOREIGN_WHEEL:
            return _wheel(release, "py3-none-win_arm64")
        case form:
            metadata_version, backend = SDISTS[form]
            return _sdist(release, metadata_version=metadata_version, backend=backend)


def _wheel(release: Release, tag: str) -> File:
    info = f"{release.stem}.dist-info"
    wheel = f"Wheel-Version: 1.0\nGenerator: planted\nRoot-Is-Purelib: true\nTag: {tag}\n"
    members = {**release.files, f"{info}/METADATA": release.metadata(), f"{info}/WHEEL": wheel.encode()}
    record = [f"{path},sha256={_record_hash(content)},{len(content)}" for path, content in members.items()]
    members[f"{info}/RECORD"] = "\n".join((*record, f"{info}/RECORD,,\n")).encode()
    return File(name=f"{release.stem}-{tag}.whl", content=_zip(members), metadata=release.metadata(), release=release)


def _record_hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _zip(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in members.items():
            archive.writestr(zipfile.ZipInfo(path, date_time=LONG_AGO), content)
    return buffer.getvalue()


PYPROJECT = b'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
BROKEN_BACKEND = """
def build_wheel(*_):
    raise RuntimeError("no compiler for this planet")
"""
HANGING_BACKEND = """
import threading

def build_wheel(*_):
    threading.Event().wait()
"""
WORKING_BACKEND = """
import shutil

def build_wheel(folder, *_):
    return shutil.copy("{wheel}", folder).rpartition("/")[2]
"""


SDISTS = {
    Form.SDIST: ("2.2", WORKING_BACKEND),
    Form.UNBUILDABLE_SDIST: ("1.2", BROKEN_BACKEND),
    Form.UNINSTALLABLE_SDIST: ("2.2", BROKEN_BACKEND),
    Form.HANGING_SDIST: ("2.2", HANGING_BACKEND),
    Form.SECRETIVE_HANGING_SDIST: ("1.2", HANGING_BACKEND),
}


def _sdist(release: Release, *, metadata_version: str, backend: str) -> File:
    """Pack a source release that needs nothing to build: its backend lies in it, and so does the wheel it "builds"."""
    wheel = _wheel(release, "py3-none-any")
    members = {
        "PKG-INFO": release.metadata(metadata_version),
        "pyproject.toml": PYPROJECT,
        "backend.py": backend.replace("{wheel}", wheel.name).encode(),
        wheel.name: wheel.content,
    }
    content = _tar({f"{release.stem}/{path}": text for path, text in members.items()})
    return File(name=f"{release.stem}.tar.gz", content=content, metadata=b"", release=release)


def _tar(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)
