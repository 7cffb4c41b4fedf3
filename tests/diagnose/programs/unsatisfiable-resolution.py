# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""Two requirements exclude each other; the look-alike cannot reach its index."""

import subprocess
import sys


def resolve(*more):
    command = ["uv", "pip", "compile", "-", "--no-config", *more]
    sys.exit(subprocess.run(command, input="httpx==0.28.1\nhttpcore==0.9.0\n", text=True).returncode)


def pip():
    command = ["uv", "run", "--no-project", "--with", "pip", "python", "-m", "pip", "install", "-qq", "--dry-run"]
    sys.exit(subprocess.run([*command, "httpx==0.28.1", "httpcore==0.9.0"]).returncode)


FACES = {
    "true": resolve,
    "true-pip": pip,
    "lookalike": lambda: resolve("--index-url", "http://127.0.0.1:9/simple", "--no-cache"),
}


FACES[sys.argv[1]]()
