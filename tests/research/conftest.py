"""A started research with a coordinator, partners, questions, and a partner with a phone."""

import asyncio
import email
import email.policy
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from cri_research.app import create_app
from cri_research.rig import Rig
from cri_research.settings import Settings
from cri_shared import clock
from cri_shared.db import new_id
from cri_shared.events.intake import QuestionCleared
from cri_shared.identity.staff import Staff
from cri_shared.testing.events import deliver
from cri_shared.testing.identity import sign_in
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from fastapi import FastAPI

PARTNER: dict[str, Any] = {
    "kind": "organisation",
    "name": "Ararat Return Desk",
    "email": "desk@ararat.example",
    "countries": "AM",
    "mail_language": "en",
    "languages": ["ru", "hy"],
    "capacity": "3",
    "risk": "normal",
    "visibility": "name",
}
TEXT = "Are both types of insulin available in Gyumri, and at what price?"


@dataclass
class Letter:
    """A mail that left, with the link and the code that it carries."""

    to: str
    subject: str
    text: str

    @property
    def token(self) -> str:
        return self._found(r"/partner#(\S+)")

    @property
    def code(self) -> str:
        return self._found(r"Code\s?: (\S+)")

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.text)
        assert found is not None, self.text
        return found[1]


@dataclass
class Research:
    """A started research, its coordinator's browser, and ways to make things happen."""

    app: FastAPI
    client: httpx.AsyncClient
    directory: Path
    staff: Staff | None = None
    read: set[str] = field(default_factory=set)

    @property
    def rig(self) -> Rig:
        rig: Rig = self.app.state.rig
        return rig

    async def sign_in(self, name: str) -> None:
        """Let a coordinator of this name be whoever uses the console."""
        self.staff = await sign_in(self.client, self.app, "coordinator", name=name)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """Post a console form as the coordinator."""
        assert self.staff is not None
        return await self.client.post(path, data={"csrf": self.staff.csrf, **fields})

    async def see(self, path: str) -> str:
        """A console page as the coordinator reads it."""
        page = await self.client.get(path)
        assert page.status_code == 200, page.text
        return page.text

    async def add_partner(self, **changed: Any) -> str:
        """Add a partner through the console's form; gives its id."""
        page = await self.see("/console/partners/new")
        token = re.search(r'name="form_token" value="([^"]+)"', page)
        assert token is not None
        form = {**PARTNER, "form_token": token[1], **changed}
        added = await self.post("/console/partners/new", **form)
        assert added.status_code == 303, added.text
        return added.headers["location"].rsplit("/", 1)[1]

    async def clear(self, **changed: Any) -> str:
        """Let intake release a question; gives its research id."""
        event = QuestionCleared.model_validate(
            {
                "research_id": new_id(),
                "text": TEXT,
                "language": "en",
                "country": "AM",
                "topics": ("health.medication",),
                **changed,
            }
        )
        await deliver(self.rig.service, event)
        return event.research_id

    async def answers_read(self, research_id: str, *assignments: str) -> list[str]:
        """Open the review of answers; gives what its form says that was read."""
        query = "&".join(f"answer={one}" for one in assignments)
        page = await self.client.get(f"/console/questions/{research_id}/review?{query}")
        return re.findall(r'name="answers" value="([^"]+)"', page.text)

    async def duties(self) -> None:
        """Let the clock do what is due."""
        await self.rig.service.clockwork.do_duties(all_now=True)

    async def letters(self) -> list[Letter]:
        """The mails to partners that left since the last look, oldest first."""
        while await self.rig.service.clockwork.do_jobs():
            pass
        new = sorted(f for f in (self.directory / "mail").glob("*.eml") if f.name not in self.read)
        self.read |= {f.name for f in new}
        letters = [letter_of(f.read_bytes()) for f in new]
        return [letter for letter in letters if not letter.to.endswith("@staff.example")]

    async def sent(self, **partner: str) -> Letter:
        """A question with a partner; gives the mail."""
        await self.add_partner(**partner)
        await self.clear()
        return await self.letter()

    async def letter(self) -> Letter:
        """The only mail that left since the last look."""
        (letter,) = await self.letters()
        return letter

    @asynccontextmanager
    async def phone(self, lang: str = "en") -> AsyncIterator["Phone"]:
        """Another browser, of a partner."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        url = self.rig.settings.public_url
        async with httpx.AsyncClient(transport=transport, base_url=url, timeout=60) as client:
            yield Phone(client, lang)


@dataclass
class Phone:
    """A partner's browser."""

    client: httpx.AsyncClient
    lang: str = "en"

    async def open(self, letter: Letter) -> httpx.Response:
        """Type the code of a mail."""
        return await self.client.post(f"/{self.lang}/partner/open", data={"code": letter.code})

    async def page(self) -> str:
        """What the partner's page shows."""
        return (await self.client.get(f"/{self.lang}/partner")).text

    async def token(self) -> str:
        """The signed field of the forms on the page."""
        found = re.search(r'name="page" value="([^"]+)"', await self.page())
        return found[1] if found else ""

    async def post(self, what: str, page: str | None = None, **fields: Any) -> httpx.Response:
        """Send one of the page's forms."""
        token = await self.token() if page is None else page
        return await self.client.post(
            f"/{self.lang}/partner/{what}", data={"page": token, **fields}
        )

    async def answer(self, **changed: Any) -> httpx.Response:
        """Accept and send a good answer."""
        await self.post("accept")
        return await self.post("answer", **good_answer(**changed))


def good_answer(**changed: Any) -> dict[str, Any]:
    """The fields of an answer that nothing is wrong with."""
    today = clock.today().isoformat()
    return {
        "do": "send",
        "outcome": "found",
        "text": "Both types were in stock in two of three pharmacies that we visited.",
        "language": "en",
        "information_date": today,
        "source_1_kind": "visit",
        "source_1_label": "Visit to three pharmacies",
        "source_1_consulted_on": today,
        "source_1_confidentiality": "public",
        "source_1_primary": "yes",
        "source_2_kind": "interview",
        "source_2_label": "Nurse Anahit at the polyclinic",
        "source_2_public_label": "Health worker at a public clinic",
        "source_2_publisher": "Polyclinic Twelve",
        "source_2_consulted_on": today,
        "source_2_confidentiality": "internal",
        "source_2_primary": "yes",
        **changed,
    }


def letter_of(raw: bytes) -> Letter:
    """A mail as it was sent."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body()
    assert body is not None
    return Letter(str(message["To"]), str(message["Subject"]), body.get_content())


@asynccontextmanager
async def started(directory: Path, **settings: Any) -> AsyncIterator[Research]:
    """A started research with a signed-in coordinator."""
    app = create_app(settings_for(Settings, directory, **settings))
    async with running(app) as client:
        staff = await sign_in(client, app, "coordinator")
        yield Research(app, client, directory, staff)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A directory with migrated stores, keys and a signed-in coordinator, to be copied."""
    directory = tmp_path_factory.mktemp("research")

    async def prepare() -> str:
        async with started(directory) as research:
            return str(research.client.cookies[research.rig.settings.cookie_name])

    return directory, asyncio.run(prepare())


@pytest.fixture
async def research(prepared: tuple[Path, str], tmp_path: Path) -> AsyncIterator[Research]:
    shutil.copytree(prepared[0], tmp_path, dirs_exist_ok=True)
    app = create_app(placed(tmp_path))
    async with running(app) as client:
        client.cookies.set(app.state.service.settings.cookie_name, prepared[1])
        staff = await app.state.service.identity.whoever(prepared[1])
        yield Research(app, client, tmp_path, staff)


def placed(directory: Path, **more: Any) -> Settings:
    """The settings of a copy of the prepared directory: nothing is left to migrate."""
    values = {
        "database_url": f"sqlite+aiosqlite:///{directory}/research.db",
        "keystore_url": f"sqlite+aiosqlite:///{directory}/research-keys.db",
        "identity_database_url": f"sqlite+aiosqlite:///{directory}/identity.db",
        "identity_key_dir": directory / "keys" / "identity",
        "key_dir": directory / "keys" / "research",
        "mail_dir": directory / "mail",
        "role": "web",
    }
    return Settings(**(values | more))


@pytest.fixture
async def research_on(database_url: str, tmp_path: Path) -> AsyncIterator[Research]:
    """The same on each database."""
    async with started(tmp_path, database_url=database_url) as one:
        yield one
