"""A capsule: the members of it, and one file of them that is the same whenever it is made."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bisectrix.export.looks import looks
from bisectrix.export.parcel import Parcel
from bisectrix.judge.rate import counts_text
from bisectrix.model.result import Decided
from bisectrix.model.words import BugKind

FORMAT = 1
MANIFEST = "capsule.json"
LOCK = "pylock.toml"
MAIN = b"""import sys
from pathlib import Path

from bisectrix.capsule.main import main

sys.exit(main(Path(__file__).parent))
"""

LONG_AGO = (1980, 1, 1, 0, 0, 0)
FILE = 0o100644 << 16
UNIX = 3

SHOWS_IN_OUTPUT = {BugKind.HANG, BugKind.RAISES, BugKind.PRINTS}
"""Kinds of bugs whose pattern is searched in what a program prints."""


def members(parcel: Parcel, program: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return path to content of all that lies in a capsule, sorted.

    Args:
        parcel: what it replays.
        program: what runs in it: path to content.
    """
    parts = {
        **{f"wheels/{name}": content for name, content in parcel.wheels.items()},
        **{f"repro/{name}": content for name, content in parcel.files.items()},
        **{name: content for name, content in program.items() if name.startswith("probe/")},
        LOCK: parcel.lock.text.encode(),
    }
    manifest = json.dumps(facts(parcel, parts), indent=1, sort_keys=True, ensure_ascii=False)
    whole = {**parts, **program, "__main__.py": MAIN, MANIFEST: f"{manifest}\n".encode()}
    return dict(sorted(whole.items()))


def facts(parcel: Parcel, parts: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what `capsule.json` says; docs/replay.md explains it."""
    state, repro = parcel.state, parcel.repro
    system, _, machine = state.system.partition("-")
    judgement = parcel.result.judgement
    return {
        "format": FORMAT,
        "cell": parcel.cell,
        "title": repro.title,
        "links": list(repro.links),
        "python": {"implementation": "cpython", "version": state.python},
        "platform": {"system": system, "machine": machine},
        "machine": asdict(parcel.machine) if parcel.machine else None,
        "lock_sha256": state.lock_sha256,
        "repro_sha256": parcel.result.repro_sha256,
        "packages": dict(state.packages),
        "command": list(parcel.command),
        "variables": dict(parcel.variables),
        "limits": asdict(repro.limits),
        "ready": repro.ready,
        "pattern": repro.bug.pattern if repro.bug.kind in SHOWS_IN_OUTPUT else "",
        "members": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(parts.items())},
        "recorded": {
            "at": parcel.result.finished_at,
            "words": counts_text([attempt.outcome for attempt in state.attempts]),
            "flaky": isinstance(judgement, Decided) and judgement.flaky,
            "load": [attempt.load for attempt in state.attempts],
            "looks": [asdict(look) for look in looks(state.attempts, parcel.test)],
        },
    }


def pyz(whole: Mapping[str, bytes], minor: str) -> bytes:
    """Return members as one file that Python runs; nothing in it depends on when, where or with which zlib.

    Args:
        whole: path to content.
        minor: version of the Python that its first line names.
    """
    buffer = io.BytesIO()
    buffer.write(f"#!/usr/bin/env python{minor}\n".encode())
    with zipfile.ZipFile(buffer, "a", compression=zipfile.ZIP_STORED) as archive:
        for name, content in sorted(whole.items()):
            member = zipfile.ZipInfo(name, date_time=LONG_AGO)
            member.external_attr, member.create_system = FILE, UNIX
            archive.writestr(member, content)
    return buffer.getvalue()
