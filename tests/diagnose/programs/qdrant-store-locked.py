# /// script
# requires-python = "==3.12.*"
# dependencies = ["qdrant-client==1.14.2"]
# ///
"""Two clients open one folder; the look-alike asks for a collection that is not there."""

import sys
import tempfile

from qdrant_client import QdrantClient


def two_clients():
    with tempfile.TemporaryDirectory() as folder:
        first = QdrantClient(path=folder)
        QdrantClient(path=folder)
        first.close()


def no_collection():
    with tempfile.TemporaryDirectory() as folder:
        QdrantClient(path=folder).get_collection("articles")


FACES = {"true": two_clients, "lookalike": no_collection}


FACES[sys.argv[1]]()
