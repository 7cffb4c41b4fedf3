"""A cell that ran in an image is run again in that very image, or it is said what has become of the image."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from backports import zstd

from bisectrix.cli.assembly import cache_folder
from bisectrix.containers.static_uv import StaticUv
from bisectrix.images.archive import Image
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from support.index import serving_files
from support.planted import PLANTED, build, planted_releases
from support.programs import DEADLINE_S, Program

pytestmark = pytest.mark.container

MATRIX = """
title = "In an image"
set = "quick"

[axes]
hang = ["2.0"]
platform = ["{}"]
"""
GONE = "0" * 64


@pytest.fixture(scope="module")
def program(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Return the program in a project in which a cell is recorded that hangs in an image."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "project" / "repros").mkdir(parents=True)
    (folder / "project" / "matrices").mkdir()
    shutil.copy(PLANTED / "project" / "repros" / "planted-hang.py", folder / "project" / "repros")
    matrix = folder / "project" / "matrices" / "hang-releases.toml"
    matrix.write_text(MATRIX.format(image.name), encoding="utf-8")
    ours = StaticUv(Uv.find(IndexSettings.discover(os.environ)), platform.machine(), cache_folder() / "tools").folder()
    shutil.copytree(ours, folder / "home" / ".cache" / "bisectrix" / "tools" / ours.name)
    with serving_files(map(build, planted_releases())) as url:
        program = Program(project=folder / "project", home=folder / "home", index_url=url)
        done = program("run", "planted-hang", **engine_here())
        assert "hang 1/1" in done.stderr, done.stderr
        yield program


def engine_here() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name == "DOCKER_HOST"}


def cell(image: Image) -> str:
    return f"planted-hang@hang=2.0,platform={image.name}"


def test_a_cell_in_an_image_shows_the_same_again(program: Program, image: Image) -> None:
    done = program("replay", cell(image), **engine_here())

    assert done.stdout.splitlines()[:1] == [f"{cell(image)}: same outcome, same signature"], done.stderr
    assert done.returncode == 0


def test_a_cell_in_an_image_is_exported_with_that_very_image(program: Program, image: Image, short_path: Path) -> None:
    bundle, folder = short_path / "hang.tar.zst", short_path / "folder"
    done = program("export", cell(image), "--as", "capsule", "--with-image", "-o", str(bundle), **engine_here())
    assert done.returncode == 0, done.stderr
    done = program("export", cell(image), "--as", "container", "-o", str(folder), **engine_here())
    assert done.returncode == 0, done.stderr

    assert f"ARG IMAGE={image.name}\n" in (folder / "Containerfile").read_text(encoding="utf-8")
    assert image.id in (folder / "README.md").read_text(encoding="utf-8")
    with zstd.open(bundle) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        archive.extractall(short_path / "bundle", filter="data")
    with tarfile.open(short_path / "bundle" / "image.tar") as saved:
        assert any(image.id.removeprefix("sha256:") in name for name in saved.getnames())
    seen = subprocess.run(
        [short_path / "bundle" / "run.sh"],
        env={"PATH": os.environ["PATH"], **engine_here()},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert (seen.returncode, seen.stdout) == (0, f"{cell(image)}: hang reproduced: ask -> wait_for_an_answer\n")


def test_an_image_that_is_gone_is_named_and_replaced_only_on_request(program: Program, image: Image) -> None:
    shutil.rmtree(program.project / "results" / "evidence")
    for database in program.project.glob("results/bisectrix.db*"):
        database.unlink()
    records = program.project / "results" / "records" / "planted-hang.jsonl"
    records.write_text(records.read_text(encoding="utf-8").replace(image.id, f"sha256:{GONE}"), encoding="utf-8")

    refused = program("replay", cell(image), "--json", **engine_here())
    done = program("replay", cell(image), "--nearest", **engine_here())

    answer = json.loads(refused.stdout)
    assert (refused.returncode, answer["missing"]) == (5, "image")
    assert f"{GONE[:12]}, which is recorded, is gone" in answer["explanation"]
    assert done.returncode == 0, done.stdout
    assert f"note: in {image.name}" in done.stdout


def test_without_an_engine_a_cell_in_an_image_cannot_be_replayed(
    program: Program, image: Image, tmp_path: Path
) -> None:
    done = program("replay", cell(image), DOCKER_HOST=f"unix://{tmp_path}/none.sock")

    assert done.returncode == 5
    assert "which is recorded, cannot be had: no container engine" in done.stdout
