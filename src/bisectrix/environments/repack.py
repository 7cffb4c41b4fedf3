"""A wheel of what is installed, for a package that comes as source alone: built once, never again elsewhere."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from email.parser import Parser
from importlib.metadata import Distribution, PackagePath, distributions

from packaging.utils import canonicalize_name

from bisectrix.environments.pool import site_packages
from bisectrix.errors import InfraError
from bisectrix.model.environment import Environment

LONG_AGO = (1980, 1, 1, 0, 0, 0)
MODE = 0o100755 << 16
OF_THE_INSTALLER = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}


def installed_wheel(environment: Environment, package: str) -> tuple[str, bytes]:
    """Return file name and content of a wheel that installs what this environment has of a package.

    Equal installations give equal wheels. Programs in `bin` are left to the entry points that name them.

    Raises:
        InfraError: it is not installed there.
    """
    found = distributions(path=[str(site_packages(environment))])
    distribution = next((one for one in found if canonicalize_name(one.name) == canonicalize_name(package)), None)
    if distribution is None:
        raise InfraError(f"{package} is not installed in this environment", place=str(environment.root))
    files = dict(sorted(_files(distribution)))
    info = next(name.partition("/")[0] for name in files if name.endswith(".dist-info/METADATA"))
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD")
    return f"{info.removesuffix('.dist-info')}-{_tag(distribution)}.whl", _zip(files)


def _files(distribution: Distribution) -> Iterator[tuple[str, bytes]]:
    for file in distribution.files or ():
        if ".." not in file.parts and file.suffix != ".pyc" and not _is_the_installers(file):
            yield file.as_posix(), file.read_binary()


def _is_the_installers(file: PackagePath) -> bool:
    return file.parent.suffix == ".dist-info" and file.name in OF_THE_INSTALLER


def _tag(distribution: Distribution) -> str:
    """Join the tags in the metadata to the form they have in a file name: `py2.py3-none-any`."""
    wheel = Parser().parsestr(distribution.read_text("WHEEL") or "")
    tags = [tag.split("-") for tag in wheel.get_all("Tag", ["py3-none-any"])]
    return "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*tags, strict=True))


def _record(files: Mapping[str, bytes], own_name: str) -> bytes:
    lines = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    return "".join(f"{line}\n" for line in (*lines, f"{own_name},,")).encode()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name, date_time=LONG_AGO)
            member.external_attr, member.create_system = MODE, 3
            archive.writestr(member, content)
    return buffer.getvalue()
