"""Built images are kept, and built again when what they are made from has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.images.shelf import Shelf


@dataclass(kw_only=True)
class Planted:
    """A recipe that counts how often it is cooked."""

    text: str
    cooked: int = 0
    fails: bool = False
    name: str = field(default="planted")

    def inputs(self) -> str:
        return self.text

    def fill(self, root: Path) -> dict[str, str]:
        self.cooked += 1
        (root / "file").write_text(self.text)
        if self.fails:
            raise InfraError("no flour")
        return {"bisectrix.holds": self.text}


def test_an_image_is_built_once(tmp_path: Path) -> None:
    recipe, shelf = Planted(text="bread"), Shelf(folder=tmp_path)
    assert shelf.kept(recipe) is None
    first = shelf.image(recipe)
    assert first == shelf.image(recipe) == shelf.kept(recipe)
    assert (first.name, recipe.cooked) == ("bisectrix/planted:latest", 1)


def test_other_inputs_give_another_image_in_its_place(tmp_path: Path) -> None:
    recipe, shelf = Planted(text="bread"), Shelf(folder=tmp_path)
    first = shelf.image(recipe)
    recipe.text = "cake"
    assert shelf.kept(recipe) is None
    second = shelf.image(recipe)
    assert first.id != second.id
    assert first.archive == second.archive


def test_it_can_be_built_anew_and_is_equal(tmp_path: Path) -> None:
    recipe, shelf = Planted(text="bread"), Shelf(folder=tmp_path)
    assert shelf.image(recipe) == shelf.image(recipe, anew=True)
    assert recipe.cooked == 2


def test_a_build_that_fails_leaves_the_one_before_and_no_rest(tmp_path: Path) -> None:
    recipe, shelf = Planted(text="bread"), Shelf(folder=tmp_path)
    before = shelf.image(recipe)
    recipe.fails = True
    with pytest.raises(InfraError):
        shelf.image(recipe, anew=True)
    assert shelf.kept(recipe) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["planted.json", "planted.lock", "planted.tar"]


def test_a_note_that_was_cut_off_is_no_image(tmp_path: Path) -> None:
    recipe, shelf = Planted(text="bread"), Shelf(folder=tmp_path)
    shelf.image(recipe)
    (tmp_path / "planted.json").write_text('{"inputs": "')
    assert shelf.kept(recipe) is None
    shelf.image(recipe)
    assert recipe.cooked == 2
