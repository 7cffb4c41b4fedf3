"""An image of a Debian release: its Python on its own C library, as its mirror has them today."""

from __future__ import annotations

import os
import platform
import re
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bisectrix.errors import InfraError
from bisectrix.images.layer import EPOCH
from bisectrix.images.recipe import COMPILE, HOLDS, PYTHON, write_etc
from bisectrix.supervise.command import run_command

RELEASES = ("bullseye", "bookworm", "trixie")
PACKAGES = ("python3", "dash", "coreutils", "base-files", "libstdc++6", "zlib1g")
MORE = {"bullseye": ("python3-distutils",)}
"""Without it, installers refuse a Python as old as this one."""

MIRROR_VARIABLE = "BISECTRIX_DEBIAN_MIRROR"

BOOTSTRAP_DEADLINE_S = 900.0
ASK_DEADLINE_S = 30.0
FACTS = "bisectrix-facts"
COMPILE_HOOK = f'chroot "$1" sh -c "PYTHONHASHSEED=0 python3 {" ".join(COMPILE)} /usr/lib/python3.*"'
FACTS_HOOK = f"""chroot "$1" python3 -I -S -c "
import os, platform
print(platform.python_version(), os.confstr('CS_GNU_LIBC_VERSION'), sep='\\n')
" > "$1/{FACTS}" """
SHELL_HOOK = 'test -e "$1/bin/sh" || ln -s dash "$1/bin/sh"'  # older ones make this link when they are configured

LEFT_OUT = re.compile(
    rf"""(?:dev|boot|media|mnt|srv|opt|home|run|tmp|var|proc|sys|sbin|{FACTS}
    |etc/(?!python3|debian_version|os-release|mime\.types|host\.conf|ld\.so).*
    |usr/(?:games|include|sbin|src|local|lib/(?:apt|dpkg|systemd|init|\w+\.d)|lib/\w+-linux-gnu/perl.*)
    |usr/share/(?!zoneinfo|python3).*
    |(?:usr/)?bin/(?:perl|apt|dpkg|deb|tar).*
    )(?:/|$)""",
    re.VERBOSE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DebianRecipe:
    """An image of a release's Python, and of nothing that it can do without.

    Attributes:
        release: its code name.
        mirror: where its packages are fetched from.
        environ: the caller's variables, for the proxies that lead there.
    """

    release: str
    mirror: str
    environ: Mapping[str, str]

    @property
    def name(self) -> str:
        """`debian-bookworm`."""
        return f"debian-{self.release}"

    @property
    def packages(self) -> tuple[str, ...]:
        """What is unpacked."""
        return (*PACKAGES, *MORE.get(self.release, ()))

    def inputs(self) -> str:
        """Name release, packages and machine; what the mirror has changes only with point releases, and is not asked."""
        return f"{self.release} {' '.join(self.packages)} {platform.machine()}"

    def fill(self, root: Path) -> dict[str, str]:
        """Fetch and unpack the packages without running their scripts, and compile Python's library."""
        packed = root.with_name("packages.tar")
        try:
            self._bootstrap(packed)
            facts = _unpack(packed, root)
        finally:
            packed.unlink(missing_ok=True)
        write_etc(root)
        python, libc = facts.split("\n")[:2]
        return {HOLDS: f"Debian {self.release}, Python {python}, {libc}", PYTHON: python}

    def _bootstrap(self, packed: Path) -> None:
        if not self.mirror:
            raise InfraError(
                f"apt knows no mirror of Debian here, and {self.name} is made from one",
                hint=f"name one: --mirror URL, or {MIRROR_VARIABLE}",
            )
        hooks = (f"--extract-hook={hook}" for hook in (SHELL_HOOK, COMPILE_HOOK, FACTS_HOOK))
        options = ("--quiet", "--variant=extract", f"--include={','.join(self.packages)}", *hooks)
        command = ("mmdebstrap", *options, self.release, str(packed), self.mirror)
        done = run_command(command, env=_variables(self.environ), deadline_s=BOOTSTRAP_DEADLINE_S)
        if done.exit_code:
            said = [line for line in done.stderr.splitlines() if line.startswith("E:")]
            raise InfraError(
                f"mmdebstrap could not make {self.release}: {' '.join(said) or done.stderr[-300:]}",
                place=self.mirror,
                hint=f"is it still there? Old releases move to an archive: --mirror URL, or {MIRROR_VARIABLE}",
            )


def debian_recipes(environ: Mapping[str, str], mirror: str = "") -> tuple[DebianRecipe, ...]:
    """Return the releases that can be made here, the oldest first.

    Args:
        environ: the caller's variables.
        mirror: where to fetch from; empty means what a variable says, else where apt of this machine fetches from.
    """
    mirror = mirror or environ.get(MIRROR_VARIABLE, "") or apt_mirror()
    return tuple(DebianRecipe(release=release, mirror=mirror, environ=environ) for release in RELEASES)


def apt_mirror() -> str:
    """Return the mirror of Debian that this machine's apt uses; empty if there is none."""
    if not shutil.which("apt-get"):
        return ""
    asked = ("apt-get", "indextargets", "--format", "$(SITE)")
    done = run_command(asked, env={"PATH": os.defpath}, deadline_s=ASK_DEADLINE_S)
    return next(mirrors(done.stdout), "")


def mirrors(targets: str) -> Iterator[str]:
    """Yield the addresses of Debian's own archive among what apt fetches from."""
    for line in targets.splitlines():
        site = line.split()[0]
        if urlsplit(site).path.rstrip("/").endswith("/debian"):
            yield site


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name.lower().endswith("_proxy") or name == "TMPDIR"}
    return {"PATH": f"{os.defpath}:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": str(EPOCH), **kept}


def _unpack(packed: Path, root: Path) -> str:
    """Unpack what an image gets, and return what the release's Python said about itself."""
    with tarfile.open(packed) as archive:
        entries = [entry for entry in archive if not LEFT_OUT.match(entry.name.removeprefix("./"))]
        archive.extractall(root, members=entries, filter=_as_is)  # noqa: S202  (apt has checked whose they are)
        said = archive.extractfile(f"./{FACTS}")
        return said.read().decode() if said else ""


def _as_is(entry: tarfile.TarInfo, _root: str) -> tarfile.TarInfo | None:
    """Keep files, folders and links, absolute ones too: they are followed inside of the image only."""
    return entry if entry.isreg() or entry.isdir() or entry.issym() or entry.islnk() else None
