"""What the configuration files of pip and uv say about the package index.

uv does not read pip's files, and we keep uv from reading its own so that nothing but the index settings in
them has a say in a resolution; both are read here.
"""

from __future__ import annotations

import configparser
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bisectrix.errors import InfraError

SYSTEM = Path("/etc")
MAC_SUPPORT = Path("Library", "Application Support")


def pip_options(environ: Mapping[str, str], home: Path, prefix: Path, system: Path = SYSTEM) -> dict[str, str]:
    """Return pip's options by their long names, `extra-index-url`, with pip's own precedence.

    The section of `pip install` is stronger than the global one, whichever file it stands in, and variables
    are stronger than both.

    Raises:
        InfraError: a file of pip's cannot be read.
    """
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}}
    for file in _pip_files(environ, home, prefix, system):
        parsed = _parse_pip_file(file)
        for name, options in sections.items():
            if parsed.has_section(name):
                options.update({_option(key): value for key, value in parsed.items(name)})
    variables = {_option(key.removeprefix("PIP_")): value for key, value in environ.items() if key.startswith("PIP_")}
    return {**sections["global"], **sections["install"], **{key: value for key, value in variables.items() if value}}


def uv_options(environ: Mapping[str, str], home: Path, system: Path = SYSTEM) -> dict[str, Any]:
    """Return the options in uv's own files, the user's before the system's, `[pip]` before the rest.

    Raises:
        InfraError: a file of uv's cannot be read.
    """
    tables = [_parse_uv_file(file) for file in _uv_files(environ, home, system) if file.is_file()]
    options: dict[str, Any] = {}
    for table in reversed(tables):
        options |= {**table, **table.get("pip", {})}
    return options


def _pip_files(environ: Mapping[str, str], home: Path, prefix: Path, system: Path) -> Iterator[Path]:
    """Yield the weakest first, as pip does; its null device as `PIP_CONFIG_FILE` turns all of them off."""
    chosen = environ.get("PIP_CONFIG_FILE", "")
    if chosen == os.devnull:
        return
    yield from (folder / "pip/pip.conf" for folder in reversed(_shared_folders(environ, system)))
    yield system / "pip.conf"
    yield home / ".pip/pip.conf"
    yield home / MAC_SUPPORT / "pip/pip.conf"
    yield _user_folder(environ, home) / "pip/pip.conf"
    yield prefix / "pip.conf"
    if chosen:
        yield Path(chosen)


def _uv_files(environ: Mapping[str, str], home: Path, system: Path) -> Iterable[Path]:
    if environ.get("UV_NO_CONFIG"):
        return ()
    if chosen := environ.get("UV_CONFIG_FILE"):
        return (Path(chosen),)
    shared = (folder / "uv/uv.toml" for folder in _shared_folders(environ, system))
    return (_user_folder(environ, home) / "uv/uv.toml", *shared, system / "uv/uv.toml")


def _user_folder(environ: Mapping[str, str], home: Path) -> Path:
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config")


def _shared_folders(environ: Mapping[str, str], system: Path) -> list[Path]:
    """Return them strongest first."""
    named = environ.get("XDG_CONFIG_DIRS")
    return [Path(folder) for folder in named.split(os.pathsep) if folder] if named else [system / "xdg"]


def _option(key: str) -> str:
    return key.lower().replace("_", "-")


def _parse_pip_file(file: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    try:
        parser.read(file, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError) as error:
        raise _unreadable("pip", file, error) from None
    return parser


def _parse_uv_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise _unreadable("uv", file, error) from None


def _unreadable(program: str, file: Path, error: Exception) -> InfraError:
    """Leave the parser's text out, for it may quote a line that holds a password."""
    kind = error.strerror if isinstance(error, OSError) else type(error).__name__
    return InfraError(
        f"this configuration file of {program} cannot be read: {kind}",
        place=str(file),
        hint=f"correct it; {program} itself would stop here as well",
    )
