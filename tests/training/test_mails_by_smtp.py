"""Mails over a real SMTP conversation; what waited there is looked at again before it goes."""

import base64
import datetime as dt
import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from cri_shared import clock
from cri_shared.web.squares import square
from cri_training.models import Certificate, SignUp
from cri_training.rules.certificates import Standing
from sqlalchemy import select

from tests.shared.mailbox import Mailbox, listening
from tests.training.conftest import Training, calendar_of, link_in, own_token, start, text_of

EMAIL = "noor@example.org"
WEEK_BEFORE = dt.datetime(2026, 12, 8, 8, 0, tzinfo=dt.UTC)
AN_HOUR_BEFORE = dt.datetime(2026, 12, 15, 12, 0, tzinfo=dt.UTC)
AFTER = dt.datetime(2026, 12, 16, 9, 0, tzinfo=dt.UTC)
LATER = WEEK_BEFORE + dt.timedelta(hours=6)
TWO_HOURS = dt.timedelta(hours=2)
BUSY = "451 try again later"


@pytest.fixture
def mailbox() -> Mailbox:
    """What a real SMTP server got."""
    return Mailbox()


@pytest.fixture
async def training(at_ten: None, tmp_path: Path, mailbox: Mailbox) -> AsyncIterator[Training]:
    with listening(mailbox) as url:
        async for started in start(tmp_path, smtp_url=url.get_secret_value()):
            yield started


async def certified(training: Training, mailbox: Mailbox) -> tuple[str, str]:
    """The edition of one person who was there, with a certificate; the address of that."""
    edition = await seated(training, mailbox)
    await training.mails()
    await training.go_to(AFTER)
    await training.mark_the_rest(edition)
    await training.mails()
    mailbox.answer = BUSY
    url = f"/console/editions/{edition}/certificates"
    assert (await training.post(url)).status_code == 303
    await training.mails()
    return edition, f"{url}/{await only_certificate(training)}"


async def only_certificate(training: Training) -> str:
    """The id of the valid certificate."""
    async with training.rig.service.database.reading() as session:
        valid = select(Certificate.certificate_id).where(Certificate.standing == Standing.VALID)
        return (await session.execute(valid)).scalar_one()


async def seated(training: Training, mailbox: Mailbox, **changed: str) -> str:
    """An edition with one person whose place is confirmed by mail; gives its id."""
    edition = await training.edition(**changed)
    await training.ask(edition, EMAIL, language="fr")
    await training.mails()
    own_token(await training.public.post(link_in(text_of(mailbox.messages[-1]))))
    return edition


def kinds(mailbox: Mailbox) -> list[str]:
    return [str(mail["Subject"]).partition(":")[0].strip() for mail in mailbox.messages]


def method_of(mail: EmailMessage) -> str:
    """The method in the type of the calendar part, which must be that of the calendar."""
    (part,) = (p for p in mail.walk() if p.get_content_type() == "text/calendar")
    method = str(part.get_param("method"))
    assert f"METHOD:{method}" in calendar_of(mail)
    assert part.get_content_charset() == "utf-8"
    return method


async def test_an_invitation_moves_and_goes_again(training: Training, mailbox: Mailbox) -> None:
    edition = await seated(training, mailbox)
    await training.mails()
    url = f"/console/editions/{edition}/sessions/1"
    await training.post(url, date="2026-12-16", start="10:00", end="12:00")
    await training.mails()
    await training.post(f"/console/editions/{edition}/cancel", reason="The trainer is ill.")
    await training.mails()
    told = mailbox.messages[1:]
    assert [method_of(mail) for mail in told] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [f"SEQUENCE:{n}" in calendar_of(mail) for n, mail in enumerate(told)] == [True] * 3
    assert "15 décembre 2026" in text_of(told[0])
    assert all(mail["To"] == EMAIL for mail in told)


async def test_what_waits_for_the_server_does_not_go_once_the_edition_is_cancelled(
    training: Training, mailbox: Mailbox
) -> None:
    edition = await seated(training, mailbox)
    await training.mails()
    mailbox.answer = BUSY
    await training.go_to(WEEK_BEFORE)
    await training.mails()
    await training.post(f"/console/editions/{edition}/cancel", reason="The trainer is ill.")
    mailbox.answer = "250 taken"
    with clock.frozen(LATER):
        await training.mails()
    assert [method_of(mail) for mail in mailbox.messages[1:]] == ["REQUEST", "CANCEL"]


async def test_who_never_got_the_invitation_hears_only_that_it_is_cancelled(
    training: Training, mailbox: Mailbox
) -> None:
    edition = await seated(training, mailbox)
    mailbox.answer = BUSY
    await training.mails()
    await training.post(f"/console/editions/{edition}/cancel", reason="The trainer is ill.")
    mailbox.answer = "250 taken"
    with clock.frozen(WEEK_BEFORE):
        await training.mails()
    (mail,) = mailbox.messages[1:]
    assert method_of(mail) == "CANCEL"
    assert "The trainer is ill." in text_of(mail)


async def test_a_reminder_that_waited_until_the_date_moved_is_not_sent(
    training: Training, mailbox: Mailbox
) -> None:
    edition = await seated(training, mailbox)
    await training.mails()
    mailbox.answer = BUSY
    await training.go_to(WEEK_BEFORE)
    await training.mails()
    url = f"/console/editions/{edition}/sessions/1"
    await training.post(url, date="2027-01-15", start="14:00", end="17:00")
    mailbox.answer = "250 taken"
    with clock.frozen(LATER):
        await training.mails()
    assert [method_of(mail) for mail in mailbox.messages[1:]] == ["REQUEST", "REQUEST"]


class TestTheCertificateIsReady:
    async def test_it_is_told_of_once_in_their_language(
        self, training: Training, mailbox: Mailbox
    ) -> None:
        await certified(training, mailbox)
        mailbox.answer = "250 taken"
        with clock.frozen(AFTER + TWO_HOURS):
            for _ in range(2):
                await training.mails()
        (mail,) = [one for one in mailbox.messages if "attestation" in str(one["Subject"])]
        assert mail["To"] == EMAIL
        page = await training.public.get(link_in(text_of(mail), "sign-up/manage"))
        assert "certificate.pdf" in page.text
        assert "13 février 2027" in text_of(mail)

    async def test_one_that_was_revoked_meanwhile_is_not(
        self, training: Training, mailbox: Mailbox
    ) -> None:
        _, certificate = await certified(training, mailbox)
        await training.post(f"{certificate}/revoke", reason="She was somewhere else")
        mailbox.answer = "250 taken"
        before = len(mailbox.messages)
        with clock.frozen(AFTER + TWO_HOURS):
            await training.mails()
        assert kinds(mailbox)[before:] == []

    async def test_a_new_one_is_told_of_in_its_place_and_again_after_it(
        self, training: Training, mailbox: Mailbox
    ) -> None:
        edition, certificate = await certified(training, mailbox)
        await training.post(f"{certificate}/reissue", name="Nora Exempelaere")
        mailbox.answer = "250 taken"
        before = len(mailbox.messages)
        await training.go_to(AFTER + TWO_HOURS)
        await training.mails()
        assert kinds(mailbox)[before:] == ["Votre attestation"]
        url = f"/console/editions/{edition}/certificates/{await only_certificate(training)}"
        await training.post(f"{url}/reissue", name="Noor Exempelaere")
        await training.mails()
        assert kinds(mailbox)[before:] == ["Votre attestation"] * 2
        assert "n’est plus valable" in text_of(mailbox.messages[-1])

    async def test_a_trainer_sees_it_in_the_plan_and_may_stop_it(
        self, training: Training, mailbox: Mailbox
    ) -> None:
        edition = await seated(training, mailbox)
        letters = f"/console/editions/{edition}/letters"
        assert "When you issue the certificates" in (await training.client.get(letters)).text
        assert (await training.post(f"{letters}/certificate", want="now")).status_code == 404
        await training.post(f"{letters}/certificate", want="stop")
        await training.go_to(AFTER)
        await training.mark_the_rest(edition)
        await training.post(f"/console/editions/{edition}/certificates")
        await training.mails()
        assert "Votre attestation" not in kinds(mailbox)
        await training.post(f"{letters}/certificate", want="let_go")
        await training.mails()
        assert "Votre attestation" in kinds(mailbox)


class TestTheSquareInAReminder:
    async def test_it_goes_along_as_a_picture_and_its_code_as_words(
        self, training: Training, mailbox: Mailbox
    ) -> None:
        edition = await seated(training, mailbox)
        await training.go_to(WEEK_BEFORE)
        await training.mails()
        mail = mailbox.messages[-1]
        async with training.rig.service.database.reading() as session:
            found = select(SignUp.sign_up_id).where(SignUp.edition_id == edition)
            sign_up = (await session.execute(found)).scalar_one()
        url = f"{training.rig.settings.public_url}/console/check-in/{sign_up}"
        (picture,) = (part for part in mail.walk() if part.get_content_type() == "image/png")
        assert picture.get_content_disposition() == "inline"
        assert picture.get_payload(decode=True) == base64.b64decode(square(url, scale=6))
        code = str(picture.get_filename()).removesuffix(".png")
        assert f"ou ce code\u00a0: {code}\r\n" in text_of(mail)
        assert "<img" not in mail.as_string()
        await training.go_to(AN_HOUR_BEFORE)
        listed = (await training.client.get(f"/console/editions/{edition}/attendance/1")).text
        assert re.search(rf'id="p-{sign_up}">\s*<p class="who">.*{code}', listed)
        own = await training.public.get(link_in(text_of(mail), "sign-up/manage"))
        assert code in own.text

    async def test_who_takes_part_online_has_no_door(
        self, training: Training, mailbox: Mailbox
    ) -> None:
        await seated(training, mailbox, format="online", online_url="https://meet.example.org/x")
        await training.go_to(WEEK_BEFORE)
        await training.mails()
        assert "https://meet.example.org/x" in text_of(mailbox.messages[-1])
        assert mailbox.messages[-1].get_content_type() == "text/plain"
