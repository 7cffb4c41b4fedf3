"""A folder packed as an image: which bytes matter, and which never do."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

from bisectrix.images.archive import write_image
from bisectrix.images.layer import file_digest, write_layer


def fill(root: Path) -> None:
    for name, text in (("etc/passwd", "root:x:0:0\n"), ("bin/tool", "#!/bin/sh\n"), ("tmp/.keep", "")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "bin/tool").chmod(0o4755)
    (root / "bin/link").symlink_to("/etc/passwd")
    os.mkfifo(root / "etc/pipe")


def test_the_same_files_give_the_same_layer_whenever_and_in_whatever_order_they_were_written(tmp_path: Path) -> None:
    digests = set()
    for number in range(2):
        root = tmp_path / f"root{number}"
        fill(root)
        os.utime(root / "bin/tool", (number, number))
        digests.add(write_layer(root, tmp_path / f"{number}.tar"))
    assert len(digests) == 1


def test_a_layer_has_no_setuid_file_no_owner_and_no_pipe(tmp_path: Path) -> None:
    fill(tmp_path / "root")
    write_layer(tmp_path / "root", tmp_path / "layer.tar")
    with tarfile.open(tmp_path / "layer.tar") as layer:
        modes = {entry.name: oct(entry.mode) for entry in layer}
        owners = {(entry.uid, entry.gid, entry.uname, entry.gname) for entry in layer}
        target = layer.getmember("bin/link").linkname
    assert modes == {
        "bin": "0o755",
        "bin/link": "0o777",
        "bin/tool": "0o755",
        "etc": "0o755",
        "etc/passwd": "0o644",
        "tmp": "0o1777",
        "tmp/.keep": "0o644",
    }
    assert owners == {(0, 0, "", "")}
    assert target == "/etc/passwd"


def test_the_id_of_an_image_is_the_digest_of_its_configuration(tmp_path: Path) -> None:
    fill(tmp_path / "root")
    image = write_image(tmp_path / "root", tmp_path / "image.tar", name="bisectrix/x:latest", labels={"of": "x"})
    with tarfile.open(image.archive) as archive:
        archive.extractall(tmp_path, filter="data")
    manifest = json.loads((tmp_path / "manifest.json").read_text())[0]
    configuration = tmp_path / manifest["Config"]
    assert manifest["RepoTags"] == ["bisectrix/x:latest"]
    assert image.id == f"sha256:{file_digest(configuration)}" == f"sha256:{configuration.stem}"
    layer = json.loads(configuration.read_text())["rootfs"]["diff_ids"]
    assert layer == [f"sha256:{file_digest(tmp_path / name)}" for name in manifest["Layers"]]


def test_a_label_changes_the_id_and_nothing_is_left_beside_the_archive(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    images = [
        write_image(tmp_path / "root", tmp_path / f"{label}.tar", name="n", labels={"a": label}) for label in ("1", "2")
    ]
    assert images[0].id != images[1].id
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.tar", "2.tar", "root"]
