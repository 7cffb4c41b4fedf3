"""Images without a registry, in real engines: they load, they run, their ids are those that were computed."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import docker
import docker.types
import pytest

from bisectrix.images.archive import Image
from bisectrix.images.interpreter import InterpreterRecipe
from bisectrix.images.loading import has, load
from bisectrix.images.shelf import Shelf
from bisectrix.model.environment import Interpreter

pytestmark = pytest.mark.container

MODULES = "asyncio, bz2, ctypes, hashlib, json, lzma, multiprocessing, sqlite3, ssl, subprocess, uuid, zlib"
QUESTION = f"""
import {MODULES}, os, platform, pwd, sys
print(json.dumps({{
    "version": platform.python_version(),
    "library": os.__file__,
    "compiled": os.path.exists(json.__spec__.cached),
    "user": pwd.getpwuid(1000).pw_name,
    "shell": subprocess.check_output("echo $0 works", shell=True, text=True).strip(),
    "locale": sys.getfilesystemencoding(),
    "packages": [path for path in sys.path if "-packages" in path and os.path.exists(path)],
}}))
"""


LIMITS = [  # podman's own are higher than some machines allow
    docker.types.Ulimit(name=name, soft=limit, hard=limit) for name, limit in (("nofile", 1024), ("nproc", 512))
]


def run(client: docker.DockerClient, image: str, *command: str) -> str:
    output: bytes = client.containers.run(
        image, list(command), remove=True, network_mode="none", user="1000:1000", ulimits=LIMITS
    )
    return output.decode()


def test_an_image_of_an_interpreter_runs_it_with_its_whole_library(engine: docker.DockerClient, image: Image) -> None:
    answer = json.loads(run(engine, image.id, "python3", "-c", QUESTION))
    assert answer == {
        "version": platform.python_version(),
        "library": f"/usr/local/lib/python{'.'.join(platform.python_version_tuple()[:2])}/os.py",
        "compiled": True,
        "user": "cell",
        "shell": "/bin/sh works",
        "locale": "utf-8",
        "packages": [],
    }


def test_an_image_is_labelled_with_what_it_holds(engine: docker.DockerClient, image: Image) -> None:
    labels = engine.images.get(image.name).labels
    assert labels["bisectrix.python"] == platform.python_version()


def test_an_image_that_an_engine_has_is_not_sent_again(engine: docker.DockerClient, image: Image) -> None:
    assert has(engine, image)
    assert not load(engine, image)


def test_podman_knows_an_image_by_the_same_id_and_runs_it(podman: docker.DockerClient, built_image: Image) -> None:
    assert podman.images.get(built_image.name).id == built_image.id
    assert not load(podman, built_image)
    assert run(podman, built_image.id, "python3", "-c", "print('runs')") == "runs\n"


def test_two_builds_of_an_image_are_equal_to_the_byte(
    built_image: Image, interpreter: Interpreter, tmp_path: Path
) -> None:
    again = Shelf(folder=tmp_path).image(InterpreterRecipe(interpreter=interpreter))
    assert again.id == built_image.id
    assert again.archive.read_bytes() == built_image.archive.read_bytes()
