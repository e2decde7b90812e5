"""Digests: a mail says in the morning that there is news, in counts, once, to who wants it."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pyotp
import pytest
from cri_shared import clock
from cri_shared.db.migrate import migrate
from cri_shared.digest import Digests, News
from cri_shared.identity.audit import note
from cri_shared.privacy.keys import KeyRing
from cri_shared.service import Service
from cri_shared.testing.identity import PASSWORD, sign_in
from pydantic import SecretStr
from sqlalchemy import func, select

from tests.shared.mailbox import Mailbox
from tests.shared.toy import messaging
from tests.shared.toy_command import Settings
from tests.shared.toy_console import Console

THURSDAY = dt.datetime(2026, 3, 12, 7, 30, tzinfo=dt.UTC)  # half past eight in Brussels
DAY = dt.timedelta(days=1)
NEWS = (
    News(
        "officer",
        "Questions",
        lambda _reader, since: select(func.count()).where(messaging.audit.c.at > since),
    ),
)
Replica = tuple[Service, Digests]


@pytest.fixture
async def replicas(
    database_url: str, smtp_url: SecretStr, tmp_path: Path
) -> AsyncIterator[list[Replica]]:
    """Two processes of one service, on one database."""
    identity = f"sqlite+aiosqlite:///{tmp_path}/identity.db"
    await asyncio.to_thread(migrate, "tests.shared.toy_service", database_url)
    await asyncio.to_thread(migrate, "cri_shared.identity", identity)
    for ring in ("research", "identity"):
        KeyRing.create(tmp_path / ring)
    settings = Settings(
        database_url=database_url,
        identity_database_url=identity,
        key_dir=tmp_path / "research",
        identity_key_dir=tmp_path / "identity",
        smtp_url=smtp_url,
        public_url="http://127.0.0.1:8002",
        port=8002,
    )
    services = [Service.build(settings, messaging) for _ in range(2)]
    with clock.frozen(THURSDAY):
        yield [(service, Digests(service, "cri_shared", NEWS)) for service in services]
    for service in services:
        await service.stop()


@pytest.fixture
def first(replicas: list[Replica]) -> Service:
    return replicas[0][0]


async def person(service: Service, name: str, role: str = "officer", language: str = "en") -> str:
    """Somebody on the staff; gives their id."""
    token = await service.identity.invite(f"{name}@staff.example", name, [role])
    code = pyotp.TOTP((await service.identity.invitation(token)).totp_secret).at(clock.now())
    await service.identity.accept(token, password=PASSWORD, code=code, language=language)
    everybody = await service.identity.everybody()
    return next(account.staff_id for account, _roles in everybody if account.name == name)


async def something_happens(service: Service, words: str = "question.asked") -> None:
    async with service.database.writing() as work:
        await note(work, words, "about")


async def morning(replicas: list[Replica], after: dt.timedelta = dt.timedelta()) -> None:
    """What both processes do by themselves at an instant, at once."""

    async def turn(replica: Replica) -> None:
        service, digests = replica
        async with service.database.writing() as work:
            await digests.tell(work)

    with clock.frozen(THURSDAY + after):
        for _ in range(2):
            await asyncio.gather(*(turn(replica) for replica in replicas))
        await replicas[0][0].clockwork.do_jobs()


async def test_two_processes_tell_once_how_much_is_new_and_nothing_of_what(
    replicas: list[Replica], first: Service, mailbox: Mailbox
) -> None:
    await person(first, "leen")
    for _ in range(3):
        await something_happens(first, "karen.examplyan")
    await morning(replicas, dt.timedelta(minutes=1))
    (mail,) = mailbox.messages
    assert mail["To"] == "leen@staff.example"
    assert mail["Subject"] == "There is news: Research"
    text = mail.get_content()
    assert "- Questions: 3" in text.splitlines()
    assert "http://127.0.0.1:8002/console/account" in text
    assert "karen" not in text


async def test_the_next_morning_tells_only_what_came_since(
    replicas: list[Replica], first: Service, mailbox: Mailbox
) -> None:
    await person(first, "leen")
    await something_happens(first)
    await morning(replicas, dt.timedelta(minutes=1))
    with clock.frozen(THURSDAY + dt.timedelta(hours=3)):
        await something_happens(first)
    await morning(replicas, dt.timedelta(hours=4))
    assert len(mailbox.messages) == 1
    await morning(replicas, DAY)
    assert len(mailbox.messages) == 2
    assert "- Questions: 1" in mailbox.messages[1].get_content().splitlines()
    await morning(replicas, DAY * 4)
    assert len(mailbox.messages) == 2


@pytest.mark.parametrize(
    ("what", "at"),
    [("night", dt.timedelta(hours=-3)), ("weekend", DAY * 2), ("holiday", DAY * 25)],
)
async def test_nobody_is_told_at(
    replicas: list[Replica], first: Service, mailbox: Mailbox, what: str, at: dt.timedelta
) -> None:
    await person(first, "leen")
    with clock.frozen(THURSDAY + at - dt.timedelta(minutes=1)):
        await something_happens(first)
    await morning(replicas, at)
    assert mailbox.messages == []


@pytest.mark.parametrize(
    "leave",
    [
        lambda service, staff_id: service.identity.hear_of_news(staff_id, False),
        lambda service, _id: service.identity.disable("leen@staff.example"),
    ],
    ids=["does not want it", "is shut out"],
)
async def test_a_person_hears_nothing_who(
    replicas: list[Replica],
    first: Service,
    mailbox: Mailbox,
    leave: Callable[[Service, str], object],
) -> None:
    staff_id = await person(first, "leen")
    await person(first, "els", "editor")
    await person(first, "mia", language="nl")
    await leave(first, staff_id)  # type: ignore[misc]
    await something_happens(first)
    await morning(replicas, dt.timedelta(minutes=1))
    (mail,) = mailbox.messages
    assert mail["To"] == "mia@staff.example"
    assert mail["Subject"] == "Er is nieuws: Onderzoek"


async def test_everybody_chooses_on_the_account_page(console: Console) -> None:
    staff = await sign_in(console.client, console.app, "officer")
    box = '<input type="checkbox" name="digest" value="yes"'
    assert f"{box} checked" in (await console.client.get("/console/account")).text
    for fields, shown in (({}, f"{box}>"), ({"digest": "yes"}, f"{box} checked>")):
        await console.client.post("/console/account/digest", data={"csrf": staff.csrf, **fields})
        assert shown in (await console.client.get("/console/account")).text
