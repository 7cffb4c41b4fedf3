"""Archives unpacked in memory: layouts, sizes, and what is refused."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile

import pytest

from bisectrix.errors import InfraError
from bisectrix.explain.archive import LARGEST_KEPT_MIB, MIB, unpack
from bisectrix.explain.difference import Digest


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def tarred(files: dict[str, bytes], kind: str = "gz") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=f"w:{kind}") as archive:  # type: ignore[call-overload]  # one of its kinds
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def test_a_wheel_is_laid_out_as_it_is_installed() -> None:
    packed = zipped({"tool/a.py": b"1", "tool-1.data/purelib/b.py": b"2", "tool-1.dist-info/METADATA": b"3"})
    assert unpack("tool-1-py3-none-any.whl", packed) == {
        "tool/a.py": b"1",
        "b.py": b"2",
        "tool-1.dist-info/METADATA": b"3",
    }


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_a_source_release_is_laid_out_as_a_wheel_of_it_would_be(kind: str) -> None:
    packed = tarred({"tool-1/src/tool/a.py": b"1", "tool-1/PKG-INFO": b"2", "./tool-1/setup.py": b"3"}, kind)
    assert unpack(f"tool-1.tar.{kind}", packed) == {"tool/a.py": b"1", "PKG-INFO": b"2", "setup.py": b"3"}


def test_a_source_release_may_be_zipped() -> None:
    assert unpack("tool-1.zip", zipped({"tool-1/a.py": b"1", "tool-1/docs/": b""})) == {"a.py": b"1"}


def test_of_a_large_file_the_digest_is_kept() -> None:
    content = b"x" * (LARGEST_KEPT_MIB * MIB + 1)
    assert unpack("tool-1.zip", zipped({"t/large": content, "t/limit": content[1:]})) == {
        "large": Digest(sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content)),
        "limit": content[1:],
    }


@pytest.mark.parametrize("name", ["bomb-1.tar.gz", "bomb-1.whl"])
def test_a_bomb_is_refused_by_what_it_unpacks_to(name: str) -> None:
    pack = zipped if name.endswith(".whl") else tarred
    files = {f"t/{number}": bytes(MIB) for number in range(3)}
    with pytest.raises(InfraError, match="too large to be compared"):
        unpack(name, pack(files), most_mib=2)


@pytest.mark.parametrize("path", ["/etc/passwd", "../up.py", "a/../../up.py", "a/..", "C:/x.py", "a\\b.py"])
def test_a_path_that_leads_outside_is_refused(path: str) -> None:
    with pytest.raises(InfraError, match="leads outside"):
        unpack("tool-1.tar.gz", tarred({"tool-1/a.py": b"", path: b""}))


def test_dots_that_lead_nowhere_are_names() -> None:
    assert set(unpack("tool-1.whl", zipped({"a/..b/c...py": b""}))) == {"a/..b/c...py"}


def test_links_are_left_out() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        link = tarfile.TarInfo("tool-1/passwd")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert unpack("tool-1.tar.gz", packed.getvalue()) == {}


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("tool-1.whl", b"no archive"),
        ("tool-1.tar.gz", b"no archive"),
        ("tool-1.tar.xz", b"no archive"),
        ("tool-1.tar.gz", tarred({"tool-1/a.py": b"x" * 9999})[:-20]),
        ("tool-1.egg", zipped({})),
    ],
    ids=("no wheel", "no gzip", "no xz", "cut off", "unknown suffix"),
)
def test_what_cannot_be_unpacked_is_our_failure_and_names_the_file(name: str, packed: bytes) -> None:
    with pytest.raises(InfraError) as caught:
        unpack(name, packed)
    assert caught.value.place == name
