"""Intake from one start to the next: what is asked and erased while it is up, and lost after."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cri_intake.actions.erasing import erase_case
from cri_intake.app import create_app
from cri_intake.models import Case, Wish
from cri_shared.testing.disk import on_disk
from cri_shared.testing.web import running

from tests.intake.conftest import Intake
from tests.intake.officers import posted
from tests.intake.operators import Operator


@asynccontextmanager
async def at_work(operator: Operator) -> AsyncIterator[Intake]:
    """Intake while it is up."""
    app = create_app(operator.settings)
    async with running(app) as client:
        intake = Intake(app, client, operator.api_key, operator.directory)
        if not intake.key:
            intake.key = operator.api_key = await intake.another_key("Caritas")
        yield intake


async def asked(operator: Operator, count: int) -> list[str]:
    """Let an organisation ask; gives the ids of the questions."""
    async with at_work(operator) as intake:
        return [await posted(intake, number) for number in range(count)]


async def erase(intake: Intake, question_ids: list[str]) -> None:
    """Erase cases, keys included."""
    rig = intake.rig
    async with rig.service.database.writing() as work:
        for question_id in question_ids:
            case = await work.session.get_one(Case, question_id)
            await erase_case(work, rig, case, wish=Wish.ASKER)
    await rig.keys.erase(await rig.ledger.known())  # all at once, before each by its job
    while await rig.service.clockwork.do_jobs():
        pass


async def readable(intake: Intake, number: int) -> bool:
    """Whether the answer to an organisation, sealed under the case's key, can be read again."""
    again = await intake.post(f"an-idempotency-key-{number:03}")
    return again.headers.get("Idempotent-Replayed") == "true"


def lose(operator: Operator, *names: str) -> None:
    """Let files of the live service be gone."""
    for name in names:
        for file in (operator.directory / "var").glob(f"{name}*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()


def contents(operator: Operator) -> dict[str, bytes]:
    """Every file of the live service."""
    kept = on_disk(operator.directory / "var")
    return {path: held for path, held in kept.items() if not path.endswith("-shm")}
