"""Each loop that is known to be idle, of the release that the index has today, beside a main thread that hangs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bisectrix.model.attempt import Blocked
from bisectrix.model.repro import Limits
from bisectrix.model.words import HangGrade
from bisectrix.supervise.supervisor import Supervisor
from support.watched import watched_run

pytestmark = pytest.mark.upstream

REQUIREMENTS = ("tqdm", "opentelemetry-sdk", "sentry-sdk", "trio", "gevent")
LIMITS = Limits(startup_s=60, deadline_s=60, quiet_s=30, assume=True)

HANGS = "\nimport threading; threading.Event().wait()\n"

SERVES = """
import http.server, threading
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
threading.Thread(target=server.serve_forever).start()
"""
MANAGES = """
import multiprocessing
manager = multiprocessing.get_context("fork").Manager()
"""
SHOWS_PROGRESS = """
import tqdm
bar = tqdm.tqdm(total=9)
"""
TRACES = """
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter()))
"""
MEASURES = """
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader
provider = MeterProvider([PeriodicExportingMetricReader(ConsoleMetricExporter())])
"""
REPORTS = """
import sentry_sdk
sentry_sdk.init("http://key@127.0.0.1:9/1", enable_logs=True)
sentry_sdk.logger.info("it began")
"""
HANGS = "import threading; threading.Event().wait()"
LOOPS = {
    "serve_forever": ("serve_forever only serves its socket", SERVES + HANGS),
    "manager": ("the process of a multiprocessing manager only waits to be asked", MANAGES + HANGS),
    "tqdm": ("the monitor of tqdm only redraws its bars", SHOWS_PROGRESS + HANGS),
    "opentelemetry traces": ("opentelemetry only exports what was measured", TRACES + HANGS),
    "opentelemetry metrics": ("opentelemetry only exports what was measured", MEASURES + HANGS),
    "sentry": ("sentry only sends what was reported", REPORTS + HANGS),
    "trio": ("trio wakes once a day, and has no timer of the program", "import trio; trio.run(trio.sleep_forever)"),
    "gevent": (
        "gevent has no timer of the program",
        "import gevent.hub; gevent.hub.get_hub().loop.async_().start(id); __import__('gevent').get_hub().switch()",
    ),
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "uv", "venv", "-q", folder], check=True, timeout=300)
    install = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "-q",
        "--python",
        str(folder / "bin/python"),
        *REQUIREMENTS,
    ]
    subprocess.run(install, check=True, timeout=300)
    return str(folder / "bin/python")


@pytest.fixture(scope="module")
def endings(python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    folder = tmp_path_factory.mktemp("loops")

    def ending_of(name: str) -> object:
        argv = (python, "-c", LOOPS[name][1])
        return watched_run(supervisor, argv, folder / name.replace(" ", "-"), LIMITS).ending

    with Supervisor() as supervisor, ThreadPoolExecutor(4) as pool:
        yield dict(zip(LOOPS, pool.map(ending_of, LOOPS), strict=True))


@pytest.mark.parametrize("name", LOOPS)
def test_a_hang_beside_a_loop_that_is_idle_is_told_with_what_is_assumed_of_it(
    endings: dict[str, object], name: str
) -> None:
    ending = endings[name]
    assert isinstance(ending, Blocked), ending
    assert ending.grade is HangGrade.ASSUMED, ending
    assert LOOPS[name][0] in ending.assumptions
