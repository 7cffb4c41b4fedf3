"""Whether an environment still is what was installed: hard links to uv's cache would spread any edit to it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackagePath, distributions

from bisectrix.environments.pool import site_packages
from bisectrix.model.environment import Environment


def edited_files(environment: Environment) -> tuple[str, ...]:
    """Return the installed files that are missing or no longer what their package recorded, sorted."""
    installed = distributions(path=[str(site_packages(environment))])
    return tuple(sorted(str(file) for distribution in installed for file in _edited(distribution)))


def _edited(distribution: Distribution) -> Iterator[PackagePath]:
    for file in distribution.files or ():
        if file.hash is not None and _digest(file, file.hash.mode) != file.hash.value:
            yield file


def _digest(file: PackagePath, algorithm: str) -> str:
    try:
        content = file.locate().read_bytes()  # type: ignore[attr-defined]  # a path, in every distribution on disk
    except OSError:
        return ""
    return base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode()
