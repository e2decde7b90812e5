"""A started training, with a trainer at the console and people who sign up through its pages."""

import datetime as dt
import re
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from cri_shared import clock
from cri_shared.db import new_id
from cri_shared.identity.staff import Staff
from cri_shared.privacy.blind_index import email_index
from cri_shared.testing.identity import sign_in
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from cri_training.app import create_app
from cri_training.models import Edition, Organisation, SignUp
from cri_training.queries import editions
from cri_training.rig import Rig
from cri_training.settings import Settings
from fastapi import FastAPI
from sqlalchemy import ColumnElement, select, update

NOW = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)  # a Wednesday, 10:00 in Belgium
EDITION: dict[str, str] = {
    "language": "nl",
    "format": "venue",
    "town": "Gent",
    "venue": "Zaal 3, Voorbeeldstraat 1",
    "trainers": "Leen D.\nKarim B.",
    "notes": "Bring lunch.",
    "capacity": "2",
    "date_1": "2026-12-15",
    "start_1": "14:00",
    "end_1": "17:00",
}


@dataclass
class Training:
    """A started training service, its trainer, and what its mailbox holds."""

    app: FastAPI
    client: httpx.AsyncClient
    public: httpx.AsyncClient
    staff: Staff
    directory: Path
    time: ExitStack = field(default_factory=ExitStack)

    @property
    def rig(self) -> Rig:
        rig: Rig = self.app.state.rig
        return rig

    async def go_to(self, at: dt.datetime) -> None:
        """Let the clock stand at a later instant; the trainer signs in anew."""
        self.time.enter_context(clock.frozen(at))
        name = f"Trainer {at:%d %m %H}"
        self.staff = await sign_in(self.client, self.app, "trainer", name=name)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """Post a console form as the trainer."""
        form = {"csrf": self.staff.csrf, **fields}
        return await self.client.post(path, data=form)

    async def token(self, path: str, client: httpx.AsyncClient | None = None) -> str:
        """The form token on a page."""
        page = await (client or self.public).get(path)
        found = re.search(r'name="form_token" value="([^"]+)"', page.text)
        assert found is not None, page.text
        return found[1]

    async def workshop(self, title: str = "Talking about return") -> str:
        """A new workshop; gives its id."""
        token = await self.token("/console/workshops/new", self.client)
        made = await self.post(
            "/console/workshops/new",
            form_token=token,
            title=title,
            summary="How to talk without pressure.\n\n- listen\n- inform",
            language="en",
        )
        assert made.status_code == 303, made.text
        return made.headers["location"].rpartition("/")[2]

    async def draft(self, **changed: str) -> str:
        """A new draft of an edition; gives its id."""
        token = await self.token("/console/editions/new", self.client)
        form = EDITION | {"workshop": await self.workshop(), "form_token": token} | changed
        made = await self.post("/console/editions/new", **form)
        assert made.status_code == 303, made.text
        return made.headers["location"].rpartition("/")[2]

    async def edition(self, **changed: str) -> str:
        """A new edition that people can sign up for; gives its id."""
        edition_id = await self.draft(**changed)
        await self.post(f"/console/editions/{edition_id}/publish")
        return edition_id

    async def ask(self, edition_id: str, email: str, **changed: str) -> httpx.Response:
        """Fill in the sign-up form; the answer leads to the page for the code."""
        url = f"/en/sign-up/{edition_id}"
        form = {
            "form_token": await self.token(url),
            "name": "Noor Exempelaere",
            "organisation": "Voorbeeldhuis",
            "email": email,
            "language": "en",
        }
        return await self.public.post(url, data=form | changed)

    async def sign_up(self, edition_id: str, email: str, **changed: str) -> str:
        """Sign up and confirm by the link; gives the token of one's own page."""
        asked = await self.ask(edition_id, email, **changed)
        assert asked.status_code == 303, asked.text
        return own_token(await self.public.post(link_in(await self.mail_to(email))))

    async def on_the_list(self, edition_id: str, number: int = 1) -> list[str]:
        """The sign-ups on the attendance list of a session, as it shows them."""
        page = await self.client.get(f"/console/editions/{edition_id}/attendance/{number}")
        return re.findall(r'<li class="person" id="p-([\w-]+)"', page.text)

    async def mark(self, edition_id: str, sign_up_id: str, presence: str, **fields: str) -> str:
        """Press a button of the attendance list once; gives what the next page says."""
        number = fields.pop("number", "1")
        page = f"/console/editions/{edition_id}/attendance/{number}"
        row = (await self.client.get(page)).text.partition(f'id="p-{sign_up_id}"')[2]
        found = re.search(r'name="nonce" value="([^"]+)"><input [^>]* value="(\d+)"', row)
        assert found is not None
        form = {"nonce": found[1], "seen": found[2], "presence": presence} | fields
        answer = await self.post(f"{page}/people/{sign_up_id}", **form)
        if answer.status_code != 303:
            return answer.text
        said = re.search(r'role="status">([^<]+)<', (await self.client.get(page)).text)
        return said[1] if said else ""

    async def mark_the_rest(self, edition_id: str, number: int = 1) -> httpx.Response:
        """Everybody without a mark was at a session."""
        page = f"/console/editions/{edition_id}/attendance/{number}"
        return await self.post(page, nonce=new_id())

    async def mails(self) -> list[EmailMessage]:
        """Every mail, oldest first."""
        for _ in range(20):
            await self.rig.service.clockwork.do_duties(all_now=True)
            if not await self.rig.service.clockwork.do_jobs():
                break
        folder = self.directory / "mail"
        files = (
            sorted(folder.glob("*.eml"), key=lambda f: f.stat().st_mtime_ns)
            if folder.exists()
            else []
        )
        read = [message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]
        return [mail for mail in read if isinstance(mail, EmailMessage)]

    async def mails_to(self, email: str) -> list[EmailMessage]:
        """Every mail to one person, oldest first."""
        return [mail for mail in await self.mails() if mail["To"] == email]

    async def mail_to(self, email: str) -> str:
        """The words of the newest mail to one person."""
        return text_of((await self.mails_to(email))[-1])

    async def subjects_to(self, email: str) -> list[str]:
        """What the mails to one person are about, without the title."""
        return [str(mail["Subject"]).partition(":")[0] for mail in await self.mails_to(email)]

    async def statuses(self, edition_id: str, emails: Collection[str] = ()) -> list[str]:
        """The states of the proved sign-ups of an edition in the order of arrival.

        With `emails` it is only those of these people.
        """
        found = (
            select(SignUp.status)
            .where(SignUp.edition_id == edition_id, SignUp.queue_no > 0)
            .order_by(SignUp.queue_no)
        )
        if emails:
            found = found.where(self._theirs(emails))
        async with self.rig.service.database.reading() as session:
            return list((await session.execute(found)).scalars())

    def _theirs(self, emails: Collection[str]) -> ColumnElement[bool]:
        secret = self.rig.email_secret
        return SignUp.email_index.in_([email_index(secret, email) for email in emails])

    async def change(self, emails: Collection[str], **columns: object) -> None:
        """Write into the sign-ups of these people, as another way of signing up does."""
        async with self.rig.service.database.writing() as work:
            theirs = update(SignUp).where(self._theirs(emails)).values(**columns)
            await work.session.execute(theirs)

    async def organisations(self) -> list[str]:
        """The ids of the organisations that are known."""
        async with self.rig.service.database.reading() as session:
            return list((await session.execute(select(Organisation.organisation_id))).scalars())

    async def stored(self, edition_id: str) -> Edition:
        """The edition as it is kept."""
        async with self.rig.service.database.reading() as session:
            return await editions.edition(session, edition_id)


def text_of(mail: EmailMessage) -> str:
    """The plain words of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def calendar_of(mail: EmailMessage) -> str:
    """The iCalendar part of a mail, unfolded; empty where there is none."""
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            return part.get_payload(decode=True).decode().replace("\r\n ", "")  # type: ignore[union-attr]
    return ""


def link_in(text: str, which: str = "sign-up/confirm") -> str:
    """The path of a link in a mail."""
    found = re.search(rf"http://127\.0\.0\.1:\d+(/\w\w/{which}/\S+)", text)
    assert found is not None, text
    return found[1]


def own_token(answer: httpx.Response) -> str:
    """The token of one's own page, from where a confirmation leads."""
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


@pytest.fixture
def at_ten() -> Iterator[None]:
    """The clock stands at ten on a Wednesday morning."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
async def training(at_ten: None, tmp_path: Path) -> AsyncIterator[Training]:
    async for started in start(tmp_path):
        yield started


@pytest.fixture
async def training_on_each(
    at_ten: None, tmp_path: Path, database_url: str
) -> AsyncIterator[Training]:
    async for started in start(tmp_path, database_url=database_url):
        yield started


async def start(directory: Path, **stores: str) -> AsyncIterator[Training]:
    """A running training with one trainer signed in."""
    app = create_app(settings_for(Settings, directory, **stores))
    async with running(app) as client:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        url = app.state.service.settings.public_url
        async with httpx.AsyncClient(transport=transport, base_url=url, timeout=60) as public:
            staff = await sign_in(client, app, "trainer")
            started = Training(app, client, public, staff, directory)
            with started.time:
                yield started
