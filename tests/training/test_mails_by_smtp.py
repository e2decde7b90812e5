"""Mails over a real SMTP conversation; what waited there is looked at again before it goes."""

import datetime as dt
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from cri_shared import clock

from tests.shared.mailbox import Mailbox, listening
from tests.training.conftest import Training, calendar_of, link_in, own_token, start, text_of

EMAIL = "noor@example.org"
WEEK_BEFORE = dt.datetime(2026, 12, 8, 8, 0, tzinfo=dt.UTC)
LATER = WEEK_BEFORE + dt.timedelta(hours=6)
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


async def seated(training: Training, mailbox: Mailbox) -> str:
    """An edition with one person whose place is confirmed by mail; gives its id."""
    edition = await training.edition()
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
