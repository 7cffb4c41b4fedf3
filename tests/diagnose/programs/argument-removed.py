# /// script
# requires-python = "==3.12.*"
# dependencies = ["httpx==0.28.1"]
# ///
"""An argument that httpx 0.28 removed; the look-alike leaves one out."""

import sys

import httpx

FACES = {
    "true": lambda: httpx.AsyncClient(proxies={}),
    "lookalike": lambda: httpx.Request("GET"),
}


FACES[sys.argv[1]]()
