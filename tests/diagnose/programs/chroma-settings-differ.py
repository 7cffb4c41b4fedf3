# /// script
# requires-python = "==3.12.*"
# dependencies = ["chromadb==1.5.9"]
# ///
"""Two clients of one folder, the second with other settings; the look-alike makes a collection that is there."""

import sys
import tempfile

import chromadb


def other_settings():
    with tempfile.TemporaryDirectory() as folder:
        chromadb.PersistentClient(folder, settings=chromadb.Settings(anonymized_telemetry=False))
        chromadb.PersistentClient(folder, settings=chromadb.Settings(anonymized_telemetry=False, allow_reset=True))


def collection_twice():
    with tempfile.TemporaryDirectory() as folder:
        client = chromadb.PersistentClient(folder, settings=chromadb.Settings(anonymized_telemetry=False))
        for _ in range(2):
            client.create_collection("orders", embedding_function=None)


FACES = {"true": other_settings, "lookalike": collection_twice}


FACES[sys.argv[1]]()
