"""Images: what a reference stands for, which Pythons are inside, and what is said when one is missing."""

from __future__ import annotations

import os
from pathlib import Path

import docker
import docker.errors
import pytest

from bisectrix.containers.engine import Engine
from bisectrix.containers.session import Session
from bisectrix.containers.workshop import Workshop
from bisectrix.errors import InfraError
from bisectrix.images.archive import Image
from bisectrix.model.attempt import Exited
from bisectrix.model.environment import Image as CellImage
from bisectrix.model.environment import Unavailable
from bisectrix.model.words import SkipReason
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.supervise.supervisor import Supervisor
from support.contained import PYTHON, ContainedCells
from support.engines import address_of

pytestmark = pytest.mark.container


def test_a_tag_stands_for_the_digest_of_its_image(session: Session, image: Image) -> None:
    found = session.image(image.name, {})
    assert isinstance(found, CellImage)
    assert found.id == image.id


def test_the_pythons_of_an_image_are_found_and_remembered(session: Session, image: Image) -> None:
    asked = session.pythons.of(CellImage(reference=image.name, id=image.id))
    assert isinstance(asked, tuple)
    assert [python.version for python in asked] == [image.labels["bisectrix.python"]]
    assert str(asked[0].path).startswith("/usr/local/bin/python")
    assert session.pythons.of(CellImage(reference=image.name, id=image.id)) == asked


def test_a_registry_that_cannot_be_reached_is_said_in_its_words(session: Session) -> None:
    found = session.image("localhost:9/no/such:image", {})
    assert isinstance(found, Unavailable)
    assert found.reason is SkipReason.NO_IMAGE
    assert "refused" in found.explanation


def test_a_container_file_beside_the_repro_is_built_once(session: Session, image: Image) -> None:
    files = {"Containerfile": f"FROM {image.name}\nCOPY data /data\n".encode(), "data": b"hello"}
    first = session.image("build:Containerfile", files)
    assert isinstance(first, CellImage), first
    try:
        assert session.image("build:Containerfile", files) == first
        other = session.image("build:Containerfile", {**files, "data": b"else"})
        assert isinstance(other, CellImage)
        assert other.id != first.id
        session.engine.api.remove_image(other.id, force=True)
    finally:
        session.engine.api.remove_image(first.id, force=True)


def test_a_container_file_that_does_not_build_is_no_image(session: Session, image: Image) -> None:
    found = session.image("build:Containerfile", {"Containerfile": f"FROM {image.name}\nCOPY nothing /\n".encode()})
    assert isinstance(found, Unavailable)
    assert found.reason is SkipReason.NO_IMAGE
    assert "nothing" in found.explanation


def test_an_image_that_was_removed_meanwhile_is_our_failure(contained: ContainedCells) -> None:
    contained.image = "sha256:" + "0" * 64
    with pytest.raises(Exception, match="0000"):
        contained.run(contained.order(""))


def test_a_full_disk_of_the_engine_is_said_with_what_to_do(session: Session) -> None:
    with pytest.raises(InfraError, match="no space left") as caught, session.engine.asked("make a container"):
        raise docker.errors.APIError("write /var/lib/x: no space left on device")
    assert "free some room" in caught.value.hint


def test_cells_run_under_podman_as_well(
    podman: docker.DockerClient, image: Image, supervisor: Supervisor, tmp_path: Path
) -> None:
    found = Engine.find({"DOCKER_HOST": address_of(podman)})
    assert isinstance(found, Engine)
    assert found.about().name == "podman"
    workshop = Workshop(uv=Uv.find(IndexSettings()), cache=tmp_path, machine=os.uname().machine, site_files={})
    with Session.opened(found, workshop) as session:
        cells = ContainedCells(session, supervisor, tmp_path, image.name, PYTHON)
        assert cells.run(cells.order("raise SystemExit(4)")).ending == Exited(code=4)
        assert cells.left() == 0
    found.close()
