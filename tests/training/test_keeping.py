"""Who came to a workshop is forgotten some weeks after it; what it was like stays."""

import asyncio
import datetime as dt

import httpx
import pytest
from cri_shared import clock
from cri_shared.db import Work
from cri_shared.privacy.vault import Erased
from cri_shared.testing.waiting import eventually
from cri_training.actions.asking import Details, Wish, ask_for_proof
from cri_training.models import Attendance, Edition, PostedLetter, SeatMove, SignUp, Tally
from cri_training.rig import KEY_KIND
from sqlalchemy import func, select, text

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


@pytest.mark.parametrize(("date", "days"), [("2027-01-15", 31), ("2026-12-05", -10)])
async def test_how_long_they_stay_counts_from_where_a_moved_workshop_ends(
    training_on_each: Training, date: str, days: int
) -> None:
    training = training_on_each
    edition_id = await training.edition(capacity="3")
    before = (await training.stored(edition_id)).ends_at
    await training.sign_up(edition_id, "noor@example.org")
    times = {"date": date, "start": "14:00", "end": "17:00"}
    moved = await training.post(f"/console/editions/{edition_id}/sessions/1", **times)
    assert moved.status_code == 303, moved.text
    await training.sign_up(edition_id, "bob@example.org")
    ends = before + dt.timedelta(days=days)
    await training.go_to(ends - dt.timedelta(hours=1))
    who = {"nonce": "0123456789abcdef", "name": "Ann Exempel", "organisation": "Voorbeeldhuis"}
    walked_in = await training.post(f"/console/editions/{edition_id}/attendance/1/walk-in", **who)
    assert walked_in.status_code == 303, walked_in.text
    second = dt.timedelta(seconds=1)
    for after, left in ((dt.timedelta(days=60) - second, 3), (dt.timedelta(days=60), 0)):
        with clock.frozen(ends + after):
            await training.mails()
            assert await count(training, SignUp) == left


async def test_who_signs_up_while_a_workshop_is_moved_goes_with_it(
    training_on_each: Training,
) -> None:
    training = training_on_each
    database, edition_id = training.rig.service.database, await training.edition()
    url = f"/console/editions/{edition_id}/sessions/1"
    times = {"date": "2026-12-05", "start": "14:00", "end": "17:00"}
    as_it_was = await training.stored(edition_id)
    async with database.writing() as work:
        await asked(training, work, as_it_was, "ann")
        moving = asyncio.create_task(training.post(url, **times))
        await eventually(lambda: waits_its_turn(training, moving), what="the move")
    assert (await moving).status_code == 303
    async with database.writing() as work:  # whose form was read before
        await asked(training, work, as_it_was, "bob")
    ends = (await training.stored(edition_id)).ends_at
    assert ends < as_it_was.ends_at
    async with database.reading() as session:
        kept = (await session.execute(select(SignUp.edition_ends_at))).scalars().all()
    assert kept == [ends, ends]


async def asked(training: Training, work: Work, edition: Edition, name: str) -> None:
    """Somebody whose form was read while the edition was as it is told."""
    key = await training.rig.keys.create(KEY_KIND, name)
    wish = Wish(Details(name, "Voorbeeldhuis", f"{name}@example.org"), "en", name)
    assert await ask_for_proof(work, training.rig, edition, wish, name, key)


async def waits_its_turn(training: Training, moving: asyncio.Task[httpx.Response]) -> bool:
    """Whether a move waits for who writes, as it always does on SQLite, or did not and is done."""
    database = training.rig.service.database
    if database.is_sqlite or moving.done():
        return True
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with database.reading() as session:
        return bool((await session.execute(text(waiting))).scalar_one())


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
