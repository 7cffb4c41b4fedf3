"""Runs a suite twice at once: the first keeps the store, the second starts up while it does."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

INI = "[pytest]\n"
SETTINGS = {
    "none": {"pytest.ini": INI},
    "func-only": {"pytest.ini": INI + "timeout = 2\ntimeout_func_only = true\n"},
    "own-section": {"pyproject.toml": "[pytest-timeout]\ntimeout = 2\n"},
    "beside-pytest-ini": {"pytest.ini": INI, "pyproject.toml": "[tool.pytest.ini_options]\ntimeout = 2\n"},
    "pyproject": {"pyproject.toml": "[tool.pytest.ini_options]\ntimeout = 2\n"},
    "signal": {"pytest.ini": INI + "timeout = 2\ntimeout_method = signal\n"},
    "thread": {"pytest.ini": INI + "timeout = 2\ntimeout_method = thread\n"},
    "no-lifespan": {"pytest.ini": INI},
}
SUITE = Path(__file__).with_name("suite.py").read_text()


def start(folder, store, role, setting):
    folder.mkdir()
    (folder / "test_app.py").write_text(SUITE)
    for name, text in SETTINGS[setting].items():
        (folder / name).write_text(text)
    variables = {"STORE": store, "ROLE": role, "LIFESPAN": "no" if setting == "no-lifespan" else "yes"}
    uncaptured = ["-s"] if role == "first" else []
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=.", "--confcutdir=.", *uncaptured],
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE if role == "first" else None,
        text=True,
    )


def main(setting):
    with tempfile.TemporaryDirectory() as root:
        store = str(Path(root, "lock"))
        first = start(Path(root, "first"), store, "first", "none")
        try:
            while "holds" not in (line := first.stdout.readline()):
                if not line:
                    raise SystemExit("the first suite could not start")
            print("ready", flush=True)
            code = start(Path(root, "second"), store, "second", setting).wait()
        finally:
            first.stdin.close()
            first.wait()
    print("the second suite ended by itself, with", code)


main(sys.argv[1])
