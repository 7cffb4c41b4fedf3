"""A deployment on a real server, with flow runs that are due."""

from pathlib import Path

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.states import Scheduled
from prefect.workers.process import ProcessWorker


@flow
def short():
    """Do nothing."""


async def deploy(pool, count):
    async with get_client() as client:
        await client.create_work_pool(
            WorkPoolCreate(
                name=pool, type="process", base_job_template=ProcessWorker.get_default_base_job_template()
            )
        )
        deployment = await client.create_deployment(
            flow_id=await client.create_flow(short),
            name="deployment",
            work_pool_name=pool,
            path=str(Path(__file__).parent),
            entrypoint=f"{Path(__file__).name}:short",
        )
        for _ in range(count):
            await client.create_flow_run_from_deployment(deployment, state=Scheduled())
