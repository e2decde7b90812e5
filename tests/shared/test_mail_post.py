"""Mail: leaves with the transaction that wants it, sealed until then, over real SMTP."""

import base64
import contextlib
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from cri_shared.bus.outbox import Outbox
from cri_shared.clockwork import Clockwork
from cri_shared.db import Database
from cri_shared.mail import Mail, PostOffice
from cri_shared.mail.post import compose
from pydantic import SecretStr
from sqlalchemy import select

from tests.shared.mailbox import Mailbox
from tests.shared.toy import KEY, messaging, metadata


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{tmp_path}/mail.db"
    database = Database(url, Outbox(messaging, service="intake", key=KEY))
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


def office(
    database: Database, *, smtp_url: SecretStr | None = None, directory: Path | None = None
) -> tuple[PostOffice, Clockwork]:
    clockwork = Clockwork(database)
    post = PostOffice(
        database,
        clockwork,
        key=KEY,
        sender="CRI <no-reply@cri.example>",
        smtp_url=smtp_url,
        directory=directory,
    )
    return post, clockwork


LETTER = Mail(to="asker@mail.example", subject="Er is nieuws – één", text="Kijk op de pagina.")


async def rows(database: Database) -> list[Any]:
    async with database.reading() as session:
        return list((await session.execute(select(messaging.mails))).all())


async def test_a_mail_goes_out_by_smtp_once_and_leaves_nothing_behind(
    database: Database, mailbox: Mailbox, smtp_url: SecretStr
) -> None:
    post, clockwork = office(database, smtp_url=smtp_url)
    async with database.writing() as work:
        mail_id = await post.post(work, LETTER)
    await clockwork.do_jobs()
    await clockwork.do_jobs()
    (sent,) = mailbox.messages
    assert sent["To"] == "asker@mail.example"
    assert sent["Subject"] == LETTER.subject
    assert sent["Message-ID"] == f"<{mail_id}@cri.invalid>"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent.get_content().strip() == LETTER.text
    assert await rows(database) == []


async def test_a_mail_of_a_transaction_that_failed_is_never_sent(
    database: Database, mailbox: Mailbox, smtp_url: SecretStr
) -> None:
    post, clockwork = office(database, smtp_url=smtp_url)
    with contextlib.suppress(RuntimeError):
        async with database.writing() as work:
            await post.post(work, LETTER)
            raise RuntimeError
    await clockwork.do_jobs()
    assert mailbox.messages == []


async def test_a_waiting_mail_is_not_readable_in_the_database_file(
    database: Database, tmp_path: Path
) -> None:
    post, _ = office(database, directory=tmp_path / "mail")
    async with database.writing() as work:
        await post.post(work, LETTER)
    for file in tmp_path.glob("mail.db*"):
        assert b"asker@mail" not in file.read_bytes()
        assert b"Kijk op" not in file.read_bytes()


async def test_a_server_that_is_busy_gets_the_same_message_later(
    database: Database, mailbox: Mailbox, smtp_url: SecretStr
) -> None:
    post, clockwork = office(database, smtp_url=smtp_url)
    async with database.writing() as work:
        mail_id = await post.post(work, LETTER)
    mailbox.answer = "451 try again later"
    await clockwork.do_jobs()
    assert len(await rows(database)) == 1
    mailbox.answer = "250 taken"
    async with database.writing() as work:
        await clockwork.leave(work, "mail", mail_id)
    await clockwork.do_jobs()
    assert [sent["Message-ID"] for sent in mailbox.messages] == [f"<{mail_id}@cri.invalid>"]


async def test_a_mail_refused_for_good_is_kept_with_the_code_and_not_tried_again(
    database: Database, mailbox: Mailbox, smtp_url: SecretStr
) -> None:
    post, clockwork = office(database, smtp_url=smtp_url)
    async with database.writing() as work:
        await post.post(work, LETTER)
    mailbox.answer = "550 no such person"
    await clockwork.do_jobs()
    (row,) = await rows(database)
    assert row.refused == "550"
    async with database.reading() as session:
        assert (await session.execute(select(messaging.jobs))).all() == []


async def test_without_a_server_mails_are_files_and_without_either_they_wait(
    database: Database, tmp_path: Path
) -> None:
    nowhere, idle = office(database)
    async with database.writing() as work:
        await nowhere.post(work, LETTER)
    await idle.do_jobs()
    assert len(await rows(database)) == 1, "kept until somebody says where mail goes"
    post, clockwork = office(database, directory=tmp_path / "mail")
    async with database.writing() as work:
        mail_id = await post.post(work, LETTER)
    await clockwork.do_jobs()
    written = (tmp_path / "mail" / f"{mail_id}.eml").read_bytes()
    assert message_from_bytes(written, policy=policy.default)["Subject"] == LETTER.subject


async def test_an_invitation_carries_its_calendar_part(
    database: Database, mailbox: Mailbox, smtp_url: SecretStr
) -> None:
    post, clockwork = office(database, smtp_url=smtp_url)
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Atelier à Liège\r\nEND:VCALENDAR\r\n"
    async with database.writing() as work:
        await post.post(work, Mail("a@mail.example", "Atelier", "À bientôt.", calendar=calendar))
    await clockwork.do_jobs()
    part = next(p for p in mailbox.messages[0].walk() if p.get_content_type() == "text/calendar")
    assert part.get_param("method") == "REQUEST"
    assert part.get_payload(decode=True) == calendar.encode()


def test_a_picture_goes_along_below_the_text() -> None:
    picture = base64.b64encode(b"\x89PNG...").decode()
    mail = Mail("asker@example.org", "Soon", "Words.\n", picture=picture, picture_name="AB12")
    text, shown = compose(mail, "CRI <no-reply@cri.example>", "m1").iter_parts()
    assert text.get_content() == "Words.\n"
    assert (shown.get_content_disposition(), shown.get_filename()) == ("inline", "AB12.png")
    assert shown.get_content() == b"\x89PNG..."


def test_a_subject_of_two_lines_becomes_one() -> None:
    mail = Mail("asker@example.org", "Two\r\nBcc: everybody@example.org\n\tlines", "Words.\n")
    message = compose(mail, "CRI <no-reply@cri.example>", "m1")
    assert message["Subject"] == "Two Bcc: everybody@example.org lines"
    assert message["Bcc"] is None
