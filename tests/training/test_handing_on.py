"""Somebody who cannot come names another person, and the place is never lost on the way."""

import re

import httpx
from cri_shared import clock
from cri_training.models import SignUp
from cri_training.rules.seats import Policy
from sqlalchemy import select

from tests.training.conftest import NOW, Training, calendar_of, link_in, own_token

OLD, NEW = "noor@example.org", "bert@example.org"


async def hand_on(training: Training, own: str, **changed: str) -> httpx.Response:
    page = f"/en/sign-up/manage/{own}"
    form = {
        "form_token": changed.get("form_token") or await training.token(page),
        "name": "Bert Voorbeeld",
        "email": NEW,
        "language": "nl",
    }
    return await training.public.post(f"{page}/hand-on", data=form | changed)


async def own_page(training: Training, own: str) -> str:
    return (await training.public.get(f"/en/sign-up/manage/{own}")).text


async def test_the_new_person_gets_the_place_and_the_old_one_keeps_it_until_then(
    training: Training,
) -> None:
    edition = await training.edition(capacity="1")
    old = await training.sign_up(edition, OLD)
    waiting = await training.sign_up(edition, "last@example.org")
    asked = await hand_on(training, old)
    assert asked.status_code == 303
    assert "Bert Voorbeeld" in await own_page(training, old)
    link = link_in(await training.mail_to(NEW))
    seen = await training.public.get(link)
    assert 'value="Bert Voorbeeld"' in seen.text
    assert "You have a place." in await own_page(training, old)
    said = {"name": "Bert V.", "role": "volunteer", "needs": "Large print"}
    new = own_token(await training.public.post(link, data=said))
    assert own_token(await training.public.post(link, data=said)) == new
    assert "You have a place." in await own_page(training, new)
    assert "Somebody else comes in your place." in await own_page(training, old)
    assert "You are on the waiting list." in await own_page(training, waiting)
    assert "METHOD:CANCEL" in calendar_of((await training.mails_to(OLD))[-1])
    assert "METHOD:REQUEST" in calendar_of((await training.mails_to(NEW))[-1])
    listed = (await training.client.get(f"/console/editions/{edition}/participants")).text
    for shown in ("Bert V.", "Large print", "Volunteering", "Handed on"):
        assert shown in listed


async def test_a_turn_on_the_waiting_list_is_handed_on_as_well(training: Training) -> None:
    edition = await training.edition(capacity="1")
    first = await training.sign_up(edition, "first@example.org")
    second, _ = [await training.sign_up(edition, f"{who}@example.org") for who in ("b", "c")]
    await hand_on(training, second)
    new = own_token(await training.public.post(link_in(await training.mail_to(NEW))))
    assert "You are the first in line." in await own_page(training, new)
    await training.public.post(f"/en/sign-up/manage/{first}/cancel")
    assert "A place came free and it is your turn." in await own_page(training, new)


async def test_sent_twice_it_asks_once_and_what_is_wrong_loses_nothing(training: Training) -> None:
    edition = await training.edition()
    old = await training.sign_up(edition, OLD)
    wrong = await hand_on(training, old, email="no-address")
    assert wrong.status_code == 422
    assert 'value="Bert Voorbeeld"' in wrong.text
    assert "Write an e-mail address with an @" in wrong.text
    own = await hand_on(training, old, email=OLD)
    assert "the address of the person who has the place now" in own.text
    token = await training.token(f"/en/sign-up/manage/{old}")
    for _ in range(2):
        assert (await hand_on(training, old, form_token=token)).status_code == 303
    assert len(await training.mails_to(NEW)) == 1


async def test_only_the_last_person_named_can_come_and_keeping_the_place_ends_that_too(
    training: Training,
) -> None:
    edition = await training.edition()
    old = await training.sign_up(edition, OLD)
    await hand_on(training, old)
    first = link_in(await training.mail_to(NEW))
    await hand_on(training, old, email="cas@example.org")
    second = link_in(await training.mail_to("cas@example.org"))
    assert (await training.public.post(first)).status_code == 404
    kept = await training.public.post(f"/en/sign-up/manage/{old}/keep")
    assert kept.status_code == 303
    assert (await training.public.post(second)).status_code == 404
    assert "You have a place." in await own_page(training, old)
    await hand_on(training, old, email="dan@example.org")
    often = await hand_on(training, old, email="els@example.org")
    assert "several people in one hour" in often.text


async def test_a_place_that_was_given_up_or_a_workshop_that_began_is_not_handed_on(
    training: Training,
) -> None:
    edition = await training.edition(date_1="2026-11-25")
    old, other = [await training.sign_up(edition, f"{who}@example.org") for who in ("a", "b")]
    await hand_on(training, old, language="en")
    link = link_in(await training.mail_to(NEW))
    await training.public.post(f"/en/sign-up/manage/{old}/cancel")
    gone = await training.public.post(link)
    assert gone.status_code == 409
    assert "has no place to hand on any more" in gone.text
    token = await training.token(f"/en/sign-up/manage/{other}")
    with clock.frozen((await training.stored(edition)).starts_at):
        assert "Somebody else comes" not in await own_page(training, other)
        assert (await hand_on(training, other, form_token=token)).status_code == 409


async def test_who_is_signed_up_already_leaves_the_place_with_the_other(training: Training) -> None:
    edition = await training.edition()
    old = await training.sign_up(edition, OLD)
    await training.sign_up(edition, NEW)
    await training.mails()
    await hand_on(training, old)
    answer = await training.public.post(link_in(await training.mail_to(NEW)))
    assert "/sign-up/manage/" in answer.headers["location"]
    assert await training.statuses(edition) == ["seated", "seated"]


async def test_who_was_named_and_did_nothing_is_forgotten(training: Training) -> None:
    edition = await training.edition()
    old = await training.sign_up(edition, OLD)
    await hand_on(training, old)
    with clock.frozen(NOW + Policy.named):
        await training.mails()
        async with training.rig.service.database.reading() as session:
            assert len((await session.execute(select(SignUp))).scalars().all()) == 1
    assert not re.search("Bert", await own_page(training, old))


async def test_what_somebody_needs_is_erased_when_they_do_not_come_or_it_is_over(
    training: Training,
) -> None:
    edition = await training.edition()
    goes = await training.sign_up(edition, OLD, needs="A ramp")
    await training.sign_up(edition, NEW, needs="Large print")
    await training.public.post(f"/en/sign-up/manage/{goes}/cancel")
    assert await needs_kept(training) == 1
    with clock.frozen((await training.stored(edition)).ends_at):
        await training.mails()
        assert await needs_kept(training) == 0


async def needs_kept(training: Training) -> int:
    async with training.rig.service.database.reading() as session:
        rows = (await session.execute(select(SignUp.needs_sealed))).scalars()
        return sum(one is not None for one in rows)
