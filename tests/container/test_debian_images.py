"""Images of Debian's releases, fetched from the mirror that apt uses here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import docker
import pytest

from bisectrix.images.archive import Image
from bisectrix.images.debian import debian_recipes
from bisectrix.images.shelf import Shelf

pytestmark = [pytest.mark.container, pytest.mark.upstream]

USERLANDS = {"bullseye": ["3.9", "glibc 2.31"], "bookworm": ["3.11", "glibc 2.36"], "trixie": ["3.13", "glibc 2.41"]}
QUESTION = """
import asyncio, ctypes, hashlib, json, os, platform, pwd, sqlite3, ssl, subprocess, zlib
print(json.dumps({
    "userland": [".".join(platform.python_version_tuple()[:2]), os.confstr("CS_GNU_LIBC_VERSION")],
    "compiled": os.path.exists(json.__spec__.cached),
    "user": pwd.getpwuid(1000).pw_name,
    "shell": subprocess.check_output("timeout 5 echo works", shell=True).decode().strip(),
    "setuid": subprocess.call(["test", "-u", "/usr/bin/env"]) == 0,
}))
"""


@pytest.mark.parametrize("release", USERLANDS)
def test_a_release_runs_its_own_python_on_its_own_c_library(
    engine: docker.DockerClient, debian_images: Mapping[str, Image], release: str
) -> None:
    output: bytes = engine.containers.run(
        debian_images[release].id, ["python3", "-c", QUESTION], remove=True, network_mode="none", read_only=True
    )
    assert json.loads(output) == {
        "userland": USERLANDS[release],
        "compiled": True,
        "user": "cell",
        "shell": "works",
        "setuid": False,
    }


def test_a_release_that_is_built_again_has_the_same_id(debian_images: Mapping[str, Image], tmp_path: Path) -> None:
    recipe = next(recipe for recipe in debian_recipes(os.environ) if recipe.release == "bookworm")
    assert Shelf(folder=tmp_path).image(recipe).id == debian_images["bookworm"].id
