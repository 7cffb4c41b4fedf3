"""The files that indexes, folders and pages offer for one project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from packaging.utils import canonicalize_name
from pypi_simple import (
    ACCEPT_JSON_PREFERRED,
    PYPI_SIMPLE_ENDPOINT,
    DistributionPackage,
    NoSuchProjectError,
    ProjectPage,
    PyPISimple,
    UnparsableFilenameError,
    UnsupportedContentTypeError,
    UnsupportedRepoVersionError,
    parse_filename,
)
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from bisectrix.errors import InfraError
from bisectrix.resolve.settings import FIRST_INDEX, Index, IndexSettings, local_path

TIMEOUT_S = (10.0, 30.0)  # to connect, and between two pieces of an answer
DOWNLOAD_S = 300  # for one file, all in all
PIECE_BYTES = 64 * 1024
RETRIES = Retry(total=2, backoff_factor=0.2, status_forcelist=(502, 503, 504))


def files_of(project: str, settings: IndexSettings) -> tuple[DistributionPackage, ...] | None:
    """Return every file offered, in no order; None when nobody knows the project.

    Indexes are combined as uv does it: the first that knows the project, unless the settings say all of them.

    Raises:
        InfraError: one of those that must be asked does not answer.
    """
    if settings.offline and settings.indexes:
        raise InfraError(
            "the package index cannot be asked: UV_OFFLINE is set", hint="unset it, or use lists of versions"
        )
    known = list(_from_indexes(project, settings))
    linked = [file for link in settings.find_links for file in _from_link(project, link, settings)]
    return (*linked, *(file for files in known for file in files)) if known or linked else None


def content_of(file: DistributionPackage, settings: IndexSettings, *, most_mib: int) -> bytes:
    """Return one of the files offered.

    Raises:
        InfraError: it is larger than that, cannot be had, or does not arrive in time.
    """
    try:
        with _opened(file.url, settings) as pieces:
            return _joined(pieces, file.filename, most_mib)
    except OSError as error:
        raise InfraError(f"this file cannot be read: {error.strerror}", place=file.filename) from None


@contextmanager
def _opened(url: str, settings: IndexSettings) -> Iterator[Iterable[bytes]]:
    if (path := local_path(url)) is not None:
        with path.open("rb") as stream:
            yield iter(partial(stream.read, PIECE_BYTES), b"")
        return
    with _Session(settings) as session, _infra_errors(settings):
        session.headers["Accept-Encoding"] = "identity"  # else some servers have a source release unpacked on its way
        answer = session.get(url, auth=_credentials_for(url, settings), timeout=TIMEOUT_S, stream=True)
        answer.raise_for_status()
        yield answer.iter_content(PIECE_BYTES)


def _joined(pieces: Iterable[bytes], name: str, most_mib: int) -> bytes:
    joined, ends_at = bytearray(), monotonic() + DOWNLOAD_S
    for piece in pieces:
        joined += piece
        if len(joined) > most_mib * 1024**2:
            raise InfraError(f"this file is larger than {most_mib} MiB", place=name)
        if monotonic() > ends_at:
            raise InfraError(f"this file did not arrive in {DOWNLOAD_S} s", place=name, hint="is the network slow?")
    return bytes(joined)


def _credentials_for(url: str, settings: IndexSettings) -> tuple[str, str] | None:
    """Return those of the index on the same host: files elsewhere are no business of theirs."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    on_host = (index for index in settings.indexes if index and urlsplit(index.url).netloc.rpartition("@")[2] == host)
    return next((found for index in on_host if (found := settings.credentials(index))), None)


def _from_indexes(project: str, settings: IndexSettings) -> Iterator[list[DistributionPackage]]:
    for index in settings.indexes:
        files = _from_index(project, index, settings)
        if files is not None:
            yield files
            if settings.strategy == FIRST_INDEX:
                return


def _from_index(project: str, index: Index | None, settings: IndexSettings) -> list[DistributionPackage] | None:
    if index is not None and (root := local_path(index.url)) is not None:
        return _from_folder_index(project, root)
    url = index.url if index is not None else PYPI_SIMPLE_ENDPOINT
    auth = settings.credentials(index) if index is not None else None
    with _Session(settings) as session, _infra_errors(settings):
        client = PyPISimple(url, auth=auth, session=session, accept=ACCEPT_JSON_PREFERRED)  # only JSON has times
        with suppress(NoSuchProjectError):
            return client.get_project_page(project, timeout=TIMEOUT_S).packages
    return None


def _from_folder_index(project: str, root: Path) -> list[DistributionPackage] | None:
    page = root / canonicalize_name(project) / "index.html"
    if not page.is_file():
        return None
    return ProjectPage.from_html(project, page.read_bytes(), base_url=page.as_uri()).packages


def _from_link(project: str, link: str, settings: IndexSettings) -> Iterable[DistributionPackage]:
    folder = local_path(link)
    if folder is not None and folder.is_dir():
        return _from_folder(project, folder)
    if folder is not None:
        found = ProjectPage.from_html(project, folder.read_bytes(), base_url=folder.as_uri()).packages
    else:
        with _Session(settings) as session, _infra_errors(settings):
            answer = session.get(link, timeout=TIMEOUT_S)
            answer.raise_for_status()
            found = ProjectPage.from_response(answer, project).packages
    return (file for file in found if _is_of(file.project, project))


def _from_folder(project: str, folder: Path) -> Iterator[DistributionPackage]:
    for file in sorted(folder.iterdir()):
        with suppress(UnparsableFilenameError):
            name, version, kind = parse_filename(file.name, project_hint=project)
            if _is_of(name, project):
                yield DistributionPackage(
                    filename=file.name,
                    url=file.as_uri(),
                    project=name,
                    version=version,
                    package_type=kind,
                    digests={},
                    requires_python=None,
                    has_sig=None,
                )


def _is_of(name: str | None, project: str) -> bool:
    return name is not None and canonicalize_name(name) == canonicalize_name(project)


@contextmanager
def _infra_errors(settings: IndexSettings) -> Iterator[None]:
    try:
        yield
    except (requests.RequestException, UnsupportedContentTypeError, UnsupportedRepoVersionError) as error:
        raise InfraError(
            f"the package index does not answer as it should: {settings.redactor(str(error))}",
            hint="bisectrix doctor says which settings are used; is the network up, are the credentials valid?",
        ) from None


class _Session(requests.Session):
    """A session that trusts whom the settings trust; variables of the process have no say in that."""

    def __init__(self, settings: IndexSettings) -> None:
        super().__init__()
        self._insecure_hosts = settings.insecure_hosts
        self.verify = settings.certificates or True
        self.cert = settings.client_certificate or None
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(max_retries=RETRIES))

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:  # noqa: ANN401  (the signature of the overridden method)
        """Take proxies from the process, but not the file of authorities."""
        merged = super().merge_environment_settings(url, proxies, stream, verify, cert)
        host = urlsplit(url).netloc.rpartition("@")[2]
        trusted = {host, host.partition(":")[0]} & set(self._insecure_hosts)
        return {**merged, "verify": False if trusted else self.verify}
