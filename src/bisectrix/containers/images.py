"""Images: a reference resolved to what it stands for, and the Pythons in it, asked once for each image."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import docker.errors
import requests

from bisectrix.containers.engine import Engine, NoImageError
from bisectrix.containers.errands import Done, Errands
from bisectrix.containers.flags import Mount
from bisectrix.containers.static_uv import StaticUv
from bisectrix.environments.interpreters import CPYTHON, QUESTION
from bisectrix.errors import InfraError
from bisectrix.model.environment import BUILD, IN_IMAGE, Image, Interpreter, Unavailable
from bisectrix.model.words import SkipReason

UV_INSIDE = "/bisectrix-uv"
FORMAT = 2

LIST_S = 60.0
ASK_S = 120.0
BUILD_S = 1800

ASK_ALL = f"""
import glob, json, os, subprocess, sys
question = {QUESTION!r}
def musl():
    for loader in glob.glob("/lib/ld-musl-*.so.1"):
        said = subprocess.run([loader], stderr=subprocess.PIPE, check=False).stderr.decode()
        for line in said.splitlines():
            if line.startswith("Version "):
                return "musl " + ".".join(line.split()[1].split(".")[:2])
    return ""
answers, seen = {{}}, set()
for path in sorted(sys.argv[1:], key=lambda path: (-len(path), path)):
    if os.path.realpath(path) in seen:
        continue
    seen.add(os.path.realpath(path))
    try:
        done = subprocess.run([path, "-I", "-S", "-c", question], stdout=subprocess.PIPE, timeout=20, check=False)
        answers[path] = json.loads(done.stdout.decode())
        answers[path]["libc"] = answers[path]["libc"] or musl()
    except (OSError, ValueError, subprocess.SubprocessError):
        pass
print(json.dumps(answers))
"""


def resolve(engine: Engine, reference: str) -> Image | Unavailable:
    """Return the image that a reference stands for now, fetched from its registry if the engine does not have it.

    Raises:
        InfraError: the engine does not answer.
    """
    with suppress(NoImageError):
        return Image(reference=reference, id=str(engine.image(reference)["Id"]))
    if reference.startswith("sha256:"):  # no registry is asked for what only an engine calls by this name
        return no_image(reference, "the engine does not have it")
    try:
        engine.pull(reference)
        return Image(reference=reference, id=str(engine.image(reference)["Id"]))
    except NoImageError as error:
        return no_image(reference, f"the engine does not have it and cannot fetch it: {error}")


def build(engine: Engine, name: str, files: Mapping[str, bytes], labels: Mapping[str, str]) -> Image | Unavailable:
    """Return the image of a container file, built now unless the same files were built before.

    Args:
        engine: where.
        name: of the container file, among `files`.
        files: all that lies in the repro's folder, by path.
        labels: what tells that we made it.

    Raises:
        InfraError: the engine does not answer.
    """
    reference = f"{BUILD}{name}"
    if name not in files:
        return no_image(reference, f"there is no file {name} beside the repro")
    digest = hashlib.sha256(
        json.dumps([(path, hashlib.sha256(files[path]).hexdigest()) for path in sorted(files)]).encode()
    )
    tag = f"bisectrix-build:{digest.hexdigest()[:32]}"
    with suppress(NoImageError):
        return Image(reference=reference, id=str(engine.image(tag)["Id"]))
    complaint = _built(engine, name, files, tag, labels)
    if complaint:
        return no_image(reference, complaint)
    return Image(reference=reference, id=str(engine.image(tag)["Id"]))


def _built(engine: Engine, name: str, files: Mapping[str, bytes], tag: str, labels: Mapping[str, str]) -> str:
    """Build, and return what went wrong, the last lines of what the build said."""
    with tempfile.TemporaryDirectory(prefix="bisectrix-build-") as place, engine.asked("build an image"):
        for path, content in files.items():
            file = Path(place, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        said: list[str] = []
        options: dict[str, Any] = {"path": place, "dockerfile": name, "tag": tag, "labels": dict(labels), "rm": True}
        try:
            for event in engine.api.build(**options, decode=True, forcerm=True, timeout=BUILD_S):
                if "error" in event:
                    return "\n".join((*said[-20:], str(event["error"])))
                said.extend(str(event.get("stream", "")).splitlines())
        except docker.errors.APIError as error:
            return str(error.explanation or error)
        except requests.Timeout:
            return f"it did not end within {BUILD_S} s"
    return ""


def no_image(reference: str, why: str) -> Unavailable:
    """Return why cells in an image cannot be run."""
    return Unavailable(
        reason=SkipReason.NO_IMAGE,
        explanation=f"no image {reference}: {why}",
        remedy=f"docker pull {reference}, or load it from a file",
    )


def unusable(image: Image, why: str) -> Unavailable:
    """Return why no Python of an image can be used."""
    return Unavailable(
        reason=SkipReason.NO_INTERPRETER,
        explanation=f"no Python in {image.reference} can be used: {why or 'there is none along its PATH'}",
        remedy="choose an image that has one",
    )


class Pythons:
    """The interpreters of images, remembered by digest."""

    def __init__(self, folder: Path, errands: Errands, static_uv: StaticUv) -> None:
        """Keep what was learned in `folder`.

        Args:
            folder: of ours.
            errands: runs our own helpers in an image.
            static_uv: finds the Pythons.
        """
        self._folder = folder
        self._errands = errands
        self._static_uv = static_uv

    def of(self, image: Image) -> tuple[Interpreter, ...] | Unavailable:
        """Return every CPython along the PATH of an image, or why none of them can be used.

        Raises:
            InfraError: the engine does not answer, or the image cannot be run here.
        """
        file = self._folder / f"{image.id.removeprefix('sha256:')}.json"
        try:
            known = json.loads(file.read_text(encoding="utf-8"))
            answers = known["pythons"] if known["format"] == FORMAT else None
        except (OSError, ValueError, KeyError, TypeError):
            answers = None
        if answers is None:
            answers = self._asked(image)
            if isinstance(answers, Unavailable):
                return answers
            self._folder.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({"format": FORMAT, "reference": image.reference, "pythons": answers}, indent=1))
        return tuple(_interpreter(path, answer) for path, answer in sorted(answers.items()))

    def _asked(self, image: Image) -> dict[str, Any] | Unavailable:
        mounts = (Mount(source=str(self._static_uv.folder()), target=UV_INSIDE),)
        options = ("--only-installed", "--no-config", "--offline", "--no-cache", "--output-format", "json")
        listed = self._errands.run(image.id, (f"{UV_INSIDE}/uv", "python", "list", *options), mounts, within_s=LIST_S)
        paths = [str(found["path"]) for found in _answer(listed, image) if found.get("implementation") == CPYTHON]
        if not paths:
            return unusable(image, _complaints(listed))
        answers = self._errands.run(image.id, (paths[0], "-I", "-S", "-c", ASK_ALL, *paths), (), within_s=ASK_S)
        return dict(_answer(answers, image))


def _complaints(done: Done) -> str:
    """Return why uv passed over Pythons that it has found; empty when it found none."""
    causes = [line.partition("cause:")[2].strip() for line in done.stderr.splitlines() if "cause:" in line]
    return "; ".join(dict.fromkeys(causes))


def _answer(done: Done, image: Image) -> Any:  # noqa: ANN401  (JSON)
    try:
        return json.loads(done.stdout)
    except ValueError:
        why = " ".join(done.stderr.split()) or "they said nothing"
        raise InfraError(f"the Pythons of {image.reference} cannot be asked what they are: {why}") from None


def _interpreter(path: str, answer: Mapping[str, str]) -> Interpreter:
    fields = ("version", "implementation", "platform", "build", "abi", "libc")
    return Interpreter(path=Path(PurePosixPath(path)), source=IN_IMAGE, **{name: answer[name] for name in fields})
