"""Who came to a workshop is forgotten some weeks after it; what it was like stays."""

import datetime as dt

import pytest
from cri_shared import clock
from cri_shared.privacy.vault import Erased
from cri_training.models import Attendance, Edition, PostedLetter, SeatMove, SignUp, Tally
from cri_training.rig import KEY_KIND
from sqlalchemy import func, select

from tests.training.conftest import NOW, Training

OF_A_PARTICIPANT = (SignUp, SeatMove, PostedLetter, Attendance)


async def count(training: Training, table: type) -> int:
    async with training.rig.service.database.reading() as session:
        return int((await session.execute(select(func.count()).select_from(table))).scalar_one())


async def test_participants_go_60_days_after_the_workshop(training: Training) -> None:
    edition_id = await training.edition()
    await training.sign_up(edition_id, "noor@example.org")
    await training.mails()
    async with training.rig.service.database.reading() as session:
        sign_up_id = (await session.execute(select(SignUp.sign_up_id))).scalar_one()
    ends = (await training.stored(edition_id)).ends_at
    for after, there in ((dt.timedelta(days=59), True), (dt.timedelta(days=60), False)):
        with clock.frozen(ends + after):
            await training.mails()
            assert [bool(await count(training, t)) for t in OF_A_PARTICIPANT[:3]] == [there] * 3
            if there:
                assert await training.rig.keys.get(KEY_KIND, sign_up_id)
    with pytest.raises(Erased):
        await training.rig.keys.get(KEY_KIND, sign_up_id)
    assert await count(training, Edition) == 1
    async with training.rig.service.database.reading() as session:
        (left,) = (await session.execute(select(Tally))).scalars()
    assert (left.edition_id, left.role, left.reached, left.number) == (edition_id, "", "seated", 1)
    assert (left.organisation_id, left.minutes) == ("", 0)
    assert ends > NOW


async def test_reports_tell_the_same_when_who_came_is_forgotten(training: Training) -> None:
    edition_id = await training.edition(capacity="6")
    people = [f"p{number}@example.org" for number in range(6)]
    for email in people:
        await training.sign_up(edition_id, email)
    await training.post("/console/organisations", name="Voorbeeldhuis")
    (house,) = await training.organisations()
    await training.change(people, organisation_id=house, role="legal_aid")
    ends = (await training.stored(edition_id)).ends_at
    await training.go_to(ends + dt.timedelta(hours=1))
    await training.mark_the_rest(edition_id)
    await training.post(f"/console/editions/{edition_id}/certificates")
    told = []
    for days, left in ((59, 6), (61, 0)):
        await training.go_to(ends + dt.timedelta(days=days))
        await training.mails()
        assert await count(training, SignUp) == left
        told.append((await training.client.get("/console/reports.csv")).text)
    assert told[0] == told[1]
    assert "Organisation,Voorbeeldhuis,,,,6,6,0,6,6,18.0" in told[1]
