"""Built images, kept: an image whose inputs have not changed is not built again."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bisectrix.environments.locking import FileLock
from bisectrix.images.archive import Image, write_image
from bisectrix.images.recipe import Recipe, full_name

LOCK_WITHIN_S = 900.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """A folder of built images, shared by all processes of a user."""

    folder: Path

    def image(self, recipe: Recipe, *, anew: bool = False) -> Image:
        """Return the image, built now if it is not there; `anew` builds it in any case.

        Raises:
            InfraError: it cannot be built here.
        """
        if not anew and (kept := self.kept(recipe)):
            return kept
        with self._alone(recipe):
            if not anew and (kept := self.kept(recipe)):
                return kept
            return self._build(recipe)

    def kept(self, recipe: Recipe) -> Image | None:
        """Return the image if it is here and was made from the same inputs."""
        try:
            note = json.loads(self._note(recipe).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # never built, or a disk was full while the note was written
            return None
        archive = self._archive(recipe)
        if note["inputs"] != _digest(recipe) or not archive.is_file():
            return None
        return Image(name=note["name"], id=note["id"], archive=archive, labels=note["labels"])

    def _build(self, recipe: Recipe) -> Image:
        inputs = _digest(recipe)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=f"{recipe.name}-") as made:
            root = Path(made, "root")
            root.mkdir()
            labels = recipe.fill(root)
            image = write_image(root, Path(made, "image.tar"), name=full_name(recipe), labels=labels)
            archive = image.archive.replace(self._archive(recipe))
        note = {"inputs": inputs, "name": image.name, "id": image.id, "labels": labels}
        written = self._note(recipe).with_suffix(".new")
        written.write_text(json.dumps(note, indent=2, sort_keys=True), encoding="utf-8")
        written.replace(self._note(recipe))
        return Image(name=image.name, id=image.id, archive=archive, labels=labels)

    @contextmanager
    def _alone(self, recipe: Recipe) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock.opened(self.folder / f"{recipe.name}.lock") as lock:
            lock.own(within_s=LOCK_WITHIN_S)
            yield

    def _archive(self, recipe: Recipe) -> Path:
        return self.folder / f"{recipe.name}.tar"

    def _note(self, recipe: Recipe) -> Path:
        return self.folder / f"{recipe.name}.json"


def _digest(recipe: Recipe) -> str:
    """Name what an image is made from, with the code that makes it."""
    digest = hashlib.sha256(recipe.inputs().encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()
