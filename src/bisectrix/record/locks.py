"""Locks that are committed: which exact packages each question of a cell was answered with."""

from __future__ import annotations

import hashlib
import re
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import tomlkit

from bisectrix.errors import InfraError
from bisectrix.model.lock import Lock, LockRequest, Resolved, Unbuildable, Unsatisfiable, locked_version
from bisectrix.model.matrix import Cell
from bisectrix.record.files import failing_as_infra, one_at_a_time, write_if_new
from bisectrix.record.portable import portable_text

HEADER = """\
Written by bisectrix; commit it. `requests` names the lock that answered each request, or says why there is none;
`releases` lists what a range in a matrix stood for. `bisectrix run NAME --relock` asks again."""

HINT = "restore it from git, or ask again with --relock"

_LOCK_FILE = re.compile(r"pylock\.(?P<start>[0-9a-f]{12})\.toml")

Index: TypeAlias = dict[str, Any]


class LockBook:
    """The folder of locks: files named by their content, and for each repro an index `NAME.toml`."""

    def __init__(self, folder: Path) -> None:
        """Keep everything in `folder`, which need not exist yet."""
        self._folder = folder
        self._guard = threading.Lock()
        self._read: dict[str, tuple[object, Index]] = {}

    def get(self, repro: str, request: LockRequest) -> Resolved | None:
        """Return the recorded answer to `request`; None where it was never asked or its lock is gone.

        Raises:
            InfraError: the index or the lock was damaged.
        """
        answer = self._index(repro).get("requests", {}).get(request.sha256)
        match answer:
            case {"lock": name, "resolver": resolver}:
                return self._lock(name, resolver)
            case {"unsatisfiable": explanation, "resolver": resolver}:
                return Unsatisfiable(explanation=explanation, resolver=resolver)
            case {"unbuildable": explanation, "resolver": resolver}:
                return Unbuildable(explanation=explanation, resolver=resolver)
            case _:
                return None

    def named(self, sha256: str) -> Lock | None:
        """Return the lock with this digest, whoever asked for it; None where it is gone.

        Raises:
            InfraError: it was damaged.
        """
        return self._lock(_file_name(sha256), resolver="")

    def put(self, repro: str, cell: Cell, request: LockRequest, resolved: Resolved) -> None:
        """Record the answer to `request`, and that `cell` asked it.

        Raises:
            InfraError: the disk is full, or the index was damaged.
        """
        if isinstance(resolved, Lock):
            write_if_new(self._folder / _file_name(resolved.sha256), resolved.text.encode())

        def change(index: Index) -> None:
            requests = index.setdefault("requests", {})
            cells = {*requests.get(request.sha256, {}).get("cells", ()), cell.name}
            requests[request.sha256] = {"cells": sorted(cells), **_answer(resolved)}

        self._change(repro, change)

    def releases(self, repro: str, package: str, specifier: str) -> tuple[str, ...] | None:
        """Return the releases that a range stood for, oldest first; None where it was never asked."""
        known = self._index(repro).get("releases", {}).get(package, {}).get(specifier)
        return None if known is None else tuple(known)

    def put_releases(self, repro: str, package: str, specifier: str, releases: tuple[str, ...]) -> None:
        """Record the releases that a range stands for, oldest first."""

        def change(index: Index) -> None:
            index.setdefault("releases", {}).setdefault(package, {})[specifier] = list(releases)

        self._change(repro, change)

    def resolvers(self, repro: str) -> tuple[str, ...]:
        """Return the programs and versions whose answers are recorded, sorted."""
        return tuple(sorted({answer["resolver"] for answer in self._index(repro).get("requests", {}).values()}))

    def prune_unused(self) -> tuple[str, ...]:
        """Remove lock files that no index names and that are what their names say; return the names."""
        with one_at_a_time(self._folder):
            used = {
                answer.get("lock")
                for index in self._folder.glob("*.toml")
                if not _LOCK_FILE.fullmatch(index.name)
                for answer in self._index(index.stem).get("requests", {}).values()
            }
            unused = [file for file in self._own_files() if file.name not in used]
            for file in unused:
                file.unlink()
        return tuple(file.name for file in unused)

    def _own_files(self) -> Iterator[Path]:
        for file in sorted(self._folder.glob("pylock.*.toml")):
            if file.name == _file_name(hashlib.sha256(file.read_bytes()).hexdigest()):
                yield file

    def _lock(self, name: str, resolver: str) -> Lock | None:
        file = self._folder / name
        if not file.is_file():
            return None
        with failing_as_infra(file, "cannot be read"):
            content = file.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        if name != _file_name(sha256):
            raise InfraError("was edited: the content is not what its name says", place=str(file), hint=HINT)
        text = content.decode()
        return Lock(text=text, sha256=sha256, packages=_packages(text), resolver=resolver)

    def _index(self, repro: str) -> Index:
        """Return the index as it is on the disk; it is read again only when it was replaced."""
        file = self._folder / f"{repro}.toml"
        with failing_as_infra(file, "cannot be read"):
            if not file.exists():
                return {}
            status = file.stat()
            stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
            with self._guard:
                known = self._read.get(repro)
                if known is None or known[0] != stamp:
                    known = self._read[repro] = (stamp, _parse(file))
        return known[1]

    def _change(self, repro: str, change: Callable[[Index], None]) -> None:
        file = self._folder / f"{repro}.toml"
        with one_at_a_time(self._folder):
            index = _parse(file) if file.exists() else {}
            change(index)
            write_if_new(file, _dump(index).encode())


def _answer(resolved: Resolved) -> Mapping[str, str]:
    match resolved:
        case Lock():
            return {"lock": _file_name(resolved.sha256), "resolver": resolved.resolver}
        case Unsatisfiable():
            return {"unsatisfiable": portable_text(resolved.explanation), "resolver": resolved.resolver}
        case Unbuildable():
            return {"unbuildable": portable_text(resolved.explanation), "resolver": resolved.resolver}


def _file_name(sha256: str) -> str:
    return f"pylock.{sha256[:12]}.toml"


def _packages(text: str) -> tuple[tuple[str, str], ...]:
    packages = tomllib.loads(text).get("packages", ())
    return tuple(sorted((package["name"], locked_version(package)) for package in packages))


def _parse(file: Path) -> Index:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InfraError(f"not TOML: {error}", place=str(file), hint=HINT) from None


def _dump(index: Index) -> str:
    """Return the index as text: sorted, so that equal contents are equal files and differences are small."""
    document = tomlkit.document()
    for line in HEADER.splitlines():
        document.add(tomlkit.comment(line))
    for section in ("releases", "requests"):
        if section in index:
            document.add(tomlkit.nl())
            document.add(section, _table(index[section]))
    return document.as_string()


def _table(content: Mapping[str, Any]) -> tomlkit.items.Table:
    nested = bool(content) and all(isinstance(value, Mapping) for value in content.values())
    table = tomlkit.table(is_super_table=nested)
    for key in sorted(content):
        table.add(key, _table(content[key]) if isinstance(content[key], Mapping) else _value(content[key]))
    return table


def _value(value: str | list[str]) -> tomlkit.items.Item:
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(value)
        return array.multiline(multiline=len(value) > 1)
    return tomlkit.string(value, multiline="\n" in value.strip())
