"""A new service key while the service is in use: nothing that was sealed is lost."""

import asyncio
import os
from pathlib import Path

import pytest
from cri_intake.app import create_app
from cri_intake.models import messaging
from cri_intake.settings import Settings
from cri_shared import clock
from cri_shared.cli import keys as verbs
from cri_shared.privacy.key_tables import wrapped_keys
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from sqlalchemy import select

from tests.intake.conftest import Intake, said, typed
from tests.intake.officers import posted

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


async def rotated(settings: Settings) -> list[str]:
    return await verbs._rotate(create_app(settings).state.service)


async def retired(settings: Settings, *, at_once: bool = False) -> tuple[list[str], bool]:
    return await verbs._retire(create_app(settings).state.service, at_once=at_once)


async def wrapping(intake: Intake) -> set[str]:
    """The service keys under which keys lie wrapped."""
    async with intake.rig.keys._readers.connect() as connection:
        found = (await connection.execute(select(wrapped_keys.c.wrapped))).scalars().all()
    return {intake.rig.service.ring.wrapped_by(one) for one in found}


def age(directory: Path, days: float) -> None:
    """Let every key file be some days older."""
    then = clock.now().timestamp() - days * 86400
    for file in directory.glob("k*.key"):
        os.utime(file, (then, then))


async def test_nothing_is_lost_while_questions_come_in(tmp_path: Path) -> None:
    settings = settings_for(Settings, tmp_path)
    app = create_app(settings)
    async with running(app) as client:
        intake = Intake(app, client, "", tmp_path)
        intake.key = await intake.another_key("Caritas")
        before = await posted(intake, 1)
        (first,) = await wrapping(intake)
        ids, said = await asyncio.gather(
            asyncio.gather(*(posted(intake, n) for n in range(2, 12))), rotated(settings)
        )
        assert "is made" in said[0]
        assert "goes on" in (await rotated(settings))[0], "interrupted, it would go on"
        (second,) = await wrapping(intake)
        assert (first != second, intake.rig.service.ring.current) == (True, second)
        assert not (await retired(settings))[1], "backups need the old key for a week"
        assert not (await retired(settings, at_once=True))[1], "some may still be written"
        age(settings.key_dir, days=0.01)
        assert not (await retired(settings))[1]
        assert (await retired(settings, at_once=True)) == ([f"{first} is destroyed."], True)
        assert (await retired(settings)) == (["There is no older key."], True)
        intake.rig.keys._recent.clear()
        for question_id in (before, *ids, await posted(intake, 12)):
            assert (await intake.get(f"/questions/{question_id}")).status_code == 200
            await intake.rig.keys.get("case", question_id)
        assert [file.name for file in settings.key_dir.glob("k*.key")] == [f"{second}.key"]
        async with intake.rig.service.database.reading() as session:
            audit = messaging.audit
            noted = (await session.execute(select(audit.c.action, audit.c.about))).all()
    assert noted[-3:] == [
        ("keys.rotated", second),
        ("keys.rotated", second),
        ("keys.retired", first),
    ]


async def test_a_week_later_the_old_key_may_go(tmp_path: Path) -> None:
    settings = settings_for(Settings, tmp_path)
    app = create_app(settings)
    async with running(app) as client:
        intake = Intake(app, client, "", tmp_path)
        intake.key = await intake.another_key("Caritas")
        await posted(intake, 1)
        await rotated(settings)
        age(settings.key_dir, days=7.1)
        assert (await retired(settings))[1]
        assert "is made" in (await rotated(settings))[0]


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(Settings, tmp_path)
    typed(settings, monkeypatch)
    assert said("keys") == (
        0,
        f"{settings.key_dir}: kept as it is\n{settings.identity_key_dir}: kept as it is\n",
    )
    assert "There is no older key." in said("keys", "retire")[1]
    app = create_app(settings)

    async def prepare() -> None:
        async with running(app):
            pass

    asyncio.run(prepare())
    status, told = said("keys", "rotate")
    assert (status, "0 keys are wrapped" in told) == (0, True)
    status, told = said("keys", "retire")
    assert (status, "is not 7 days old" in told) == (1, True)
    status, told = said("erasures")
    assert (status, told.split()[:2]) == (0, ["end", "0"])
    assert "dead-letters" in said("retention", "--dry-run")[1]
