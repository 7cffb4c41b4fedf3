"""The digest of what decides a run of a repro: equal digests, results stay valid."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields

from bisectrix.manifest.repro import MANIFEST
from bisectrix.manifest.script_block import without_script_block
from bisectrix.model.repro import Bug, Limits, Repro

BEFORE_THE_RUN = {"install_s"}
"""Limits that decide whether there is a run, but not how it ends."""


def repro_sha256(repro: Repro, files: Mapping[str, bytes]) -> str:
    """Return the hex digest of the program and of what its manifest decides about a run.

    Title, question, links, tags, attempts, matrices and the limit of the installation are no part of it: editing
    them keeps the results.

    Args:
        repro: what its manifest says.
        files: relative path, with forward slashes, to content.
    """
    decisive = {"files": _programs(repro, files), "manifest": _decisive(repro)}
    canonical = json.dumps(decisive, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _programs(repro: Repro, files: Mapping[str, bytes]) -> dict[str, str]:
    """Return a digest for each file, the manifest left out; it counts by its values."""
    if repro.path.suffix == ".py":
        return {name: _sha256(_program(content)) for name, content in files.items()}
    return {name: _sha256(content) for name, content in files.items() if name != MANIFEST}


def _program(script: bytes) -> bytes:
    text = script.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    return without_script_block(text).encode("utf-8", "surrogateescape")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _decisive(repro: Repro) -> dict[str, object]:
    return {
        "dependencies": repro.dependencies,
        "requires_python": repro.requires_python,
        "command": repro.command,
        "tests": repro.tests,
        "ready": repro.ready,
        "env": sorted(repro.env),
        "network": repro.network,
        "limits": {name: limit for name, limit in _set(repro.limits).items() if name not in BEFORE_THE_RUN},
        "bug": _set(repro.bug),
    }


def _set(table: Bug | Limits) -> dict[str, object]:
    """Return what differs from its default, so that a kind of bound that is new to bisectrix keeps the results."""
    values = {field.name: getattr(table, field.name) for field in fields(table)}
    return {field.name: values[field.name] for field in fields(table) if values[field.name] != field.default}
