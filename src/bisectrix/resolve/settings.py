"""How the package index is reached: what uv, pip and their files were told, as one set of settings."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import unquote, urlsplit

from bisectrix.resolve.configuration import SYSTEM, pip_options, uv_options
from bisectrix.resolve.redaction import Redactor

FIRST_INDEX = "first-index"
BEST_MATCH = "unsafe-best-match"
FALSE_WORDS = {"", "0", "false", "no", "off", "n", "f"}

HANDED_ON = re.compile(
    r"""
      PATH | HOME | TMPDIR | XDG_(?:CACHE|CONFIG|DATA|BIN)_HOME | NETRC | SSH_AUTH_SOCK
    | (?:https?|all|no)_proxy
    | SSL_CERT_DIR | SSL_CLIENT_CERT | GIT_SSL_CAINFO | GIT_SSH_COMMAND
    | UV_(?:CACHE_DIR|PYTHON_INSTALL_DIR|CREDENTIALS_DIR|KEYRING_PROVIDER|LOCK_TIMEOUT)
    | UV_(?:NATIVE_TLS|SYSTEM_CERTS|HTTP_TIMEOUT|HTTP_CONNECT_TIMEOUT|HTTP_RETRIES|REQUEST_TIMEOUT)
    | UV_CONCURRENT_[A-Z_]+ | UV_INDEX_[A-Z0-9_]+_(?:USERNAME|PASSWORD)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Variables that reach uv: who we are, how the network is reached, where uv keeps things; nothing that has a say in
what is resolved, and none of Python's."""

UV_ALWAYS = {
    "LANG": "C.UTF-8",
    "NO_COLOR": "1",
    "UV_NO_CONFIG": "1",
    "UV_NO_PROGRESS": "1",
    "UV_NO_WRAP": "1",
    "UV_PYTHON_DOWNLOADS": "never",
}

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """A package index; `name` is uv's name for it, by which variables give its credentials, or empty."""

    url: str = field(repr=False)
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `url` or, as uv has it, `name=url`."""
        name, equals, url = text.partition("=")
        return cls(name=name, url=url) if equals and re.fullmatch(r"[\w.-]+", name) else cls(url=text)

    def __str__(self) -> str:
        """Return what uv reads."""
        return f"{self.name}={self.url}" if self.name else self.url


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexSettings:
    """Where packages come from and what it takes to get them.

    Attributes:
        default_index: None means the one that uv and pip ask by themselves.
        extra_indexes: in the order in which they were given.
        find_links: folders (absolute) and pages that list files.
        strategy: uv's word for how several indexes are combined.
        certificates: file of the authorities to trust; empty means the usual ones.
        client_certificate: file with which we identify ourselves; empty means we do not.
        insecure_hosts: hosts whose certificates are not checked.
        handed_on: variables of the caller that uv is given as they are.
        notes: what was left out, and why, for a person.
    """

    default_index: Index | None = None
    extra_indexes: tuple[Index, ...] = ()
    find_links: tuple[str, ...] = field(default=(), repr=False)
    no_index: bool = False
    offline: bool = False
    strategy: str = FIRST_INDEX
    certificates: str = ""
    client_certificate: str = ""
    insecure_hosts: tuple[str, ...] = ()
    handed_on: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()

    @classmethod
    def discover(
        cls,
        environ: Mapping[str, str],
        *,
        home: Path | None = None,
        prefix: Path | None = None,
        system: Path = SYSTEM,
        folder: Path | None = None,
    ) -> Self:
        """Read the settings of uv and of pip; for each, uv's variables win over its files, then pip's, then its files.

        Extra indexes and links in folders that do not exist are left out with a note: pip passes over them, uv stops.

        Args:
            environ: variables of the caller.
            home: where personal files lie; None means the caller's own.
            prefix: where pip's file of this Python lies; None means that of this Python.
            system: where those of the machine lie.
            folder: what relative paths start from; None means where we are.

        Raises:
            InfraError: one of the files cannot be read.
        """
        home = home or Path(environ.get("HOME") or Path.home())
        pip = _from_pip(pip_options(environ, home, prefix or Path(sys.prefix), system))
        uv = (_from_uv_variables(environ), _from_uv_files(uv_options(environ, home, system)))
        if any(wish.extra_indexes for wish in uv):
            pip = replace(pip, strategy="")
        return cls(**_decided((*uv, pip), folder or Path.cwd()), handed_on=_handed_on(environ, pip))

    @property
    def indexes(self) -> tuple[Index | None, ...]:
        """All indexes, the first to ask first; None stands for the one that is asked by default."""
        return () if self.no_index else (*self.extra_indexes, self.default_index)

    @property
    def redactor(self) -> Redactor:
        """Return what hides every credential in these settings."""
        indexes = (*self.extra_indexes, self.default_index)
        addresses = (*(index.url for index in indexes if index), *self.find_links)
        proxies = (value for name, value in self.handed_on if name.lower().endswith("_proxy"))
        passwords = (value for name, value in self.handed_on if name.endswith("_PASSWORD"))
        return Redactor.knowing((*addresses, *proxies), passwords)

    def credentials(self, index: Index) -> tuple[str, str] | None:
        """Return user and password for an index, from its address or from uv's variables for its name."""
        parts = urlsplit(index.url)
        if parts.username or parts.password:
            return unquote(parts.username or ""), unquote(parts.password or "")
        stem = f"UV_INDEX_{re.sub(r'[^A-Z0-9]', '_', index.name.upper())}"
        given = dict(self.handed_on)
        found = given.get(f"{stem}_USERNAME", ""), given.get(f"{stem}_PASSWORD", "")
        return found if index.name and any(found) else None

    def uv_environment(self) -> dict[str, str]:
        """Return all the variables uv is started with; credentials are here and not among its arguments."""
        given = {
            "UV_DEFAULT_INDEX": str(self.default_index or ""),
            "UV_INDEX": " ".join(map(str, self.extra_indexes)),
            "UV_FIND_LINKS": ",".join(self.find_links),
            "UV_INDEX_STRATEGY": self.strategy,
            "UV_INSECURE_HOST": " ".join(self.insecure_hosts),
            "UV_OFFLINE": "1" if self.offline else "",
            "SSL_CERT_FILE": self.certificates,
            "SSL_CLIENT_CERT": self.client_certificate,
        }
        return {**dict(self.handed_on), **{name: value for name, value in given.items() if value}, **UV_ALWAYS}

    def uv_arguments(self) -> tuple[str, ...]:
        """Return what uv can only be told by an argument."""
        return ("--no-index",) if self.no_index else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wish:
    """What one source says; empty and None: nothing."""

    default_index: str = ""
    extra_indexes: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool | None = None
    offline: bool | None = None
    strategy: str = ""
    certificates: str = ""
    client_certificate: str = ""
    insecure_hosts: tuple[str, ...] = ()
    proxy: str = ""


def _from_uv_variables(environ: Mapping[str, str]) -> _Wish:
    def get(name: str) -> str:
        return environ.get(name, "").strip()

    return _Wish(
        default_index=get("UV_DEFAULT_INDEX") or get("UV_INDEX_URL"),
        extra_indexes=(*get("UV_INDEX").split(), *get("UV_EXTRA_INDEX_URL").split()),
        find_links=tuple(part.strip() for part in get("UV_FIND_LINKS").split(",") if part.strip()),
        no_index=_truth(environ.get("UV_NO_INDEX")),
        offline=_truth(environ.get("UV_OFFLINE")),
        strategy=get("UV_INDEX_STRATEGY"),
        certificates=get("SSL_CERT_FILE") or get("REQUESTS_CA_BUNDLE"),
        client_certificate=get("SSL_CLIENT_CERT"),
        insecure_hosts=tuple(get("UV_INSECURE_HOST").split()),
    )


def _from_uv_files(options: Mapping[str, Any]) -> _Wish:
    """Read uv's own names; an index that is `explicit` serves only packages that name it, so none of ours."""
    tables = [table for table in options.get("index", ()) if not table.get("explicit")]
    default = next((_named(table) for table in tables if table.get("default")), "")
    return _Wish(
        default_index=default or options.get("index-url", ""),
        extra_indexes=(
            *(_named(table) for table in tables if not table.get("default")),
            *options.get("extra-index-url", ()),
        ),
        find_links=tuple(options.get("find-links", ())),
        no_index=options.get("no-index"),
        offline=options.get("offline"),
        strategy=options.get("index-strategy", ""),
        insecure_hosts=tuple(options.get("allow-insecure-host", ())),
    )


def _from_pip(options: Mapping[str, str]) -> _Wish:
    """Read pip's names; pip takes the best release of all its indexes, whichever has it."""
    extra_indexes = tuple(options.get("extra-index-url", "").split())
    return _Wish(
        default_index=options.get("index-url", "").strip(),
        extra_indexes=extra_indexes,
        find_links=tuple(options.get("find-links", "").split()),
        no_index=_truth(options.get("no-index")),
        strategy=BEST_MATCH if extra_indexes else "",
        certificates=options.get("cert", "").strip(),
        client_certificate=options.get("client-cert", "").strip(),
        insecure_hosts=tuple(options.get("trusted-host", "").split()),
        proxy=options.get("proxy", "").strip(),
    )


def _decided(wishes: tuple[_Wish, ...], folder: Path) -> dict[str, Any]:
    """Take each setting from the first source that has it, without the extras in folders that do not exist.

    A default index in such a folder stays: to ask the public one instead would be another resolution.
    """
    default_index = _first((wish.default_index for wish in wishes), "")
    extra_indexes = _first((wish.extra_indexes for wish in wishes), ())
    find_links = tuple(_absolute(link, folder) for link in _first((wish.find_links for wish in wishes), ()))
    dead = {text for text in (*extra_indexes, *find_links) if _is_dead(Index.parse(text).url)}
    return {
        "default_index": Index.parse(default_index) if default_index else None,
        "extra_indexes": tuple(Index.parse(text) for text in extra_indexes if text not in dead),
        "find_links": tuple(link for link in find_links if link not in dead),
        "no_index": _first((wish.no_index for wish in wishes), default=False),
        "offline": _first((wish.offline for wish in wishes), default=False),
        "strategy": _first((wish.strategy for wish in wishes), FIRST_INDEX),
        "certificates": _first((wish.certificates for wish in wishes), ""),
        "client_certificate": _first((wish.client_certificate for wish in wishes), ""),
        "insecure_hosts": _first((wish.insecure_hosts for wish in wishes), ()),
        "notes": tuple(f"{text} is passed over: there is no such folder" for text in sorted(dead)),
    }


def _handed_on(environ: Mapping[str, str], pip: _Wish) -> tuple[tuple[str, str], ...]:
    proxies = {"HTTP_PROXY": pip.proxy, "HTTPS_PROXY": pip.proxy} if pip.proxy else {}
    kept = {name: value for name, value in environ.items() if value and HANDED_ON.fullmatch(name)}
    return tuple(sorted({**proxies, **kept}.items()))


def _first(values: Iterable[T | None], default: T) -> T:
    """Return the first that says something: not None, not empty."""
    return next((value for value in values if value not in {None, "", ()}), None) or default


def _truth(text: str | None) -> bool | None:
    return None if text is None else text.strip().lower() not in FALSE_WORDS


def _named(table: Mapping[str, Any]) -> str:
    return str(Index(name=table.get("name", ""), url=table["url"]))


def _absolute(link: str, folder: Path) -> str:
    return link if "://" in link else str(folder / Path(link).expanduser())


def local_path(address: str) -> Path | None:
    """Return the path that an address on this machine means; None for one on the network."""
    if address.startswith("file:"):
        return Path(unquote(urlsplit(address).path))
    return None if "://" in address else Path(address)


def _is_dead(address: str) -> bool:
    path = local_path(address)
    return path is not None and not path.exists()
