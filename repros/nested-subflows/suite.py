"""The tests of the report: two agents of pydantic-ai, alone, one after the other, and both inside one flow."""

import sys
from pathlib import Path

import pytest
import settings
from prefect import flow
from prefect.testing.utilities import prefect_test_harness
from pydantic_ai import Agent, FunctionToolset
from pydantic_ai.durable_exec.prefect import PrefectAgent
from pydantic_ai.mcp import MCPServerStdio
from pydantic_ai.models.test import TestModel

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("prefect")]
if settings.CASSETTE:
    pytestmark.append(pytest.mark.vcr)


@pytest.fixture(scope="session", autouse=True)
def prefect_server():
    with prefect_test_harness(server_startup_timeout=settings.START_UP_S):
        yield


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def vcr_config():
    return {"ignore_localhost": True}


def country() -> str:
    return "Mexico"


def toolsets():
    yield FunctionToolset(tools=[country], id="country")
    if settings.MCP:
        server = str(Path(__file__).with_name("server.py"))
        yield MCPServerStdio(sys.executable, [server], id="mcp", timeout=60)


simple_agent = PrefectAgent(Agent(TestModel(), name="simple_agent"))
complex_agent = PrefectAgent(Agent(TestModel(), name="complex_agent", toolsets=list(toolsets())))


async def test_simple():
    assert (await simple_agent.run("What is the capital of Mexico?")).output


async def test_simple_again():
    assert (await simple_agent.run("What is the capital of Mexico?")).output


async def test_complex():
    assert "Mexico" in (await complex_agent.run("Tell me the country, and its weather")).output


async def test_nested():
    @flow(name="nested")
    async def both():
        await simple_agent.run("What is the capital of Mexico?")
        print("the first subflow is finished", flush=True)
        return await complex_agent.run("Tell me the country, and its weather")

    assert "Mexico" in (await both()).output
