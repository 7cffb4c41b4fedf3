"""The book of locks: an answer that is recorded is not asked for again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.model.lock import Lock, LockRequest, Resolved, Unbuildable, Unsatisfiable
from bisectrix.model.words import Resolution
from bisectrix.record.locks import LockBook
from support.results import cell, digest

CELL = cell(python="3.11", vcrpy="8.1.1")


def request(vcrpy: str = "8.1.1") -> LockRequest:
    return LockRequest(
        requirements=("httpx", "vcrpy"),
        constraints=(f"vcrpy=={vcrpy}",),
        resolution=Resolution.HIGHEST,
        cutoff="",
        cutoff_exempt=(),
        python="3.11",
        platform="linux-x86_64",
    )


def lock(vcrpy: str = "8.1.1") -> Lock:
    text = f'lock-version = "1.0"\n\n[[packages]]\nname = "vcrpy"\nversion = "{vcrpy}"\n'
    return Lock(text=text, sha256=digest(text), packages=(("vcrpy", vcrpy),), resolver="uv 0.9.0")


@pytest.fixture
def book(tmp_path: Path) -> LockBook:
    return LockBook(tmp_path / "locks")


@pytest.mark.parametrize(
    "resolved",
    [
        lock(),
        Unsatisfiable(explanation='Because a\n  and "b"\\c\n\nwe can\'t.', resolver="uv 0.9.0"),
        Unbuildable(explanation="\nidna 0.2 does not build\n", resolver="uv 0.9.0"),
    ],
)
def test_an_answer_comes_back(book: LockBook, tmp_path: Path, resolved: Resolved) -> None:
    assert book.get("vcr-pool", request()) is None
    book.put("vcr-pool", CELL, request(), resolved)
    assert book.get("vcr-pool", request()) == resolved
    assert LockBook(tmp_path / "locks").get("vcr-pool", request()) == resolved
    assert book.get("vcr-pool", request("8.2.0")) is None


def test_equal_locks_share_a_file(book: LockBook, tmp_path: Path) -> None:
    book.put("vcr-pool", CELL, request("8.1.1"), lock())
    book.put("other", cell("other"), request("8.2.0"), lock())
    assert sorted(file.name for file in (tmp_path / "locks").iterdir()) == [
        "other.toml",
        f"pylock.{lock().sha256[:12]}.toml",
        "vcr-pool.toml",
    ]


def test_the_index_is_the_same_whatever_the_order(tmp_path: Path) -> None:
    texts = []
    for name, order in (("a", ("8.1.1", "8.2.0")), ("b", ("8.2.0", "8.1.1"))):
        book = LockBook(tmp_path / name)
        for vcrpy in order:
            book.put("vcr-pool", cell(vcrpy=vcrpy), request(vcrpy), lock(vcrpy))
            book.put_releases("vcr-pool", "vcrpy", f"=={vcrpy}", (vcrpy,))
        texts.append((tmp_path / name / "vcr-pool.toml").read_text(encoding="utf-8"))
    assert texts[0] == texts[1]


def test_the_index_tells_a_reader_which_cells_asked(book: LockBook, tmp_path: Path) -> None:
    book.put("vcr-pool", CELL, request(), lock())
    book.put("vcr-pool", cell(python="3.11", resolution="highest"), request(), lock())
    text = (tmp_path / "locks" / "vcr-pool.toml").read_text(encoding="utf-8")
    assert (
        text
        == f"""\
# Written by bisectrix; commit it. `requests` names the lock that answered each request, or says why there is none;
# `releases` lists what a range in a matrix stood for. `bisectrix run NAME --relock` asks again.

[requests.{request().sha256}]
cells = [
    "vcr-pool@python=3.11,resolution=highest",
    "vcr-pool@python=3.11,vcrpy=8.1.1",
]
lock = "pylock.{lock().sha256[:12]}.toml"
resolver = "uv 0.9.0"
"""
    )


def test_a_new_answer_replaces_the_old_one(book: LockBook) -> None:
    book.put("vcr-pool", CELL, request(), Unsatisfiable(explanation="no", resolver="uv 0.8.0"))
    book.put("vcr-pool", CELL, request(), lock())
    assert book.get("vcr-pool", request()) == lock()


def test_the_resolvers_of_a_repro_are_known(book: LockBook) -> None:
    assert book.resolvers("vcr-pool") == ()
    book.put("vcr-pool", CELL, request(), lock())
    book.put("vcr-pool", CELL, request("8.2.0"), Unsatisfiable(explanation="no", resolver="uv 0.8.0"))
    assert book.resolvers("vcr-pool") == ("uv 0.8.0", "uv 0.9.0")


def test_releases_come_back_oldest_first_and_only_for_the_same_range(book: LockBook) -> None:
    assert book.releases("vcr-pool", "vcrpy", ">=8") is None
    book.put_releases("vcr-pool", "vcrpy", ">=8", ("8.0.0", "8.1.0", "10.0.0"))
    book.put_releases("vcr-pool", "vcrpy", ">=99", ())
    assert book.releases("vcr-pool", "vcrpy", ">=8") == ("8.0.0", "8.1.0", "10.0.0")
    assert book.releases("vcr-pool", "vcrpy", ">=99") == ()
    assert book.releases("vcr-pool", "vcrpy", ">=9") is None


def test_a_lock_that_is_gone_is_resolved_again(book: LockBook, tmp_path: Path) -> None:
    book.put("vcr-pool", CELL, request(), lock())
    next((tmp_path / "locks").glob("pylock.*")).unlink()
    assert book.get("vcr-pool", request()) is None


def test_a_lock_that_was_edited_is_not_believed(book: LockBook, tmp_path: Path) -> None:
    book.put("vcr-pool", CELL, request(), lock())
    file = next((tmp_path / "locks").glob("pylock.*"))
    file.write_text(lock().text.replace("8.1.1", "8.1.0"), encoding="utf-8")
    with pytest.raises(InfraError, match="was edited") as edited:
        book.get("vcr-pool", request())
    assert edited.value.place == str(file)
    book.put("vcr-pool", CELL, request(), lock())
    assert book.get("vcr-pool", request()) == lock()


def test_a_broken_index_is_named(book: LockBook, tmp_path: Path) -> None:
    book.put("vcr-pool", CELL, request(), lock())
    (tmp_path / "locks" / "vcr-pool.toml").write_text("<<<<<<< ours\n", encoding="utf-8")
    with pytest.raises(InfraError, match="not TOML") as broken:
        book.get("vcr-pool", request())
    assert broken.value.place.endswith("vcr-pool.toml")
    assert "--relock" in broken.value.hint


def test_two_books_of_one_folder_write_at_once(tmp_path: Path) -> None:
    books = [LockBook(tmp_path / "locks") for _ in range(2)]
    versions = [f"8.{number}" for number in range(20)]

    def put(number: int) -> None:
        books[number % 2].put("vcr-pool", cell(vcrpy=versions[number]), request(versions[number]), lock())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(20)))
    assert all(book.get("vcr-pool", request(version)) == lock() for version in versions for book in books)


def test_pruning_removes_only_locks_that_no_index_names_and_that_are_ours(book: LockBook, tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    book.put("vcr-pool", CELL, request(), lock())
    book.put("vcr-pool", CELL, request(), lock("8.2.0"))
    (folder / "pylock.0123456789ab.toml").write_text("somebody's", encoding="utf-8")
    assert book.prune_unused() == (f"pylock.{lock().sha256[:12]}.toml",)
    assert sorted(file.name for file in folder.iterdir()) == sorted(
        ["pylock.0123456789ab.toml", f"pylock.{lock('8.2.0').sha256[:12]}.toml", "vcr-pool.toml"]
    )
