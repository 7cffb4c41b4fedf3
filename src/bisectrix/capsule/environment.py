"""Wheels unpacked into a virtual environment, without an installer."""

from __future__ import annotations

import configparser
import os
import sys
import venv
import zipfile
from pathlib import Path

from bisectrix.capsule.contents import PROBE, WHEELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bisectrix.capsule.contents import Contents

EXECUTABLE = 0o111
SITE_FILE = "_bisectrix_probe.pth"
LAUNCHER = """#!{python}
import sys
from {module} import {attribute}
sys.exit({call}())
"""


class Environment:
    """A folder with a virtual environment and the probe."""

    def __init__(self, root: Path) -> None:
        """Name the places below `root`."""
        self.root = root / "venv"
        self.bin = self.root / "bin"
        self.python = self.bin / "python"
        self.site = self.root / "lib" / "python{}.{}".format(*sys.version_info[:2]) / "site-packages"
        self.probe = root / PROBE

    def make(self, contents: Contents) -> None:
        """Unpack all wheels; nothing of them is run."""
        venv.EnvBuilder(symlinks=True, with_pip=False).create(str(self.root))
        contents.write(PROBE, self.probe)
        (self.site / SITE_FILE).write_bytes((self.probe / SITE_FILE).read_bytes())
        wheels = self.root / WHEELS
        contents.write(WHEELS, wheels)
        for wheel in sorted(wheels.iterdir()):
            self._unpack(wheel)
            wheel.unlink()
        wheels.rmdir()

    def _unpack(self, wheel: Path) -> None:
        with zipfile.ZipFile(str(wheel)) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    self._write(member.filename, archive.read(member), member.external_attr >> 16)
            for name in archive.namelist():
                if name.endswith(".dist-info/entry_points.txt"):
                    self._write_launchers(archive.read(name).decode("utf-8"))

    def _write(self, name: str, content: bytes, mode: int) -> None:
        folder, rest = self._place(name)
        target = (folder / rest).resolve()
        if self.root.resolve() not in target.parents:
            raise ValueError("a wheel wants to write outside of its environment: " + name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if folder == self.bin and content.startswith(b"#!python"):
            content = b"#!" + os.fsencode(str(self.python)) + b"\n" + content.partition(b"\n")[2]
        target.write_bytes(content)
        if folder == self.bin or mode & EXECUTABLE:
            target.chmod(0o755)

    def _place(self, name: str) -> tuple[Path, str]:
        """Return where a member of a wheel belongs."""
        first, _, rest = name.partition("/")
        kind, _, inner = rest.partition("/")
        if not first.endswith(".data"):
            return self.site, name
        places = {"scripts": self.bin, "data": self.root, "headers": self.root / "include"}
        return places.get(kind, self.site), inner

    def _write_launchers(self, text: str) -> None:
        for name, module, attribute in entry_points(text):
            launcher = self.bin / name
            head = attribute.partition(".")[0]
            launcher.write_text(
                LAUNCHER.format(python=self.python, module=module, attribute=head, call=attribute), encoding="utf-8"
            )
            launcher.chmod(0o755)


def entry_points(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, module and attribute of each console script."""
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    parser.read_string(text)
    if parser.has_section("console_scripts"):
        for name, value in parser.items("console_scripts"):
            module, _, attribute = value.partition("[")[0].strip().partition(":")
            yield name, module.strip(), attribute.strip()
