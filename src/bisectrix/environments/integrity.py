"""Whether an environment still is what was installed: hard links to uv's cache would spread any edit to it."""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from bisectrix.environments.pool import site_packages
from bisectrix.model.environment import Environment


def edited_files(environment: Environment) -> tuple[str, ...]:
    """Return the installed files that are missing or no longer what their package recorded, sorted."""
    packages = site_packages(environment)
    installed = distributions(path=[str(packages)])
    return tuple(sorted(name for distribution in installed for name in _edited(distribution, packages)))


def _edited(distribution: Distribution, packages: Path) -> Iterator[str]:
    """Yield from the record itself: from Python 3.12 on `Distribution.files` names no file that is missing."""
    for name, recorded, *_ in csv.reader((distribution.read_text("RECORD") or "").splitlines()):
        algorithm, _, value = recorded.partition("=")
        if value and _digest(packages / name, algorithm) != value:
            yield name


def _digest(file: Path, algorithm: str) -> str:
    try:
        content = file.read_bytes()
    except OSError:
        return ""
    return base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode()
