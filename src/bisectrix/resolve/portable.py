"""Locks that name files and hashes but no index, and what an installer reads of them.

A portable lock is a valid `pylock.toml` (PEP 751) in which each file of a release is known by its name and
its hashes alone, so that any index, mirror or folder of wheels will do. What was asked for by its address
keeps the address.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

import tomlkit
from packaging.pylock import Package, PackageSdist, PackageWheel, Pylock, PylockValidationError
from tomlkit.items import AoT, InlineTable

from bisectrix.errors import InfraError
from bisectrix.model.lock import Lock, locked_version

CREATED_BY = "bisectrix"
STRONGEST = ("sha256", "sha384", "sha512")

Table: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirements:
    """Exact requirements, one a line; `hashed` when every one of them has hashes, so that they can be demanded."""

    text: str
    hashed: bool


def portable_lock(pylock: str, *, python: str, resolver: str) -> Lock:
    """Turn the `pylock.toml` that a resolver wrote into a portable lock.

    Args:
        pylock: what it wrote.
        python: minor version it was resolved for; which patch release did it says nothing about the packages.
        resolver: program and version.

    Raises:
        InfraError: it is no valid lock, or has a file without a hash.
    """
    document = _parsed(pylock)
    packages = sorted((_portable(package) for package in document["packages"]), key=_order)
    plain = {"lock-version": "1.0", "created-by": CREATED_BY, "requires-python": f"=={python}.*", "packages": packages}
    return read_lock(_written(plain), resolver=resolver)


def read_lock(text: str, *, resolver: str) -> Lock:
    """Take a lock as it was recorded.

    Raises:
        InfraError: it is no valid lock.
    """
    validated(text)
    packages = tuple(sorted((package["name"], locked_version(package)) for package in _parsed(text)["packages"]))
    return Lock(text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), packages=packages, resolver=resolver)


def requirements(lock: Lock) -> Requirements:
    """Say what an installer must install, all of it and nothing else, in the form of a requirements file."""
    packages = validated(lock.text).packages
    lines = [_requirement(package) for package in packages]
    hashed = all(not (package.vcs or package.directory) for package in packages)
    return Requirements(text="".join(f"{line}\n" for line in lines), hashed=hashed)


def has_to_be_built(lock: Lock) -> bool:
    """Say whether there is a package in it that comes in no form but source."""
    return any(not (package.wheels or package.archive) for package in validated(lock.text).packages)


def _parsed(text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InfraError(f"the lock is no TOML: {error}", hint="remove it and resolve again") from None


def validated(text: str) -> Pylock:
    """Read a lock.

    Raises:
        InfraError: it is not valid.
    """
    try:
        return Pylock.from_dict(_parsed(text))
    except PylockValidationError as error:
        raise InfraError(f"the lock is not valid: {error}", hint="remove it and resolve again") from None


def _portable(package: Table) -> dict[str, Any]:
    """Keep what identifies a package, in a fixed order; its files lose their addresses, times and sizes."""
    kept = {key: package[key] for key in ("name", "version", "marker", "vcs", "directory", "archive") if key in package}
    if "archive" in kept:
        kept["archive"] = {key: value for key, value in kept["archive"].items() if key != "size"}
    if "sdist" in package:
        kept["sdist"] = _file(package["sdist"])
    if "wheels" in package:
        kept["wheels"] = sorted((_file(wheel) for wheel in package["wheels"]), key=lambda file: str(file["path"]))
    return kept


def _file(file: Table) -> dict[str, Any]:
    hashes = file.get("hashes", {})
    strong = {kind: hashes[kind] for kind in STRONGEST if kind in hashes}
    name = file.get("name") or unquote(urlsplit(file.get("url") or file["path"]).path.rpartition("/")[2])
    return {"path": name, "hashes": dict(tuple(strong.items())[:1]) or dict(sorted(hashes.items()))}


def _order(package: Table) -> tuple[str, str, str]:
    return package["name"], package.get("version", ""), package.get("marker", "")


def _written(plain: Table) -> str:
    document = tomlkit.document()
    for key, value in plain.items():
        if key != "packages":
            document[key] = value
    if plain["packages"]:
        document["packages"] = _tables(plain["packages"])
    else:
        document["packages"] = tomlkit.array()
    return tomlkit.dumps(document)


def _tables(packages: list[Table]) -> AoT:
    tables = tomlkit.aot()
    for package in packages:
        table = tomlkit.table()
        for key, value in package.items():
            match value:
                case dict():
                    table[key] = _inline(value)
                case list():
                    table[key] = tomlkit.array()
                    table[key].extend(_inline(file) for file in value)
                    table[key].multiline(multiline=True)
                case _:
                    table[key] = value
        tables.append(table)
    return tables


def _inline(value: Table) -> InlineTable:
    inline = tomlkit.inline_table()
    for key, item in value.items():
        inline[key] = _inline(item) if isinstance(item, dict) else item
    return inline


def _requirement(package: Package) -> str:
    marker = f" ; {package.marker}" if package.marker else ""
    hashes = "".join(f" --hash={kind}:{digest}" for kind, digest in _hashes(package))
    return f"{package.name}{_where(package)}{marker}{hashes}"


def _where(package: Package) -> str:
    if package.vcs is not None:
        folder = f"#subdirectory={package.vcs.subdirectory}" if package.vcs.subdirectory else ""
        return f" @ {package.vcs.type}+{package.vcs.url}@{package.vcs.commit_id}{folder}"
    if package.archive is not None:
        folder = f"#subdirectory={package.archive.subdirectory}" if package.archive.subdirectory else ""
        return f" @ {package.archive.url or package.archive.path}{folder}"
    if package.directory is not None:
        return f" @ {package.directory.path}"
    return f"=={package.version}"


def _hashes(package: Package) -> Iterator[tuple[str, str]]:
    if package.archive is not None:
        yield from sorted(package.archive.hashes.items())
    files: tuple[PackageSdist | PackageWheel, ...] = tuple(package.wheels or ())
    for file in (*files, *((package.sdist,) if package.sdist else ())):
        yield from sorted(file.hashes.items())
