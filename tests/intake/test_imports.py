"""An import says how far it is, to its organisation and to operators, and what came of it."""

import datetime as dt

import httpx
import pytest
from cri_intake.actions import imports
from cri_intake.actions.imports import Course
from cri_intake.models import Import
from cri_shared import clock
from cri_shared.errors import Busy
from sqlalchemy import select

from tests.intake.conftest import QUESTION, Intake
from tests.intake.test_members import Colleague, member, organisation_id

KEY = "an-import-of-many-questions"


async def sent(intake: Intake, *rows: object, key: str = KEY) -> httpx.Response:
    headers = {"Authorization": f"Bearer {intake.key}", "Idempotency-Key": key}
    return await intake.client.post(
        "/api/v1/questions/batch", json={"questions": rows}, headers=headers
    )


async def test_both_see_how_far_it_is_and_when_it_has_stopped(intake: Intake) -> None:
    now = clock.now()
    with clock.frozen(now):
        mia = await member(intake)
        own = await organisation_id(intake)
        course = Course(intake.rig, own, KEY, 500)
        await course.begin()
        assert '<progress max="500" value="0"></progress>' in await mia.see("/ours")
    with clock.frozen(now + dt.timedelta(seconds=30)):
        for number in range(60):
            await course.row(recorded=number != 7)
        operator = await Colleague.arrive(intake, "Op", "operator")
        assert isinstance(operator, Colleague)
        for page in (await mia.see("/ours"), await operator.see(f"/organisations/{own}")):
            assert '<progress max="500" value="50"></progress>' in page
            assert "50 of 500" in page
            assert "1 failed" in page
            assert "for about 5 minutes" in page  # 450 rows, at 50 in half a minute
        await intake.another_key("Another house")
        noa = await member(intake, "Noa N.", "Another house")
        assert "Imports" not in await noa.see("/ours")
    with clock.frozen(now + dt.timedelta(minutes=5)):
        page = await mia.see("/ours")
        assert "<progress" not in page
        assert "with the same Idempotency-Key: nothing is recorded twice" in page


async def test_what_came_of_it_stays_as_long_as_it_may_be_sent_again(intake: Intake) -> None:
    now = clock.now()
    with clock.frozen(now):
        mia = await member(intake)
        wrong = QUESTION | {"country": "QQ"}
        assert (await sent(intake, QUESTION, wrong, QUESTION)).status_code == 200
        page = await mia.see("/ours")
        assert "1 refused" in page
        assert "QQ" not in page
        await sent(intake, QUESTION, QUESTION, QUESTION)  # mended, with the same key
        page = await mia.see("/ours")
        assert "1 refused" not in page
        assert page.count("All recorded") == 1
    with clock.frozen(now + dt.timedelta(days=3, seconds=1)):
        await intake.rig.service.retention.run()
        async with intake.rig.service.database.reading() as session:
            assert (await session.execute(select(Import))).first() is None


async def test_a_busy_database_lets_the_import_go_on(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Busy

    monkeypatch.setattr(imports, "insert_into", busy)
    results = (await sent(intake, QUESTION)).json()["results"]
    assert [one["status"] for one in results] == [201]
