"""What a release says of itself: `METADATA`, `entry_points.txt`, and of a source release `pyproject.toml`."""

from __future__ import annotations

import configparser
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from packaging.metadata import RawMetadata, parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bisectrix.explain.difference import DependencyChange, FieldChange, Files

METADATA_FOLDERS = (".dist-info", ".egg-info")


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """What of a release's metadata can matter to a bug, and what leads to its sources.

    Attributes:
        requires: PEP 508, as written; None where it takes a build to know.
        requires_python: PEP 440 specifier set.
        entry_points: `group: name = object`, sorted; None where it takes a build to know.
        urls: label and address, as written; the home page has the label `Homepage`.
        description: the long one.
    """

    version: str = ""
    requires: tuple[str, ...] | None = None
    requires_python: str = ""
    entry_points: tuple[str, ...] | None = None
    urls: tuple[tuple[str, str], ...] = ()
    description: str = ""


def metadata_of(files: Files) -> Metadata:
    """Return the metadata that lies among the files; what `pyproject.toml` says fills in what is not given."""
    of_wheel = _text(files, "METADATA")
    raw, _ = parse_email(of_wheel or _text(files, "PKG-INFO"))
    project = _project_table(_text(files, "pyproject.toml"))
    return Metadata(
        version=raw.get("version") or _word(project.get("version")),
        requires=tuple(raw.get("requires_dist", ()))
        or _words(project.get("dependencies"))
        or (() if of_wheel else None),
        requires_python=raw.get("requires_python") or _word(project.get("requires-python")),
        entry_points=_entry_points(files) or _project_entry_points(project) or (() if of_wheel else None),
        urls=_urls(raw) or _project_urls(project),
        description=raw.get("description", ""),
    )


def is_metadata(path: str) -> bool:
    """Say whether a file tells about the release, or how it was packed, and nothing else."""
    pure = PurePosixPath(path)
    in_folder = any(part.endswith(METADATA_FOLDERS) for part in pure.parts[:-1])
    return in_folder or path in {"PKG-INFO", "pyproject.toml"}


def dependency_changes(old: Metadata, new: Metadata) -> tuple[DependencyChange, ...]:
    """Return the projects that are required otherwise, those of everybody before those of extras.

    None where one of the releases does not say what it requires.
    """
    if old.requires is None or new.requires is None:
        return ()
    before, after = _by_project(old.requires), _by_project(new.requires)
    return tuple(
        DependencyChange(
            name=name,
            is_optional=is_optional,
            old=before.get((is_optional, name), ()),
            new=after.get((is_optional, name), ()),
        )
        for is_optional, name in sorted({*before, *after})
        if before.get((is_optional, name)) != after.get((is_optional, name))
    )


def field_changes(old: Metadata, new: Metadata) -> tuple[FieldChange, ...]:
    """Return the other fields that differ."""
    fields = {
        "version": (old.version, new.version),
        "requires-python": (old.requires_python, new.requires_python),
        "entry points": _only_in_each(old.entry_points, new.entry_points),
    }
    return tuple(FieldChange(name=name, old=a, new=b) for name, (a, b) in fields.items() if a != b)


def _only_in_each(old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> tuple[str, str]:
    if old is None or new is None:
        return "", ""
    return ", ".join(sorted(set(old) - set(new))), ", ".join(sorted(set(new) - set(old)))


def _by_project(requires: Iterable[str]) -> dict[tuple[bool, str], tuple[str, ...]]:
    """Group requirements by whether an extra asks for them, and by the project's canonical name."""
    found: defaultdict[tuple[bool, str], set[str]] = defaultdict(set)
    for text in requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            found[False, text].add(text)
        else:
            written = str(requirement)
            found["extra ==" in written, canonicalize_name(requirement.name)].add(written)
    return {key: tuple(sorted(requirements)) for key, requirements in found.items()}


def _text(files: Files, name: str) -> str:
    """Return the shallowest metadata file of that name; empty where there is none."""
    found = sorted((path for path in files if _is_called(path, name)), key=lambda path: (path.count("/"), path))
    content = files[found[0]] if found else b""
    return content.decode(errors="replace") if isinstance(content, bytes) else ""


def _is_called(path: str, name: str) -> bool:
    folder, _, last = path.rpartition("/")
    return last == name and (not folder or folder.endswith(METADATA_FOLDERS))


def _urls(raw: RawMetadata) -> tuple[tuple[str, str], ...]:
    around = (("Homepage", raw.get("home_page", "")), ("Download", raw.get("download_url", "")))
    home, download = (((label, url),) if url else () for label, url in around)
    return (*home, *raw.get("project_urls", {}).items(), *download)


def _entry_points(files: Files) -> tuple[str, ...]:
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep capitals
    try:
        parser.read_string(_text(files, "entry_points.txt"))
    except configparser.Error:
        return ()
    return _listed({group: dict(parser.items(group)) for group in parser.sections()})


def _project_table(text: str) -> Mapping[str, Any]:
    try:
        table = tomllib.loads(text).get("project")
    except tomllib.TOMLDecodeError:
        return {}
    return _table(table)


def _project_entry_points(project: Mapping[str, Any]) -> tuple[str, ...]:
    scripts = {"console_scripts": project.get("scripts"), "gui_scripts": project.get("gui-scripts")}
    return _listed({**scripts, **_table(project.get("entry-points"))})


def _listed(groups: Mapping[str, object]) -> tuple[str, ...]:
    tables = ((group, _table(table)) for group, table in groups.items())
    return tuple(sorted(f"{group}: {name} = {target}" for group, table in tables for name, target in table.items()))


def _project_urls(project: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((label, _word(address)) for label, address in _table(project.get("urls")).items())


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _words(value: object) -> tuple[str, ...]:
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
