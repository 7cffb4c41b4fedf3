"""A wheel of what is installed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from bisectrix.environments.repack import installed_wheel
from bisectrix.errors import InfraError
from bisectrix.model.environment import Environment, Interpreter

HERE = Interpreter(
    path=Path("/usr/bin/python3.11"),
    version="3.11.7",
    implementation="cpython",
    platform="linux-x86_64",
    source="system",
)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    files = {
        "my_package/__init__.py": "x = 1\n",
        "my_package/__pycache__/__init__.cpython-311.pyc": "compiled",
        "my_package-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: My.Package\nVersion: 1.0\n",
        "my_package-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n",
        "my_package-1.0.dist-info/INSTALLER": "uv",
    }
    record = [f"{name},," for name in (*files, "../../../bin/tool", "my_package-1.0.dist-info/RECORD")]
    for name, text in {**files, "my_package-1.0.dist-info/RECORD": "\n".join(record)}.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")
    return Environment(key="k", root=tmp_path, python=tmp_path / "bin/python", interpreter=HERE, lock_sha256="00")


def test_it_holds_what_a_wheel_of_it_would_have_held(environment: Environment) -> None:
    name, content = installed_wheel(environment, "my-package")

    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        record = wheel.read("my_package-1.0.dist-info/RECORD").decode().splitlines()
        names = wheel.namelist()
    assert name == "my_package-1.0-py2.py3-none-any.whl"
    assert names == [
        "my_package-1.0.dist-info/METADATA",
        "my_package-1.0.dist-info/WHEEL",
        "my_package/__init__.py",
        "my_package-1.0.dist-info/RECORD",
    ]
    assert [line.split(",")[0] for line in record] == names
    assert installed_wheel(environment, "My.Package")[1] == content


def test_what_is_not_installed_is_our_failure(environment: Environment) -> None:
    with pytest.raises(InfraError, match="other is not installed"):
        installed_wheel(environment, "other")
