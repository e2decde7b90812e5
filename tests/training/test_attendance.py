"""Attendance: a mark counts once, none is written over unseen, every change can be explained."""

import datetime as dt
from typing import Any

import pytest
from cri_shared import clock
from cri_shared.testing.disk import files_with
from cri_training.models import Attendance, Mark, messaging
from cri_training.rules import attendance as rules
from cri_training.rules.attendance import MinutesWanted, Presence
from sqlalchemy import select

from tests.training.conftest import Training

DURING = dt.datetime(2026, 12, 15, 14, 0, tzinfo=dt.UTC)  # an hour after it began
AFTER = dt.datetime(2026, 12, 16, 9, 0, tzinfo=dt.UTC)
PEOPLE = ["ann@example.org", "bob@example.org"]
NONCE = "0123456789abcdef"


async def edition_with_two(training: Training, at: dt.datetime = DURING) -> tuple[str, list[str]]:
    """An edition while it is held: its id and the two sign-ups on its list."""
    edition = await training.edition()
    for email in PEOPLE:
        await training.sign_up(edition, email, name=f"{email[:3].title()} Exempel")
    await training.go_to(at)
    return edition, await training.on_the_list(edition)


async def rows(training: Training, table: Any) -> list[Any]:
    async with training.rig.service.database.reading() as session:
        return list((await session.execute(select(table))).scalars())


async def send(training: Training, edition: str, person: str, **fields: str) -> dict[str, Any]:
    """Send a mark as the page's script does."""
    url = f"/console/editions/{edition}/attendance/1/people/{person}"
    form = {"csrf": training.staff.csrf, "nonce": NONCE, "seen": "0"} | fields
    answer = await training.client.post(url, data=form, headers={"Accept": "application/json"})
    told: dict[str, Any] = answer.json()
    return told


class TestRules:
    STARTS = dt.datetime(2026, 12, 15, 13, 0, tzinfo=dt.UTC)
    ENDS = STARTS + dt.timedelta(hours=3)

    @pytest.mark.parametrize(
        ("presence", "typed", "hour", "missed"),
        [
            ("present", 30, 14, 0),
            ("late", None, 14, 60),
            ("left_early", None, 14, 120),
            ("late", 20, 18, 20),
            ("absent", None, 14, 180),
            ("excused", 5, 14, 180),
        ],
    )
    def test_minutes_missed(self, presence: str, typed: int | None, hour: int, missed: int) -> None:
        made_at = self.STARTS.replace(hour=hour)
        found = rules.missed_by(Presence(presence), typed, self.STARTS, self.ENDS, made_at)
        assert found == missed

    @pytest.mark.parametrize("typed", [None, 180, -1])
    def test_minutes_that_are_not_known(self, typed: int | None) -> None:
        with pytest.raises(MinutesWanted):
            rules.missed_by(Presence.LATE, typed, self.STARTS, self.ENDS, self.ENDS)

    def test_a_phone_whose_clock_is_wrong_is_not_believed(self) -> None:
        now = self.STARTS + dt.timedelta(hours=1)
        early, soon = now - dt.timedelta(minutes=30), now + dt.timedelta(minutes=2)
        told = (None, early, soon, now + dt.timedelta(hours=1), now - dt.timedelta(days=2))
        believed = [rules.believed(one, self.STARTS, now) for one in told]
        assert believed == [now, early, now, now, now]


class TestMarks:
    async def test_a_mark_sent_twice_is_one(self, training: Training) -> None:
        edition, (ann, bob) = await edition_with_two(training)
        first = await send(training, edition, ann, presence="present")
        again = await send(training, edition, ann, presence="present")
        assert (first["outcome"], again["outcome"]) == ("kept", "before")
        assert first["version"] == again["version"] == 1
        other = await send(training, edition, bob, presence="present")
        assert "sent before" in other["problem"]
        assert len(await rows(training, Mark)) == len(await rows(training, Attendance)) == 1

    async def test_what_others_marked_meanwhile_is_not_written_over(
        self, training: Training
    ) -> None:
        edition, (ann, _) = await edition_with_two(training)
        await training.mark(edition, ann, "absent")
        early = (DURING - dt.timedelta(minutes=40)).isoformat()
        late = await send(training, edition, ann, presence="late", made_at=early)
        assert (late["outcome"], late["presence"]) == ("conflict", "absent")
        again = await send(training, edition, ann, presence="late", made_at=early)
        assert again["outcome"] == "conflict"
        page = await training.client.get(f"/console/editions/{edition}/attendance/1")
        assert "Two marks differ." in page.text
        assert "Came late, missed 20 minutes" in page.text
        assert await training.mark(edition, ann, "late", minutes="20") == "Saved."
        page = await training.client.get(f"/console/editions/{edition}/attendance/1")
        assert "Two marks differ." not in page.text
        assert "set aside" in page.text

    async def test_after_the_day_a_change_needs_a_reason(self, training: Training) -> None:
        edition, (ann, bob) = await edition_with_two(training)
        await training.mark(edition, ann, "absent")
        await training.go_to(AFTER)
        assert await training.mark(edition, bob, "present") == "Saved."
        page = await training.mark(edition, ann, "late", minutes="25")
        assert "Write why you change the mark" in page
        assert 'value="25"' in page
        reason = "Zebrafinch sat in the other room"
        assert await training.mark(edition, ann, "late", minutes="25", reason=reason) == "Saved."
        page = (await training.client.get(f"/console/editions/{edition}/attendance/1")).text
        assert reason in page
        marks = await rows(training, Mark)
        assert [m.presence for m in marks if m.sign_up_id == ann] == ["absent", "late"]
        assert files_with(training.directory, reason) == []
        async with training.rig.service.database.reading() as session:
            audit = (await session.execute(select(messaging.audit))).all()
        noted = [row for row in audit if row.action == "training.attendance.recorded"]
        assert [row.facts["presence"] for row in noted] == ["absent", "present", "late"]

    async def test_the_rest_was_there(self, training: Training) -> None:
        edition, (ann, bob) = await edition_with_two(training)
        await training.mark(edition, ann, "excused")
        for _ in range(2):
            assert (await training.mark_the_rest(edition)).status_code == 303
        marks = {row.sign_up_id: row.presence for row in await rows(training, Attendance)}
        assert marks == {ann: "excused", bob: "present"}

    async def test_nobody_came_long_before_it_begins(self, training: Training) -> None:
        before = DURING.replace(hour=11, minute=59)
        edition, _ = await edition_with_two(training, before)
        async with training.rig.service.database.reading() as session:
            found = select(Mark.metadata.tables["sign_ups"].c.sign_up_id)
            ann = (await session.execute(found.limit(1))).scalar_one()
        told = await send(training, edition, ann, presence="present")
        assert "from an hour before" in told["problem"]
        assert (await training.mark_the_rest(edition)).status_code == 409
        with clock.frozen(before + dt.timedelta(minutes=1)):
            assert (await send(training, edition, ann, presence="present"))["outcome"] == "kept"

    async def test_minutes_that_nobody_knows_come_back_to_be_typed(
        self, training: Training
    ) -> None:
        edition, (ann, _) = await edition_with_two(training, AFTER)
        page = await training.mark(edition, ann, "late", reason="Kept as typed")
        assert "Write how many minutes this person missed" in page
        assert "Kept as typed" in page
        assert "Write the minutes as a number" in await training.mark(
            edition, ann, "late", minutes="ten"
        )
        assert await rows(training, Mark) == []

    async def test_who_has_no_place_has_no_mark(self, training: Training) -> None:
        _, (ann, _) = await edition_with_two(training)
        other = await training.edition(date_1="2026-12-15", start_1="15:30", end_1="16:30")
        url = f"/console/editions/{other}/attendance/1/people/{ann}"
        form = {"nonce": NONCE, "seen": "0", "presence": "present"}
        assert (await training.post(url, **form)).status_code == 404


class TestSquares:
    async def test_a_square_opens_one_person_and_changes_nothing(self, training: Training) -> None:
        edition, (ann, _) = await edition_with_two(training)
        page = await training.client.get(f"/console/check-in/{ann}")
        assert "Ann Exempel" in page.text
        assert "Bob Exempel" not in page.text
        assert await rows(training, Mark) == []
        assert (await training.client.get("/console/check-in/nobody")).status_code == 404
        assert (await training.public.get(f"/console/check-in/{ann}")).status_code == 303
        assert await training.mark(edition, ann, "present") == "Saved."

    async def test_everybody_finds_their_own_on_their_page(self, training: Training) -> None:
        edition = await training.edition()
        token = await training.sign_up(edition, PEOPLE[0])
        page = (await training.public.get(f"/en/sign-up/manage/{token}")).text
        assert "data:image/png;base64," in page


class TestLists:
    async def test_that_names_were_seen_is_kept_with_who_saw_them(self, training: Training) -> None:
        edition = await training.edition()
        await training.sign_up(edition, PEOPLE[0])
        for path in ("participants", "participants/print", "attendance/1"):
            page = await training.client.get(f"/console/editions/{edition}/{path}")
            assert "Noor Exempelaere" in page.text
        async with training.rig.service.database.reading() as session:
            audit = (await session.execute(select(messaging.audit))).all()
        seen = [row for row in audit if row.action == "training.participants.seen"]
        assert [row.actor for row in seen] == ["Leen D."] * 3

    async def test_a_trainer_cancels_for_somebody_who_called(self, training: Training) -> None:
        edition = await training.edition()
        await training.sign_up(edition, PEOPLE[0])
        page = (await training.client.get(f"/console/editions/{edition}/participants")).text
        action = next(part for part in page.split('"') if part.endswith("/cancel"))
        for _ in range(2):
            assert (await training.post(action)).status_code == 303
        assert await training.statuses(edition) == ["cancelled"]
        assert (await training.subjects_to(PEOPLE[0])).count("You will not come") <= 1


class TestWalkIns:
    async def test_who_comes_without_a_sign_up_takes_nobodys_place(
        self, training: Training
    ) -> None:
        edition, people = await edition_with_two(training)
        url = f"/console/editions/{edition}/attendance/1/walk-in"
        form = {"nonce": NONCE, "name": "Cas Canaryname", "organisation": "Voorbeeldhuis"}
        wrong = await training.post(url, **form, email="cas")
        assert wrong.status_code == 422
        assert "Cas Canaryname" in wrong.text
        for _ in range(2):
            assert (await training.post(url, **form)).status_code == 303
        with_mail = form | {"nonce": NONCE + "2", "name": "Dan", "email": "dan@example.org"}
        assert (await training.post(url, **with_mail)).status_code == 303
        assert (await training.stored(edition)).taken == 2
        assert len(await training.on_the_list(edition)) == len(people) + 2
        assert [row.presence for row in await rows(training, Attendance)] == ["present"] * 2
        assert files_with(training.directory, "Canaryname") == []
        await training.go_to(AFTER)
        (asked,) = await training.subjects_to("dan@example.org")
        assert asked.startswith("Wat vond je ervan?")

    async def test_nobody_walks_in_long_before(self, training: Training) -> None:
        edition = await training.edition()
        url = f"/console/editions/{edition}/attendance/1/walk-in"
        form = {"nonce": NONCE, "name": "Cas", "organisation": "Voorbeeldhuis"}
        assert (await training.post(url, **form)).status_code == 409
