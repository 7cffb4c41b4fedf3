"""Environments made inside of an image, offline: by our uv, from wheels that were fetched outside; nothing of theirs runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bisectrix.containers.errands import Errands
from bisectrix.containers.flags import Mount
from bisectrix.containers.images import UV_INSIDE
from bisectrix.containers.static_uv import StaticUv
from bisectrix.containers.workshop import UV_CACHE
from bisectrix.environments.installer import Making, refusal
from bisectrix.errors import InfraError
from bisectrix.model.environment import Image, Interpreter, Unavailable
from bisectrix.model.words import SkipReason
from bisectrix.resolve.complaints import classify, explain
from bisectrix.resolve.portable import requirements
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.resolve.wheels import LockedWheel, NoWheel, Target, fetch_wheels, locked_wheels

POOL_INSIDE = "/pool"
WHEELS_INSIDE = "/wheels"

BUILD_VARIABLES: Mapping[str, str] = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "315532800",  # the start of 1980, before which zip files know no time
    "UV_CACHE_DIR": f"{POOL_INSIDE}/{UV_CACHE}",
    "UV_NO_CONFIG": "1",
    "UV_OFFLINE": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_NO_PROGRESS": "1",
    "NO_COLOR": "1",
}

BUILD = """
import compileall, glob, json, os, py_compile, subprocess, sys
task = json.loads(sys.argv[1])
for command in task["commands"]:
    code = subprocess.call(command)
    if code:
        sys.exit(code)
for noted in glob.glob(glob.escape(task["site"]) + "/*.dist-info/uv_cache.json"):
    os.remove(noted)
    record = os.path.join(os.path.dirname(noted), "RECORD")
    with open(record, encoding="utf-8", newline="") as file:
        kept = [line for line in file if ".dist-info/uv_cache.json," not in line]
    with open(record + ".new", "w", encoding="utf-8", newline="") as file:
        file.writelines(kept)
    os.replace(record + ".new", record)
compileall.compile_dir(
    task["site"], maxlevels=100, quiet=2, force=True, workers=1,
    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
)
"""
"""Bytecode is compiled one file after another, by a Python that reads no `.pth` file: with several at work it depends on
their order, and packages could run code. What uv notes of when a wheel was fetched is taken away: it differs each time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InImage:
    """Makes environments for an image.

    Attributes:
        root: folder of the pool; one mount holds environments and uv's cache, else there are no hard links between them.
        wheels: where wheels are kept.
    """

    image: Image
    errands: Errands
    root: Path
    wheels: Path
    static_uv: StaticUv
    settings: IndexSettings

    @property
    def marks(self) -> Sequence[str]:
        """The image, by its digest."""
        return ("image", self.image.id)

    def beside(self, _uv: Uv) -> InImage:
        """Return the same: what runs in a container is not cancelled halfway."""
        return self

    def install(self, making: Making) -> Unavailable | None:
        """Fetch the wheels, then make the environment in a container without network."""
        chosen = locked_wheels(making.lock, target_of(making.interpreter))
        missing = [wheel.why for wheel in chosen if isinstance(wheel, NoWheel)]
        if missing:
            return Unavailable(
                reason=SkipReason.UNBUILDABLE,
                explanation=f"{'; '.join(missing)}, and nothing is built in containers",
                remedy="run the cell on the host, where source releases are built",
            )
        wheels = tuple(wheel for wheel in chosen if isinstance(wheel, LockedWheel))
        links = {
            f"--find-links {self._inside(file.parent)}" for file in fetch_wheels(wheels, self.settings, self.wheels)
        }
        text = "\n".join((*sorted(links), requirements(making.lock).text))
        (making.folder / "requirements.txt").write_text(text, encoding="utf-8")
        (self.root / UV_CACHE).mkdir(exist_ok=True)
        return self._build(making, bool(wheels))

    def _build(self, making: Making, has_packages: bool) -> Unavailable | None:  # noqa: FBT001  (one of two tasks)
        python = str(making.interpreter.path)
        task = json.dumps(_task(making, has_packages=has_packages))
        mounts = (
            Mount(source=str(self.root), target=POOL_INSIDE, read_only=False),
            Mount(source=str(self.wheels), target=WHEELS_INSIDE),
            Mount(source=str(self.static_uv.folder()), target=UV_INSIDE),
        )
        self.wheels.mkdir(parents=True, exist_ok=True)
        command = (python, "-I", "-S", "-c", BUILD, task)
        done = self.errands.run(self.image.id, command, mounts, within_s=making.install_s)
        if done.exit_code == 0:
            return None
        if done.exit_code < 0 or done.exit_code > 2:  # noqa: PLR2004  (uv's own codes are 1 and 2)
            raise InfraError(f"installing in the image {self.image.reference} failed: {done.stderr[-500:].strip()}")
        return refusal(classify(done.stderr), explain(done.stderr))

    def _inside(self, folder: Path) -> str:
        return f"{WHEELS_INSIDE}/{folder.relative_to(self.wheels)}"


def target_of(interpreter: Interpreter) -> Target:
    """Return what wheels for a Python are chosen by."""
    return Target(python=interpreter.version, platform=interpreter.platform, libc=interpreter.libc)


def venv_inside(key: str) -> str:
    """Return where an environment of the pool lies in every container."""
    return f"{POOL_INSIDE}/{key}/venv"


def _task(making: Making, *, has_packages: bool) -> dict[str, object]:
    folder = f"{POOL_INSIDE}/{making.folder.name}"
    uv, venv = f"{UV_INSIDE}/uv", venv_inside(making.folder.name)
    make = (uv, "venv", venv, "--quiet", "--no-project", "--python", str(making.interpreter.path))
    sync = (
        *(uv, "pip", "sync", f"{folder}/requirements.txt", "--quiet", "--python", f"{venv}/bin/python"),
        *("--no-index", "--no-build", "--require-hashes", "--link-mode", "hardlink"),
    )
    commands = [make, sync] if has_packages else [make]
    return {"commands": commands, "site": f"{venv}/lib/python{making.interpreter.minor}/site-packages"}
