"""How a process takes each store for itself: a function of the path that returns what keeps it open."""

import fcntl
import os
from pathlib import Path


def flock(path):
    file = open(path / "lock", "w")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def lockf(path):
    file = open(path / "lock", "w")
    fcntl.lockf(file, fcntl.LOCK_EX)
    return file


def portalocker_lock(path):
    import portalocker

    file = open(path / "lock", "w")
    portalocker.lock(file, portalocker.LOCK_EX)
    return file


def portalocker_Lock(path):
    import portalocker

    lock = portalocker.Lock(str(path / "lock"), "w")
    lock.acquire()
    return lock


def filelock(path):
    from filelock import FileLock

    lock = FileLock(path / "lock")
    lock.acquire()
    return lock


def retry_without_sleep(path):
    file = open(path / "lock", "w")
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            pass


def diskcache(path):
    import diskcache

    lock = diskcache.Lock(diskcache.Cache(str(path)), "key")
    lock.acquire()
    return lock


def lmdb(path):
    import lmdb

    return lmdb.open(str(path)).begin(write=True)


def sqlite(path):
    import sqlite3

    connection = sqlite3.connect(path / "db", isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    return connection


def duckdb(path):
    import duckdb

    return duckdb.connect(str(path / "db"))


def kuzu(path):
    import kuzu

    return kuzu.Connection(kuzu.Database(str(path / "db")))


def rocksdict(path):
    import rocksdict

    return rocksdict.Rdict(str(path / "db"))


def plyvel(path):
    import plyvel

    return plyvel.DB(str(path / "db"), create_if_missing=True)


def tinydb(path):
    from tinydb import TinyDB

    store = TinyDB(path / "db.json")
    store.insert({"from": os.getpid()})
    return store


def chromadb(path):
    import chromadb

    client = chromadb.PersistentClient(str(path))
    client.get_or_create_collection("cells").add(ids=[str(os.getpid())], documents=["d"], embeddings=[[0.0, 1.0]])
    return client


STORES = {
    name.replace("_", "-"): function
    for name, function in globals().copy().items()
    if callable(function) and function is not Path
}
