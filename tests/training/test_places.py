"""Reserved places, the order of the queue and groups: what trainers set, and what people read."""

import datetime as dt
import html

import httpx
from cri_shared import clock
from cri_training.actions import editions
from cri_training.models import Attendance, SignUp
from cri_training.rules.attendance import Presence
from sqlalchemy import select

from tests.training.conftest import NOW, Training, link_in, own_token
from tests.training.test_afterwards import AFTER
from tests.training.test_waiting_list import act

NORTH = {"organisation": "Voorbeeld Noord", "places": "1", "until": "2026-12-05"}


async def reserve(training: Training, edition: str, **changed: str) -> httpx.Response:
    path = f"/console/editions/{edition}/places/reserve"
    return await training.post(path, **NORTH | changed)


async def order(training: Training, edition: str, priority: str, more: str = "0") -> httpx.Response:
    path = f"/console/editions/{edition}/places/order"
    return await training.post(path, priority=priority, overbooked=more)


async def own_page(training: Training, token: str) -> str:
    page = await training.public.get(f"/en/sign-up/manage/{token}")
    return " ".join(html.unescape(page.text).split())


async def staff_list(training: Training, edition: str) -> str:
    page = await training.client.get(f"/console/editions/{edition}/participants")
    return " ".join(html.unescape(page.text).split())


async def ids(training: Training) -> list[str]:
    async with training.rig.service.database.reading() as session:
        found = select(SignUp.sign_up_id).order_by(SignUp.queue_no)
        return list((await session.execute(found)).scalars())


class TestReservedPlaces:
    async def test_what_is_reserved_is_for_that_organisation_until_the_day(
        self, training: Training
    ) -> None:
        edition = await training.edition()
        assert (await reserve(training, edition)).status_code == 303
        await training.sign_up(edition, "ann@example.org")
        bob = await training.sign_up(edition, "bob@example.org")
        await training.sign_up(edition, "cas@example.org")
        assert await training.statuses(edition) == ["seated", "waiting", "waiting"]
        assert (await training.stored(edition)).places == "waiting_list"
        mine = await own_page(training, bob)
        assert "You are the first in line. What is free is reserved." in mine
        assert "1 place is reserved for an organisation until 5 December 2026;" in mine
        assert "Voorbeeld Noord" not in mine
        assert "1 place is reserved until 5 December 2026 for Voorbeeld Noord." in (
            await staff_list(training, edition)
        )
        path = f"/console/editions/{edition}/participants/{(await ids(training))[2]}/organisation"
        whose = (await training.organisations())[0]
        for _ in range(2):
            await training.post(path, organisation=whose)
        assert await training.statuses(edition) == ["seated", "waiting", "offered"]
        listed = await staff_list(training, edition)
        assert "The place was reserved for their organisation." in listed
        assert "1 person who came earlier waited on." in listed

    async def test_what_is_left_after_the_day_is_offered_to_the_next(
        self, training: Training
    ) -> None:
        edition = await training.edition()
        await reserve(training, edition)
        await training.sign_up(edition, "ann@example.org")
        bob = await training.sign_up(edition, "bob@example.org")
        with clock.frozen(dt.datetime(2026, 12, 5, 22, 59, tzinfo=dt.UTC)):
            await training.mails()
            assert await training.statuses(edition) == ["seated", "waiting"]
        with clock.frozen(dt.datetime(2026, 12, 5, 23, 0, tzinfo=dt.UTC)):
            await training.mails()
            assert await training.statuses(edition) == ["seated", "offered"]
            mine = await own_page(training, bob)
        assert "Places that were reserved came free for everybody. You were first in line." in mine

    async def test_a_trainer_gives_them_back_earlier_and_only_once(
        self, training: Training
    ) -> None:
        edition = await training.edition()
        for _ in range(2):
            await reserve(training, edition)
        await training.sign_up(edition, "ann@example.org")
        await training.sign_up(edition, "bob@example.org")
        whose = (await training.organisations())[0]
        for said in ("Saved.", "Nothing changed."):
            path = f"/console/editions/{edition}/places/{whose}/give-back"
            back = await training.post(path)
            page = await training.client.get(back.headers["location"])
            assert said in page.text
            assert "(given back)" in page.text
        assert await training.statuses(edition) == ["seated", "offered"]

    async def test_what_cannot_be_is_said_and_loses_nothing(self, training: Training) -> None:
        edition = await training.draft()
        for changed, said in (
            ({"organisation": ""}, "Write the name of the organisation"),
            ({"places": "3"}, "There are not that many places."),
            ({"places": "many"}, "Write a number of places from 1 to 300"),
            ({"until": "2026-11-24"}, "Choose a day that is not past."),
            ({"until": "2026-12-14"}, "Choose an earlier day"),
            ({"until": "2026-12-24"}, "Choose an earlier day"),
        ):
            answer = await reserve(training, edition, **changed)
            assert answer.status_code == 422
            assert said in answer.text
            typed = NORTH | changed
            assert all(f'value="{value}"' in answer.text for value in typed.values())


class TestWhoGoesFirst:
    async def test_organisations_without_a_place_go_before_those_that_have_one(
        self, training: Training
    ) -> None:
        edition = await training.edition(capacity="1")
        await order(training, edition, "new_organisations")
        await training.sign_up(edition, "ann@example.org")
        bob = await training.sign_up(edition, "bob@example.org", organisation=" voorbeeldHuis ")
        await training.sign_up(edition, "cas@example.org", organisation="Elders")
        mine = await own_page(training, bob)
        assert "You are number 2 in line. All places are taken. 1 person who came later" in mine
        await training.post(f"/console/editions/{edition}/capacity", capacity="2")
        assert await training.statuses(edition) == ["seated", "waiting", "offered"]
        assert "Organisations that have no place yet go first here." in (
            await staff_list(training, edition)
        )

    async def test_who_came_to_another_workshop_is_no_first_timer(self, training: Training) -> None:
        before = await training.edition()
        await training.sign_up(before, "ann@example.org")
        async with training.rig.service.database.writing() as work:
            session_id = (await training.stored(before)).sittings[0].session_id
            work.session.add(
                Attendance(
                    sign_up_id=(await ids(training))[0],
                    session_id=session_id,
                    presence=Presence.LATE,
                    missed=5,
                    recorded_at=NOW,
                )
            )
        edition = await training.edition(capacity="1")
        await order(training, edition, "first_timers")
        for name in ("eva", "ann", "bob"):
            await training.sign_up(edition, f"{name}@example.org")
        await training.post(f"/console/editions/{edition}/capacity", capacity="2")
        assert await training.statuses(edition) == ["seated", "waiting", "offered"]

    async def test_more_people_than_places_and_never_fewer_than_come(
        self, training: Training
    ) -> None:
        edition = await training.edition(capacity="1")
        await training.sign_up(edition, "ann@example.org")
        bob = await training.sign_up(edition, "bob@example.org")
        await order(training, edition, "arrival", "1")
        await act(training, bob, "accept")
        assert await training.statuses(edition) == ["seated", "seated"]
        fewer = await order(training, edition, "arrival", "0")
        assert fewer.status_code == 422
        assert "More people than that have a place or an offer." in fewer.text


async def a_pair(training: Training, edition: str) -> tuple[str, str]:
    """Two colleagues who want to come together, and have not confirmed their addresses yet."""
    pair = ("bob@example.org", "cas@example.org")
    for email in pair:
        await training.ask(edition, email)
    await training.change(pair, group_id="pair", keep_together=True)
    return pair


async def prove(training: Training, email: str) -> str:
    return own_token(await training.public.post(link_in(await training.mail_to(email))))


class TestGroups:
    async def test_a_group_waits_until_there_is_a_place_for_all(self, training: Training) -> None:
        edition = await training.edition(capacity="3")
        ann = await training.sign_up(edition, "ann@example.org")
        pair = await a_pair(training, edition)
        bob = await prove(training, pair[0])
        assert "has not confirmed the address yet" in await own_page(training, bob)
        await training.sign_up(edition, "dan@example.org")
        await prove(training, pair[1])
        assert await training.statuses(edition) == ["seated", "waiting", "seated", "waiting"]
        assert "needs 2 places; free for it: 1." in await own_page(training, bob)
        assert "Group 1, together or not at all" in await staff_list(training, edition)
        await act(training, ann, "cancel")
        assert await training.statuses(edition, pair) == ["offered", "offered"]

    async def test_a_group_that_is_complete_takes_its_places_at_once(
        self, training: Training
    ) -> None:
        edition = await training.edition()
        for email in await a_pair(training, edition):
            await prove(training, email)
        assert await training.statuses(edition) == ["seated", "seated"]

    async def test_a_trainer_lets_a_group_come_one_by_one(self, training: Training) -> None:
        edition = await training.edition()
        await training.sign_up(edition, "ann@example.org")
        pair = await a_pair(training, edition)
        for email in pair:
            await prove(training, email)
        path = f"/console/editions/{edition}/participants/{(await ids(training))[1]}/split"
        for _ in range(2):
            assert (await training.post(path)).status_code == 303
        assert await training.statuses(edition, pair) == ["offered", "waiting"]
        assert "The group may come one by one." in await staff_list(training, edition)

    async def test_a_colleague_who_never_confirms_is_not_waited_for(
        self, training: Training
    ) -> None:
        edition = await training.edition()
        pair = await a_pair(training, edition)
        await prove(training, pair[0])
        assert await training.statuses(edition) == ["waiting"]
        with clock.frozen(NOW + dt.timedelta(hours=24)):
            await training.mails()
            assert await training.statuses(edition) == ["offered"]


async def test_places_that_a_cancelled_edition_kept_hold_up_nothing(training: Training) -> None:
    cancelled, other = await training.edition(), await training.edition()
    assert (await reserve(training, cancelled)).status_code == 303
    await training.post(f"/console/editions/{cancelled}/cancel", reason="The trainer is ill.")
    await training.go_to(AFTER)
    async with training.rig.service.database.writing() as work:
        await editions.keep_up(work, training.rig)
    assert (await training.stored(other)).status == "held"
    assert (await training.stored(cancelled)).status == "cancelled"
