"""Publishing, search and training as deployed, with a voice for the services that they hear."""

import asyncio
import contextlib
import datetime as dt
import itertools
from pathlib import Path
from uuid import uuid4

from cri_shared import clock
from cri_shared.bus.envelope import headers_for
from cri_shared.events import Event
from cri_shared.events.headers import AFTER, NUMBER
from cri_shared.events.intake import QuestionWithdrawn
from cri_shared.events.research import AnswerApproved, CountryChanged, Source
from cri_shared.events.upkeep import RESEND_ASKED
from cri_shared.testing.index import IndexServer
from cri_shared.testing.waiting import eventually

from tests.faults.house import House
from tests.faults.people import Browser, form_token
from tests.faults.verdict import rows_of
from tests.forking import Forge

NEIGHBOURS = ("publishing", "search", "training")
WORKSHOP = {"title": "Talking about return", "summary": "Listen first.", "language": "en"}
WAITING = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
# Of research alone: what is asked here in a service's name is recalled into its outbox as well.
ASKED = (
    "SELECT count(*) FROM outbox"
    " WHERE subject LIKE '%.resend.asked.v1' AND about LIKE 'cri.research.%'"
)
AGAIN = "SELECT coalesce(sum(copies), 0) FROM outbox"
DEAD = "SELECT count(*) FROM dead_letters"
EDITION = {
    "language": "en",
    "format": "venue",
    "town": "Gent",
    "venue": "Zaal 3",
    "trainers": "Leen D.",
    "capacity": "20",
    "start_1": "14:00",
    "end_1": "17:00",
}


class Neighbours:
    """Their house, a trainer's browser, and how often each thing was made to happen."""

    def __init__(self, directory: Path, forge: Forge) -> None:
        self.index = IndexServer(directory / "index")
        self.index.start()
        write, search = self.index.keys()
        self.house = House(
            directory,
            services=NEIGHBOURS,
            forge=forge,
            CRI_INDEX_URL=self.index.url,
            CRI_PUBLISHING_INDEX_KEY=write,
            CRI_SEARCH_INDEX_KEY=search,
        )
        self.edition = ""
        self.drafted: list[str] = []  # research ids of approved answers
        self.partners: list[str] = []  # what was said of the partners of Armenia
        self.signed_up = 0
        self.asked: dict[str, int] = {"publishing": 0, "search": 0}  # times it misses something
        self.sent_again = {"training": 0, "search": 0}  # times it was asked for its first event
        self._numbers: dict[str, itertools.count[int]] = {}
        self._before: dict[tuple[str, str], dict[str, str]] = {}  # subject -> its last number

    async def open(self) -> None:
        """Start everything; an edition is public, and each has published something."""
        await self.house.open()
        trainer = await self.house.staff("training", "trainer", "trainer")
        self.edition = await public_edition(trainer)
        await trainer.close()
        await self.approve_answer()
        await self.change_country()
        await self.miss_something()
        await self.quiet()

    def close(self) -> None:
        """Stop everything."""
        self.house.close()
        self.index.stop()

    async def approve_answer(self) -> str:
        """Research approves an answer, which publishing drafts an entry from."""
        research_id = f"research-{len(self.drafted)}"
        self.drafted.append(research_id)
        await self._say(_approved(research_id))
        return research_id

    async def withdraw(self, research_id: str) -> None:
        """An asker takes the question back, and publishing destroys a key."""
        await self._say(QuestionWithdrawn(research_id=research_id))

    async def change_country(self) -> None:
        """Search hears whether Armenia has a partner."""
        self.partners.append("available" if len(self.partners) % 2 else "none")
        changed = CountryChanged(country="AM", partner_state=self.partners[-1])
        await self._say(changed, version=len(self.partners))

    async def send_again(self, service: str, *, wanted: type[Event], by: str) -> None:
        """A hearer of a service asks for its first event of a kind once more."""
        self.sent_again[service] += 1
        await self._say(RESEND_ASKED[by](wanted=wanted.subject, numbers=(1,)))

    async def miss_something(self) -> None:
        """Publishing and search miss an event of research, notice it, and ask for it."""
        for subject in (AnswerApproved.subject, CountryChanged.subject):
            next(self._numbered(subject))
        await self.approve_answer()
        await self.change_country()
        await self.quiet()
        for service in self.asked:
            self.asked[service] += 1
            with contextlib.suppress(RuntimeError):  # it ends with 1: something is missing
                run = self.house.services[service][0].run
                await asyncio.to_thread(run, "reconcile", "--ask")

    async def sign_up(self) -> None:
        """Somebody asks for a place: training makes a key and sends a mail."""
        self.signed_up += 1
        browser = Browser([self.house.services["training"][0].url])
        path = f"/en/sign-up/{self.edition}"
        token = await form_token(browser, path)
        who = {"name": "Noor", "organisation": "Voorbeeldhuis", "language": "en"}
        email = f"noor{self.signed_up}@example.org"
        form = {"form_token": token, "email": email, **who}
        answer = await browser.ask("POST", path, data=form)
        assert answer.status_code == 303, answer.text
        await browser.close()

    async def talk_nonsense(self) -> None:
        """Something that is no event, on one subject that each of them hears."""
        async with self.house.jetstream() as js:
            for event in (CountryChanged, RESEND_ASKED["search"]):
                headers = {"ce-id": f"nonsense-{uuid4().hex}", "ce-type": event.subject}
                await js.publish(event.subject, b"{}", headers=headers)

    async def quiet(self) -> None:
        """Wait until nothing is under way between them, and nothing waits to be done."""

        async def nothing() -> bool:
            waiting = [await self._count(name, WAITING) for name in NEIGHBOURS]
            jobs = [await self._count(name, "SELECT count(*) FROM jobs") for name in NEIGHBOURS]
            return not any(waiting + jobs) and await self.house.all_delivered()

        await eventually(nothing, timeout=60, what="silence")

    async def effects(self) -> dict[str, int | str]:
        """What the databases and the mailbox say happened."""
        mails = (self.house.directory / "house" / "mail").glob("*.eml")
        (partner,) = await rows_of(self._url("search"), "SELECT partner_state FROM countries")
        return {
            "entries": await self._count("publishing", "SELECT count(*) FROM entries"),
            "partner": partner[0],
            "sign-ups": await self._count("training", "SELECT count(*) FROM sign_ups"),
            "mails": len(list(mails)),
            **{f"asked by {name}": await self._count(name, ASKED) for name in self.asked},
            **{f"again by {name}": await self._count(name, AGAIN) for name in self.sent_again},
            **{f"dead at {name}": await self._count(name, DEAD) for name in NEIGHBOURS},
        }

    @property
    def expected(self) -> dict[str, int | str]:
        """What was made to happen."""
        return {
            "entries": len(self.drafted),
            "partner": self.partners[-1],
            "sign-ups": self.signed_up,
            "mails": self.signed_up,
            **{f"asked by {name}": times for name, times in self.asked.items()},
            **{f"again by {name}": times for name, times in self.sent_again.items()},
            **{f"dead at {name}": 0 for name in NEIGHBOURS},
        }

    def _url(self, service: str) -> str:
        return self.house.services[service][0].database_url

    async def _count(self, service: str, statement: str) -> int:
        return int((await rows_of(self._url(service), statement))[0][0])

    def _numbered(self, subject: str) -> "itertools.count[int]":
        return self._numbers.setdefault(subject, itertools.count(1))

    async def _say(self, event: Event, *, version: int | None = None) -> None:
        """Publish an event as a relay does: numbered, and naming those before it."""
        headers = headers_for(event, version=version)
        before = self._before.setdefault((headers["ce-source"], headers["ce-subject"]), {})
        if before:
            headers[AFTER] = " ".join(f"{subject}={number}" for subject, number in before.items())
        headers[NUMBER] = before[event.subject] = str(next(self._numbered(event.subject)))
        async with self.house.jetstream() as js:
            await js.publish(event.subject, event.model_dump_json().encode(), headers=headers)


def _approved(research_id: str) -> AnswerApproved:
    today = clock.today()
    return AnswerApproved(
        research_id=research_id,
        question="Is there insulin in Gyumri, and what does it cost?",
        question_language="en",
        country="AM",
        topics=("health.medication",),
        sensitivity="green",
        outcome="found",
        text="It is free at the polyclinic.",
        language="en",
        information_date=today,
        sources=(Source(kind="visit", label="Two pharmacies", consulted_on=today),),
        approved_on=today,
    )


async def public_edition(trainer: Browser) -> str:
    """Let a trainer plan an edition and open it to sign-ups; gives its id."""
    path = "/console/workshops/new"
    made = await trainer.post(path, form_token=await form_token(trainer, path), **WORKSHOP)
    workshop = made.headers["location"].rpartition("/")[2]
    day = (clock.today() + dt.timedelta(days=60)).isoformat()
    path = "/console/editions/new"
    fields = EDITION | {"workshop": workshop, "date_1": day}
    made = await trainer.post(path, form_token=await form_token(trainer, path), **fields)
    edition = made.headers["location"].rpartition("/")[2]
    done = await trainer.post(f"/console/editions/{edition}/publish")
    assert done.status_code == 303, done.text
    return edition
