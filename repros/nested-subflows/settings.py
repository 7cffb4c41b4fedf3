"""What the variables of the environment choose, for programs and tests alike."""

import os

CASSETTE = os.environ.get("CASSETTE", "on") == "on"
"""Whether requests are recorded."""

CHILDREN = int(os.environ.get("CHILDREN", "2"))
"""How many flows a flow calls."""

CONNECTIONS = os.environ.get("CONNECTIONS", "")
"""How many connections Prefect's clients may have; empty leaves their own limit, which is 16."""

LOCALHOST = os.environ.get("LOCALHOST", "recorded")
"""`bypassed`: the stubs of VCR pass requests to this machine on, as a workaround of the report's project does."""

MCP = os.environ.get("MCP", "on") == "on"
"""Whether the second agent has tools in a process of their own."""

REQUESTS = 40

START_UP_S = int(os.environ.get("START_UP_S", "200"))
"""How long Prefect's test server may take to start."""


def apply():
    """Change Prefect's clients and the stubs of VCR as chosen."""
    if CONNECTIONS:
        _limit_connections(None if CONNECTIONS == "unlimited" else int(CONNECTIONS))
    if LOCALHOST == "bypassed":
        _bypass_the_stubs()


def _limit_connections(most):
    import httpx
    from prefect.client.orchestration import PrefectClient, SyncPrefectClient

    for client in (PrefectClient, SyncPrefectClient):

        def init(self, *args, httpx_settings=None, original=client.__init__, **kwargs):
            limits = httpx.Limits(max_connections=most, max_keepalive_connections=8)
            original(self, *args, httpx_settings={**(httpx_settings or {}), "limits": limits}, **kwargs)

        client.__init__ = init


def _bypass_the_stubs():
    from vcr.stubs import httpcore_stubs

    recorded = httpcore_stubs._vcr_handle_async_request

    async def handle(cassette, real, pool, request):
        if request.url.host == b"127.0.0.1":
            return await real(pool, request)
        return await recorded(cassette, real, pool, request)

    httpcore_stubs._vcr_handle_async_request = handle
