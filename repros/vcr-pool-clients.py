# /// script
# requires-python = ">=3.9"
# dependencies = ["httpx>=0.25.2", "vcrpy>=4.4"]
#
# [tool.bisectrix]
# title = "Any httpx client waits under a VCR cassette once its connections are used up"
# question = "Does it take few connections, an async client, or no time limit for httpx to wait for ever?"
# links = ["https://github.com/kevin1024/vcrpy/issues/977"]
# ready = "ready"
# attempts = 3
# matrices = ["vcr-pool-clients", "vcr-pool-timeouts"]
#
# [tool.bisectrix.bug]
# kind = "hang"
# stack = ["vcr/stubs/httpcore_stubs.py", "connection_pool.py:wait_for_connection"]
# pattern = "PoolTimeout"
#
# [tool.bisectrix.limits]
# deadline_s = 30
# quiet_s = 3
#
# [[tool.bisectrix.claims]]
# id = "every-limit"
# kind = "finding"
# says = "The request that waits is the first one beyond the limit: request 3 of 2 connections, 17 of 16, 101 of 100"
# source = "https://github.com/kevin1024/vcrpy/issues/977"
# expect = [
#   { cell = "connections=2,vcrpy=8.1.1", outcome = "hang", shows = "^request 3 of 3$" },
#   { cell = "connections=16,vcrpy=8.1.1", outcome = "hang", shows = "^request 17 of 17$" },
#   { cell = "connections=100,vcrpy=8.1.1", outcome = "hang", shows = "^request 101 of 101$" },
# ]
#
# [[tool.bisectrix.claims]]
# id = "sync-too"
# kind = "finding"
# says = "The sync client waits as well: it does not take an event loop"
# expect = [
#   { cell = "client=sync,vcrpy=8.1.1", outcome = "bad" },
#   { cell = "client=async,vcrpy=8.1.1", outcome = "bad" },
# ]
#
# [[tool.bisectrix.claims]]
# id = "one-bug"
# kind = "finding"
# says = "With a limit on the wait for a connection the same bug is a PoolTimeout, in the same releases"
# expect = [
#   { cell = "wait=one-second,vcrpy=7.0.0", outcome = "good" },
#   { cell = "wait=one-second,vcrpy=8.0.0", outcome = "bad", shows = "PoolTimeout" },
#   { cell = "wait=one-second,vcrpy=8.1.1", outcome = "bad", shows = "PoolTimeout" },
#   { cell = "wait=one-second,vcrpy=8.2.0", outcome = "good" },
#   { cell = "wait=for-ever,vcrpy=8.1.1", outcome = "hang" },
# ]
# ///
"""One request more than the client has connections, by a client of either kind, to a server of its own."""

import argparse
import asyncio
import http.server
import tempfile
import threading

import httpx
import vcr


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args):
        pass


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--client", choices=["async", "sync"], default="async")
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument("--pool-timeout-s", type=float, default=None)
    return parser.parse_args()


def numbers(connections):
    """Count the requests, telling which is about to be sent."""
    for number in range(1, connections + 2):
        print("request", number, "of", connections + 1, flush=True)
        yield number


async def request_async(address, connections, **options):
    async with httpx.AsyncClient(**options) as client:
        for _ in numbers(connections):
            await client.get(address)


def request_sync(address, connections, **options):
    with httpx.Client(**options) as client:
        for _ in numbers(connections):
            client.get(address)


def main():
    asked = read_arguments()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = "http://127.0.0.1:%d" % server.server_port
    options = {
        "limits": httpx.Limits(max_connections=asked.connections),
        "timeout": httpx.Timeout(None, pool=asked.pool_timeout_s),
    }
    print("ready", flush=True)
    with tempfile.TemporaryDirectory() as folder, vcr.use_cassette(f"{folder}/cassette.yaml", ignore_localhost=True):
        if asked.client == "async":
            asyncio.run(request_async(address, asked.connections, **options))
        else:
            request_sync(address, asked.connections, **options)
    server.shutdown()
    print("done")


main()
