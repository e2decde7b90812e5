"""A person signs up without an account: the address is proved first, then there is a place."""

import datetime as dt
import re

import httpx
import pytest
from cri_shared import clock
from cri_shared.testing.attempts import refused_at
from cri_training.actions import asking
from cri_training.models import SignUp
from sqlalchemy import func, select

from tests.training.conftest import NOW, Training, link_in, own_token

EMAIL = "noor@example.org"


def code_in(mail: str) -> str:
    found = re.search(r"(\d{3} \d{3})\n", mail)
    assert found is not None, mail
    return found[1]


async def rows(training: Training) -> int:
    async with training.rig.service.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(SignUp))).scalar_one()


async def said(training: Training, answer: httpx.Response) -> str:
    """The page that a POST leads to."""
    assert answer.status_code == 303, answer.text
    return (await training.public.get(answer.headers["location"])).text


class TestTheForm:
    async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
        self, training: Training
    ) -> None:
        edition = await training.edition()
        answer = await training.ask(edition, "no-address", name="", needs="A ramp at the door")
        assert answer.status_code == 422
        assert "Write your name" in answer.text
        assert "Write an e-mail address with an @" in answer.text
        assert "A ramp at the door" in answer.text
        assert await rows(training) == 0

    async def test_sending_the_form_twice_sends_one_mail(self, training: Training) -> None:
        edition = await training.edition()
        token = await training.token(f"/en/sign-up/{edition}")
        first = await training.ask(edition, EMAIL, form_token=token)
        second = await training.ask(edition, EMAIL, form_token=token)
        assert first.headers["location"] == second.headers["location"]
        assert len(await training.mails()) == 1

    async def test_a_form_that_is_not_ours_comes_back(self, training: Training) -> None:
        edition = await training.edition()
        assert (await training.ask(edition, EMAIL, form_token="forged")).status_code == 422

    async def test_a_robot_signs_nobody_up(self, training: Training) -> None:
        edition = await training.edition()
        answer = await training.ask(edition, EMAIL, website="http://spam.example")
        assert answer.status_code == 422
        assert await rows(training) == 0

    async def test_a_draft_and_an_unknown_edition_look_the_same(self, training: Training) -> None:
        draft = await training.draft()
        for edition in (draft, "unknown"):
            for path in ("sign-up", "workshops"):
                answer = await training.public.get(f"/en/{path}/{edition}")
                assert answer.status_code == 404

    async def test_after_the_last_day_nobody_signs_up(self, training: Training) -> None:
        edition = await training.edition(sign_up_until="2026-12-10")
        with clock.frozen(dt.datetime(2026, 12, 10, 22, 59, tzinfo=dt.UTC)):
            assert (await training.public.get(f"/en/sign-up/{edition}")).status_code == 200
        with clock.frozen(dt.datetime(2026, 12, 10, 23, 0, tzinfo=dt.UTC)):
            closed = await training.public.get(f"/en/sign-up/{edition}")
        assert closed.status_code == 409
        assert "cannot sign up for this workshop any more" in closed.text


class TestProvingTheAddress:
    async def test_a_place_is_held_only_after_the_address_is_proved(
        self, training: Training
    ) -> None:
        edition = await training.edition()
        asked = await training.ask(edition, EMAIL)
        assert (await training.stored(edition)).taken == 0
        assert "Look at your e-mail" in await said(training, asked)
        confirmed = await training.public.post(link_in(await training.mail_to(EMAIL)))
        assert "You have a place" in await said(training, confirmed)
        assert (await training.stored(edition)).taken == 1

    async def test_a_scanner_that_follows_the_link_changes_nothing(
        self, training: Training
    ) -> None:
        edition = await training.edition()
        await training.ask(edition, EMAIL)
        link = link_in(await training.mail_to(EMAIL))
        for _ in range(3):
            page = await training.public.get(link)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert (await training.stored(edition)).taken == 0
        assert "You have a place" in await said(training, await training.public.post(link))

    async def test_the_code_does_the_same_as_the_link(self, training: Training) -> None:
        edition = await training.edition()
        url = (await training.ask(edition, EMAIL)).headers["location"]
        code = code_in(await training.mail_to(EMAIL))
        answer = await training.public.post(url, data={"code": code})
        assert "You have a place" in await said(training, answer)

    async def test_a_code_may_be_tried_five_times(self, training: Training) -> None:
        edition = await training.edition()
        url = (await training.ask(edition, EMAIL)).headers["location"]
        mail = await training.mail_to(EMAIL)
        wrong = f"{(int(code_in(mail).replace(' ', '')) + 1) % 10**6:06d}"
        for _ in range(4):
            answer = await training.public.post(url, data={"code": wrong})
            assert answer.status_code == 422
            assert "This is not the code" in answer.text
        assert "Too many tries" in (await training.public.post(url, data={"code": wrong})).text
        right = await training.public.post(url, data={"code": code_in(mail)})
        assert "Too many tries" in right.text
        assert "You have a place" in await said(training, await training.public.post(link_in(mail)))

    async def test_an_empty_code_is_explained(self, training: Training) -> None:
        edition = await training.edition()
        url = (await training.ask(edition, EMAIL)).headers["location"]
        answer = await training.public.post(url, data={"code": " "})
        assert answer.status_code == 422
        assert "Type the six digits" in answer.text

    async def test_somebody_elses_id_looks_like_a_wrong_code(self, training: Training) -> None:
        edition = await training.edition()
        url = f"/en/sign-up/{edition}/code/somebody-else"
        assert (await training.public.get(url)).status_code == 200
        assert (
            "This is not the code"
            in (await training.public.post(url, data={"code": "123456"})).text
        )

    async def test_confirming_twice_signs_up_once_and_says_so(self, training: Training) -> None:
        edition = await training.edition()
        await training.ask(edition, EMAIL)
        link = link_in(await training.mail_to(EMAIL))
        await training.public.post(link)
        again = await said(training, await training.public.post(link))
        assert "You confirmed this before" in again
        assert "You have a place" in again
        assert (await training.stored(edition)).taken == 1

    async def test_a_link_is_good_for_a_day(self, training: Training) -> None:
        edition = await training.edition()
        asked = await training.ask(edition, EMAIL)
        mail = await training.mail_to(EMAIL)
        with clock.frozen(NOW + dt.timedelta(hours=24)):
            answer = await training.public.post(link_in(mail))
            assert answer.status_code == 404
            assert "not good any more" in answer.text
            assert "Check the address" not in answer.text
            typed = await training.public.post(
                asked.headers["location"], data={"code": code_in(mail)}
            )
            assert typed.status_code == 404
            counted = await refused_at(training.app.state.service)
            assert counted == {("sign_up_link.unknown", "unknown"): 2}
        assert (await training.stored(edition)).taken == 0

    async def test_what_was_never_proved_is_erased_with_its_key(self, training: Training) -> None:
        edition = await training.edition()
        await training.ask(edition, EMAIL)
        await training.mails()
        assert await rows(training) == 1
        with clock.frozen(NOW + dt.timedelta(hours=24)):
            await training.mails()
        assert await rows(training) == 0

    async def test_an_unknown_link_is_not_ours(self, training: Training) -> None:
        for method in (training.public.get, training.public.post):
            assert (await method("/en/sign-up/confirm/unknown")).status_code == 404
        assert (await training.public.get("/en/sign-up/manage/unknown")).status_code == 404
        for act in ("cancel", "accept", "decline"):
            answer = await training.public.post(f"/en/sign-up/manage/unknown/{act}")
            assert answer.status_code == 404

    async def test_a_link_of_a_cancelled_edition_seats_nobody(self, training: Training) -> None:
        edition = await training.edition()
        await training.ask(edition, EMAIL)
        link = link_in(await training.mail_to(EMAIL))
        await training.post(f"/console/editions/{edition}/cancel", reason="Ill")
        answer = await training.public.post(link)
        assert answer.status_code == 409
        assert "cannot sign up" in answer.text


class TestTheSamePersonTwice:
    async def test_the_same_address_has_one_sign_up_and_kind_words(
        self, training: Training
    ) -> None:
        edition = await training.edition()
        token = await training.sign_up(edition, EMAIL)
        await training.ask(edition, "Noor@Example.org")
        mail = await training.mail_to("Noor@example.org")
        again = await training.public.post(link_in(mail))
        assert own_token(again) == token
        assert "You were signed up with this address already" in await said(training, again)
        assert (await training.stored(edition)).taken == 1

    async def test_a_stranger_cannot_find_out_who_is_signed_up(self, training: Training) -> None:
        edition = await training.edition()
        await training.sign_up(edition, EMAIL)
        pages = []
        for email in (EMAIL, "nobody@example.org"):
            asked = await training.ask(edition, email)
            sign_up_id = asked.headers["location"].rpartition("/")[2]
            page = (await training.public.get(asked.headers["location"])).text
            pages.append(page.replace(sign_up_id, "ID"))
        assert pages[0] == pages[1]

    async def test_nobody_floods_a_stranger_with_mail(self, training: Training) -> None:
        edition = await training.edition()
        for _ in range(asking.MAILS_PER_HOUR + 3):
            assert (await training.ask(edition, EMAIL)).status_code == 303
        assert len(await training.mails_to(EMAIL)) == asking.MAILS_PER_HOUR

    async def test_who_cancelled_may_sign_up_again(self, training: Training) -> None:
        edition = await training.edition()
        token = await training.sign_up(edition, EMAIL)
        await training.public.post(f"/en/sign-up/manage/{token}/cancel")
        await training.mails()  # the word about the cancellation goes first
        assert await training.sign_up(edition, EMAIL) != token
        assert await training.statuses(edition) == ["cancelled", "seated"]


class TestCancelling:
    async def test_looking_at_ones_page_changes_nothing(self, training: Training) -> None:
        edition = await training.edition()
        token = await training.sign_up(edition, EMAIL)
        page = await training.public.get(f"/en/sign-up/manage/{token}")
        assert page.headers["cache-control"] == "no-store"
        assert "You have a place" in page.text
        assert (await training.public.get(f"/en/sign-up/manage/{token}/cancel")).status_code in (
            404,
            405,
        )
        assert await training.statuses(edition) == ["seated"]

    async def test_cancelling_twice_says_so(self, training: Training) -> None:
        edition = await training.edition()
        token = await training.sign_up(edition, EMAIL)
        url = f"/en/sign-up/manage/{token}/cancel"
        assert "Thank you for telling us" in await said(training, await training.public.post(url))
        assert "Nothing changed" in await said(training, await training.public.post(url))
        assert (await training.stored(edition)).taken == 0

    async def test_what_has_begun_cannot_be_cancelled(self, training: Training) -> None:
        edition = await training.edition()
        token = await training.sign_up(edition, EMAIL)
        with clock.frozen(dt.datetime(2026, 12, 15, 13, 0, tzinfo=dt.UTC)):
            answer = await training.public.post(f"/en/sign-up/manage/{token}/cancel")
        assert answer.status_code == 409
        assert "has begun" in answer.text


@pytest.mark.parametrize("lang", ["nl", "fr", "en"])
async def test_every_page_speaks_its_language(training: Training, lang: str) -> None:
    edition = await training.edition()
    for path in ("workshops", f"workshops/{edition}", f"sign-up/{edition}"):
        page = await training.public.get(f"/{lang}/{path}")
        assert page.status_code == 200
        assert f'<html lang="{lang}"' in page.text
    assert (await training.public.get("/xx/workshops")).status_code == 404


async def test_the_programme_may_be_kept_and_a_form_may_not(training: Training) -> None:
    edition = await training.edition()
    for path in ("workshops", f"workshops/{edition}"):
        first = await training.public.get(f"/en/{path}")
        assert first.headers["cache-control"].startswith("public, max-age=20,")
        tag = {"If-None-Match": first.headers["etag"]}
        assert (await training.public.get(f"/en/{path}", headers=tag)).status_code == 304
    form = await training.public.get(f"/en/sign-up/{edition}")
    assert form.headers["cache-control"] == "no-store"
