"""What an image is made from, and what all images of ours have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

OWNER = "bisectrix"
HOLDS = f"{OWNER}.holds"  # a label: what is in the image, for a person
PYTHON = f"{OWNER}.python"  # a label: the full version

USERS = "root:x:0:0:root:/root:/bin/sh\ncell:x:1000:1000:cell:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"
GROUPS = "root:x:0:\ncell:x:1000:\nnogroup:x:65534:\n"
NSSWITCH = "passwd: files\ngroup: files\nhosts: files dns\n"

COMPILE = ("-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash")


class Recipe(Protocol):
    """One image that can be made here."""

    @property
    def name(self) -> str:
        """Name without owner and tag: `debian-bookworm`."""

    def inputs(self) -> str:
        """Everything that decides what comes out, as text; cheap to ask."""

    def fill(self, root: Path) -> dict[str, str]:
        """Put all files of the image into an empty folder and return its labels.

        Raises:
            InfraError: a program, a package or a mirror that this needs is missing.
        """


def full_name(recipe: Recipe) -> str:
    """Return the name that an engine shows: `bisectrix/debian-bookworm:latest`."""
    return f"{OWNER}/{recipe.name}:latest"


def write_etc(root: Path) -> None:
    """Write the few files that a C library asks for, and the folders that programs and engines expect."""
    for folder in ("etc", "tmp", "var/tmp", "proc", "sys", "dev", "run", "root"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name, text in (("passwd", USERS), ("group", GROUPS), ("nsswitch.conf", NSSWITCH)):
        (root / "etc" / name).write_text(text, encoding="ascii")
