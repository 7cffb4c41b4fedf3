"""Closing an asyncio server while somebody is connected."""

import asyncio

import pytest


async def start_server_with_one_client():
    connected = asyncio.Event()

    async def handle(reader, writer):
        connected.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    _, client = await asyncio.open_connection(*server.sockets[0].getsockname())
    await connected.wait()
    return server, client


async def test_wait_closed_returns_though_a_client_stays_connected():
    """`Server.close` stops listening; waiting for that does not wait for the client to leave (gh-79033, gh-104344)."""
    server, client = await start_server_with_one_client()
    server.close()
    await server.wait_closed()
    client.close()


async def test_wait_closed_returns_once_the_clients_are_closed_too():
    """`Server.close_clients` is the way out where `wait_closed` waits for clients (gh-113538)."""
    if not hasattr(asyncio.AbstractServer, "close_clients"):
        pytest.skip("Server.close_clients is new in 3.13")
    server, client = await start_server_with_one_client()
    server.close()
    server.close_clients()
    await server.wait_closed()
    client.close()
