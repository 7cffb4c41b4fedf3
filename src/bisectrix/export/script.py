"""A script with inline metadata (PEP 723) and exact pins; the hashes lie beside it."""

from __future__ import annotations

import json
import shlex

from bisectrix.export.looks import looks
from bisectrix.export.parcel import Parcel
from bisectrix.judge.rate import counts_text
from bisectrix.manifest.script_block import without_script_block

START = "replay.py"

LAUNCHER = """
import os
import subprocess
import sys
from pathlib import Path

COMMAND = {command}
VARIABLES = {variables}

here = Path(__file__).resolve().parent
sys.exit(subprocess.call([sys.executable, *COMMAND], cwd=here, env={{**os.environ, **VARIABLES}}))
"""


def script_folder(parcel: Parcel) -> dict[str, bytes]:
    """Return path to content of the folder: script, lock, requirements with hashes, what to do; wheels if there are."""
    name = start(parcel)
    folder = {
        **({} if _is_plain(parcel) else parcel.files),
        **{f"wheels/{wheel}": content for wheel, content in parcel.wheels.items()},
        name: _script(parcel).encode("utf-8", "surrogateescape"),
        "pylock.toml": parcel.lock.text.encode(),
        "requirements.txt": parcel.requirements.encode(),
        "README.md": _readme(parcel, name).encode(),
    }
    return dict(sorted(folder.items()))


def start(parcel: Parcel) -> str:
    """Return the name of the script that is run."""
    return parcel.repro.path.name if _is_plain(parcel) else START


def _is_plain(parcel: Parcel) -> bool:
    """Say whether the repro is one script that is run with nothing behind its name."""
    return set(parcel.files) == {parcel.repro.path.name} and parcel.command == (parcel.repro.path.name,)


def _script(parcel: Parcel) -> str:
    if _is_plain(parcel):
        text = parcel.files[parcel.repro.path.name].decode("utf-8", "surrogateescape")
        return _block(parcel) + without_script_block(text)
    launcher = LAUNCHER.format(command=list(parcel.command), variables=dict(parcel.variables))
    return f'{_block(parcel)}"""{_expected(parcel)}"""\n{launcher}'


def _block(parcel: Parcel) -> str:
    pins = [line.partition(" --hash")[0] for line in parcel.requirements.splitlines()]
    lines = [
        "/// script",
        f'requires-python = "=={parcel.minor}.*"',
        "dependencies = [",
        *(f"  {json.dumps(pin)}," for pin in pins),
        "]",
        *(("", "[tool.uv]", "no-index = true", 'find-links = ["wheels"]') if parcel.wheels else ()),
        "///",
    ]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def _expected(parcel: Parcel) -> str:
    first = looks(parcel.state.attempts, parcel.test)[0]
    words = counts_text([attempt.outcome for attempt in parcel.state.attempts])
    at = f", {first.head}" if first.head else ""
    return f"Replays {parcel.cell}, recorded as {words}{at}.".replace("\\", "/").replace('"', "'")


def _readme(parcel: Parcel, name: str) -> str:
    variables = " ".join(f"{key}={shlex.quote(value)}" for key, value in parcel.variables)
    offline = " --offline" if parcel.wheels else ""
    return f"""{_expected(parcel)}

    {variables} uv run --python {parcel.state.python}{offline} {shlex.quote(name)}

The versions are exact. To have the hashes checked, too:

    uv venv --python {parcel.state.python} environment
    uv pip sync --python environment --require-hashes requirements.txt
    {variables} environment/bin/python {shlex.quote(name)}

`pylock.toml` is the lock of the record, with the hash of every file. A hang does not end by itself.
"""
