"""The waiting list: first come, first offered; an offer holds a place and ends."""

import asyncio
import datetime as dt
import re

import httpx
import pytest
from cri_shared import clock
from cri_training.models import SignUp
from sqlalchemy import func, select

from tests.training.conftest import NOW, Training, link_in

FULL = {"capacity": "1"}


async def filled(training: Training, *names: str) -> tuple[str, dict[str, str]]:
    """An edition with one place and these people in order; gives their tokens."""
    edition = await training.edition(**FULL)
    tokens = {name: await training.sign_up(edition, f"{name}@example.org") for name in names}
    return edition, tokens


async def act(training: Training, token: str, what: str) -> httpx.Response:
    return await training.public.post(f"/en/sign-up/manage/{token}/{what}")


class TestOffers:
    async def test_a_free_place_is_offered_to_the_first_in_line(self, training: Training) -> None:
        edition, tokens = await filled(training, "ann", "bob", "cas")
        assert await training.statuses(edition) == ["seated", "waiting", "waiting"]
        await act(training, tokens["ann"], "cancel")
        assert await training.statuses(edition) == ["cancelled", "offered", "waiting"]
        assert "27 November 2026, 10:00" in await training.mail_to("bob@example.org")
        page = await training.public.get(f"/en/sign-up/manage/{tokens['bob']}")
        assert "Take the place" in page.text

    async def test_an_offer_that_is_taken_becomes_a_place(self, training: Training) -> None:
        edition, tokens = await filled(training, "ann", "bob")
        await act(training, tokens["ann"], "cancel")
        await act(training, tokens["bob"], "accept")
        again = await act(training, tokens["bob"], "accept")
        assert (
            "You have this place already"
            in (await training.public.get(again.headers["location"])).text
        )
        assert await training.statuses(edition) == ["cancelled", "seated"]
        assert (await training.subjects_to("bob@example.org"))[-1] == "You have a place"

    async def test_an_offer_that_is_declined_goes_to_the_next(self, training: Training) -> None:
        edition, tokens = await filled(training, "ann", "bob", "cas")
        await act(training, tokens["ann"], "cancel")
        await act(training, tokens["bob"], "decline")
        await act(training, tokens["bob"], "decline")
        assert await training.statuses(edition) == ["cancelled", "declined", "offered"]

    async def test_an_offer_without_an_answer_ends_and_goes_to_the_next(
        self, training: Training
    ) -> None:
        edition, tokens = await filled(training, "ann", "bob", "cas")
        await act(training, tokens["ann"], "cancel")
        await training.mails()
        with clock.frozen(NOW + dt.timedelta(hours=48)):
            late = await act(training, tokens["bob"], "accept")
            assert late.status_code == 409
            assert "offer has ended" in late.text
            await training.mails()
            assert await training.statuses(edition) == ["cancelled", "expired", "offered"]
            subjects = await training.subjects_to("bob@example.org")
            assert subjects[-1] == "Offer ended"
            assert subjects.count("Offer ended") == 1
            page = await training.public.get(f"/en/sign-up/manage/{tokens['bob']}")
        assert "The offer has ended" in page.text

    async def test_an_offer_made_at_night_is_mailed_in_the_morning(
        self, training: Training
    ) -> None:
        _, tokens = await filled(training, "ann", "bob")
        await training.mails()
        with clock.frozen(NOW + dt.timedelta(hours=12)):  # 22:00
            await act(training, tokens["ann"], "cancel")
            assert (await training.subjects_to("bob@example.org"))[-1] == "On the waiting list"
        with clock.frozen(NOW + dt.timedelta(hours=22)):  # 8:00
            assert (await training.subjects_to("bob@example.org"))[-1] == "A place for you"

    async def test_without_an_offer_there_is_nothing_to_take(self, training: Training) -> None:
        _, tokens = await filled(training, "ann", "bob")
        answer = await act(training, tokens["bob"], "accept")
        assert answer.status_code == 409
        assert "There is no offer" in answer.text

    async def test_more_places_are_offered_at_once(self, training: Training) -> None:
        edition, _ = await filled(training, "ann", "bob", "cas", "dan")
        await training.post(f"/console/editions/{edition}/capacity", capacity="3")
        assert await training.statuses(edition) == ["seated", "offered", "offered", "waiting"]

    async def test_close_to_the_start_the_waiting_list_ends_with_a_word(
        self, training: Training
    ) -> None:
        edition, _ = await filled(training, "ann", "bob")
        with clock.frozen(dt.datetime(2026, 12, 14, 19, 0, tzinfo=dt.UTC)):
            await training.mails()
            assert await training.statuses(edition) == ["seated", "missed"]
        with clock.frozen(dt.datetime(2026, 12, 15, 8, 0, tzinfo=dt.UTC)):
            assert (await training.subjects_to("bob@example.org"))[-1] == "No place"

    async def test_after_a_jump_of_weeks_everything_due_has_happened(
        self, training: Training
    ) -> None:
        edition, tokens = await filled(training, "ann", "bob", "cas")
        await act(training, tokens["ann"], "cancel")
        with clock.frozen(dt.datetime(2026, 12, 20, 12, 0, tzinfo=dt.UTC)):
            await training.mails()
            assert await training.statuses(edition) == ["cancelled", "expired", "missed"]
            assert (await training.stored(edition)).status == "held"

    async def test_the_trainer_reads_why_somebody_moved_up(self, training: Training) -> None:
        edition, tokens = await filled(training, "ann", "bob")
        await act(training, tokens["ann"], "cancel")
        page = await training.client.get(f"/console/editions/{edition}/participants")
        assert "Somebody cancelled. This person was first in line." in page.text


class TestRaces:
    async def test_sixty_people_for_ten_places_seat_exactly_ten(
        self, training_on_each: Training
    ) -> None:
        """Two of the ten are reserved; six people may take those, and six come in pairs."""
        training = training_on_each
        edition = await training.edition(capacity="10")
        await training.post(
            f"/console/editions/{edition}/places/reserve",
            organisation="Voorbeeld Noord",
            places="2",
            until="2026-12-05",
        )
        emails = [f"p{number}@example.org" for number in range(60)]
        for email in emails:
            await training.ask(edition, email)
        pairs = [emails[at : at + 2] for at in (0, 2, 4)]
        for pair in pairs:
            await training.change(pair, group_id=pair[0], keep_together=True)
        whose = (await training.organisations())[0]
        await training.change(emails[6:12], organisation_id=whose)
        links = [link_in(str(mail.get_content())) for mail in await training.mails()]  # type: ignore[attr-defined]
        assert len(links) == 60
        answers = await asyncio.gather(*(training.public.post(link) for link in links))
        assert {answer.status_code for answer in answers} == {303}
        everybody = await training.statuses(edition)
        assert sorted(everybody) == ["seated"] * 10 + ["waiting"] * 50
        alone = await training.statuses(edition, emails[12:])
        assert alone == sorted(alone), "in the order of arrival"
        assert (await training.statuses(edition, emails[6:12])).count("seated") >= 2
        for pair in pairs:
            assert len(set(await training.statuses(edition, pair))) == 1
        assert (await training.stored(edition)).taken == 10

    async def test_two_who_race_for_the_last_place_both_get_a_clear_answer(
        self, training_on_each: Training
    ) -> None:
        training = training_on_each
        edition = await training.edition(**FULL)
        for name in ("ann", "bob"):
            await training.ask(edition, f"{name}@example.org")
        links = [link_in(str(mail.get_content())) for mail in await training.mails()]  # type: ignore[attr-defined]
        answers = await asyncio.gather(*(training.public.post(link) for link in links))
        pages = [(await training.public.get(a.headers["location"])).text for a in answers]
        headings = sorted(re.findall(r"<h1>(.*?)</h1>", page)[0] for page in pages)
        assert headings == ["You are on the waiting list", "You have a place"]

    async def test_one_link_pressed_ten_times_at_once_is_one_sign_up(
        self, training_on_each: Training
    ) -> None:
        training = training_on_each
        edition = await training.edition()
        await training.ask(edition, "ann@example.org")
        link = link_in(await training.mail_to("ann@example.org"))
        answers = await asyncio.gather(*(training.public.post(link) for _ in range(10)))
        assert len({answer.headers["location"] for answer in answers}) == 1
        assert await training.statuses(edition) == ["seated"]

    async def test_two_links_of_one_address_at_once_are_one_sign_up(
        self, training_on_each: Training
    ) -> None:
        training = training_on_each
        edition = await training.edition()
        for _ in range(2):
            await training.ask(edition, "ann@example.org")
        links = [link_in(str(mail.get_content())) for mail in await training.mails()]  # type: ignore[attr-defined]
        await asyncio.gather(*(training.public.post(link) for link in links))
        assert await training.statuses(edition) == ["seated"]

    async def test_cancels_and_acceptances_at_once_never_overbook(
        self, training_on_each: Training
    ) -> None:
        training = training_on_each
        edition = await training.edition(capacity="5")
        emails = [f"p{number}@example.org" for number in range(15)]
        tokens = [await training.sign_up(edition, email) for email in emails]
        acts = [act(training, token, "cancel") for token in tokens[:4]]
        acts += [act(training, token, "accept") for token in tokens[5:9]]
        answers = await asyncio.gather(*acts, training.mails())
        assert all(a.status_code in (303, 409) for a in answers[:-1])  # type: ignore[union-attr]
        held = (SignUp.status.in_(("seated", "offered"))) & (SignUp.edition_id == edition)
        async with training.rig.service.database.reading() as session:
            taken = (await session.execute(select(func.count()).where(held))).scalar_one()
        assert taken == 5
        assert (await training.stored(edition)).taken == 5


@pytest.mark.parametrize("again", [1, 2])
async def test_doing_the_duties_again_sends_nothing_again(training: Training, again: int) -> None:
    await filled(training, "ann", "bob")
    before = len(await training.mails())
    for _ in range(again):
        await training.rig.service.clockwork.do_duties(all_now=True)
    assert len(await training.mails()) == before
