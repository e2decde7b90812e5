"""What intake says of itself while parts are away, and that it means it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cri_intake.app import create_app
from cri_intake.settings import Settings
from cri_shared.testing.processes import free_port
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running

from tests.intake.conftest import Intake


@pytest.fixture
async def alone(tmp_path: Path) -> AsyncIterator[Intake]:
    """An intake with a worker, and no NATS anywhere."""
    nowhere = f"nats://127.0.0.1:{free_port()}"
    app = create_app(settings_for(Settings, tmp_path, role="all", nats_url=nowhere))
    async with running(app) as client:
        intake = Intake(app, client, "", tmp_path)
        intake.key = await intake.another_key("Caritas")
        yield intake


async def told(intake: Intake) -> tuple[int, list[str]]:
    answer = await intake.client.get("/health/ready")
    return answer.status_code, answer.json()["reasons"]


async def test_without_nats_it_is_ready_for_questions_and_says_that_it_is_degraded(
    alone: Intake,
) -> None:
    assert await told(alone) == (200, ["nats-away"])
    assert (await alone.post("an-idempotency-key-1")).status_code == 201


async def test_without_its_key_store_it_is_not_ready_because_no_question_can_be_sealed(
    alone: Intake,
) -> None:
    await alone.rig.keys.close()  # gives back what it holds open
    (alone.directory / "intake-keys.db").unlink()
    assert await told(alone) == (503, ["keys-away", "nats-away"])
    assert (await alone.post("an-idempotency-key-1")).status_code >= 500


async def test_without_its_database_it_is_not_ready(alone: Intake) -> None:
    (alone.directory / "intake.db").unlink()
    assert await told(alone) == (503, ["database-away", "nats-away"])
