"""The suite of both processes: an application that takes an embedded store for itself as it starts up."""

import contextlib
import fcntl
import os
import sys

import fastapi
import pytest
from fastapi.testclient import TestClient


@contextlib.asynccontextmanager
async def lifespan(app):
    with open(os.environ["STORE"], "w") as store:
        fcntl.flock(store, fcntl.LOCK_EX)
        yield


app = fastapi.FastAPI(lifespan=lifespan)


@app.get("/")
def index():
    return "ok"


@pytest.fixture(scope="session")
def client():
    if os.environ["LIFESPAN"] == "no":
        yield TestClient(app)
    else:
        with TestClient(app) as client:
            yield client


def test_index(client):
    assert client.get("/").json() == "ok"
    if os.environ["ROLE"] == "first":
        print("holds", flush=True)
        sys.stdin.read()
