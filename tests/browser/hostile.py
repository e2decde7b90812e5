"""Real pages of all services with hostile texts on them, as their apps answer, headers and all.

A browser is given these answers under an address of its own, so that one visit per page is enough
and nothing else can be asked for unseen.
"""

import datetime as dt
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from cri_shared.testing.identity import sign_in
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running

from tests.security.vectors import in_pieces, marked

(ALL,) = in_pieces(6000)
LINES = in_pieces(290)  # for what takes less: names, labels, titles
ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@dataclass(frozen=True)
class Seen:
    """One page as its app answered, what it loads, and how many hostile texts it shows."""

    name: str
    answer: httpx.Response
    assets: dict[str, httpx.Response]
    marks: frozenset[str]

    @property
    def path(self) -> str:
        """Its address without the host."""
        return self.answer.url.raw_path.decode()


async def seen(name: str, client: httpx.AsyncClient, answer: httpx.Response) -> Seen:
    """A page, with the files that it loads."""
    assert answer.headers["content-type"].startswith("text/html"), (name, answer.status_code)
    paths = sorted(set(ASSET.findall(answer.text)))
    assets = {path: await client.get(path) for path in paths}
    marks = frozenset(mark for mark, _ in marked() if mark in answer.text)
    return Seen(name, answer, assets, marks)


async def of_search(directory: Path) -> AsyncIterator[Seen]:
    """What the whole world reads: an entry, and lists of questions."""
    from cri_search.app import create_app
    from cri_search.settings import Settings

    from tests.search.conftest import Search, published
    from tests.search.library import facts

    app = create_app(settings_for(Settings, directory))
    async with running(app) as client:
        source = {"kind": "visit", "label": LINES[0], "consulted_on": "2026-10-20"}
        entries = [
            facts(f"e{n}", {"en": (line, ALL)}, region=line[:100], sources=[source], tried=ALL)
            for n, line in enumerate(LINES)
        ]
        await Search(app, client).hear(*map(published, entries))
        for name, path in {
            "an entry": "/en/entries/e0-slug",
            "a country": "/en/countries/AM",
            "a topic": "/en/topics/health.medication",
        }.items():
            yield await seen(name, client, await client.get(path))


async def of_intake(directory: Path) -> AsyncIterator[Seen]:
    """What officers read of askers and partners, and askers of the helpdesk."""
    from cri_intake.app import create_app
    from cri_intake.settings import Settings
    from cri_shared.events.research import ClarificationAsked, Source

    from tests.intake.conftest import Intake
    from tests.intake.desk import CHECKED
    from tests.intake.officers import Officer, approved, hear

    app = create_app(settings_for(Settings, directory))
    async with running(app) as client:
        intake = Intake(app, client, "", directory)
        officer = await Officer.arrive(intake)  # whose password may hold no word of such a name
        intake.key = await intake.another_key(LINES[0][:110])
        posted = (await intake.post("an-idempotency-key-1", text=ALL)).json()
        asked, receipt = posted["question_id"], posted["receipt"]
        yield await seen("the queue", officer.client, await officer.get(""))
        await officer.triaged(asked)
        await officer.post(f"/{asked}/reveal", why="desk", then="desk")
        yield await seen("a case", officer.client, await officer.get(f"/{asked}"))
        yield await seen("the desk", officer.client, await officer.get(f"/{asked}/desk"))
        fields = {"text": ALL, "language": "en"} | CHECKED
        answer = await officer.post(f"/{asked}/desk/preview", **fields)
        yield await seen("the desk, with what was written", officer.client, answer)
        await client.post("/en/follow", data={"receipt": receipt})
        yield await seen("a question behind its number", client, await client.get("/en/follow"))

        second = (await intake.post("an-idempotency-key-2")).json()
        other = second["question_id"]
        research_id = await officer.release(other)
        clarification = ClarificationAsked(research_id=research_id, clarification_id="c1", text=ALL)
        await hear(intake, clarification)
        answer = await officer.get(f"/{other}/clarifications/c1")
        yield await seen("what a partner asks", officer.client, answer)
        source = Source(kind="visit", label=LINES[0], consulted_on=dt.date(2026, 11, 1))
        await hear(intake, approved(research_id, text=ALL, tried=ALL, sources=(source,)))
        yield await seen("an answer", officer.client, await officer.get(f"/{other}"))
        await client.post("/en/follow", data={"receipt": second["receipt"]})
        yield await seen("an answer behind its number", client, await client.get("/en/follow"))


async def of_research(directory: Path) -> AsyncIterator[Seen]:
    """What partners read, and coordinators of partners."""
    from cri_research.actions import assignments
    from cri_research.models import Assignment
    from cri_research.rules.answers import Answer, SourceLine
    from sqlalchemy import select

    from tests.research.conftest import started

    async with started(directory) as research:
        partner_id = await research.add_partner(name=LINES[0][:110], notes=ALL[:2000])
        research_id = await research.clear(text=ALL)
        await research.duties()
        console = research.client
        for name, path in {
            "the board": "/console/questions",
            "a research question": f"/console/questions/{research_id}",
            "a partner": f"/console/partners/{partner_id}",
        }.items():
            yield await seen(name, console, await console.get(path))
        async with research.phone() as phone:
            await phone.open(await research.letter())
            page = await phone.client.get("/en/partner")
            yield await seen("the partner's page", phone.client, page)
            answer = await phone.post("answer", text=ALL, tried=ALL, outcome="found")
            yield await seen("the partner's page, not sent", phone.client, answer)
        day = dt.date(2026, 11, 1)
        line = SourceLine(
            number=1,
            kind="visit",
            label=LINES[0],
            consulted_on=day,
            public_label=LINES[1],
            publisher=LINES[2],
            url="https://x.example/",
        )
        given = Answer("found", ALL, "en", day, sources=(line,), tried=ALL)
        async with research.rig.service.database.writing() as work:
            first = select(Assignment.assignment_id)
            assignment_id = (await work.session.execute(first)).scalar_one()
            await assignments.submit(work, research.rig, assignment_id, given, [])
        review = await console.get(f"/console/questions/{research_id}/review")
        yield await seen("the review", console, review)


async def of_publishing(directory: Path) -> AsyncIterator[Seen]:
    """What editors read of answers, and write."""
    from cri_publishing.app import create_app
    from cri_publishing.settings import Settings

    from tests.publishing.conftest import Publishing, RememberedIndex

    app = create_app(settings_for(Settings, directory))
    app.state.rig.index = RememberedIndex()
    async with running(app) as client:
        publishing = Publishing(app, client, directory, app.state.rig.index)
        source = {"kind": "visit", "label": LINES[0], "consulted_on": "2026-11-10"}
        told = {"question": ALL, "text": ALL, "tried": ALL, "sources": [source] * 2}
        entry_id = await publishing.draft(**told)
        await publishing.be("Pieter P.")
        for name, path in {"a draft": f"/{entry_id}", "the editor": f"/{entry_id}/edit"}.items():
            yield await seen(name, client, await publishing.get(path))
        yield await seen("the drafts", client, await publishing.get(""))


async def of_training(directory: Path) -> AsyncIterator[Seen]:
    """What trainers read of participants, and everybody of workshops."""
    from cri_training.app import create_app
    from cri_training.settings import Settings

    from tests.training.conftest import Training
    from tests.training.test_afterwards import held

    app = create_app(settings_for(Settings, directory))
    async with running(app) as client, running_beside(client) as public:
        staff = await sign_in(client, app, "trainer")
        training = Training(app, client, public, staff, directory)
        edition = await training.edition(title=LINES[0][:150], notes=ALL[:3900])
        who = {"name": LINES[1][:110], "organisation": LINES[2][:110], "needs": LINES[3]}
        await training.sign_up(edition, "noor@exempel.example", **who)
        page = await public.get(f"/en/workshops/{edition}")
        yield await seen("a workshop", public, page)
        for name, path in {"an edition": "", "the participants": "/participants"}.items():
            answer = await client.get(f"/console/editions/{edition}{path}")
            yield await seen(name, client, answer)
        ((_, links),) = await held(training, ["p@exempel.example"])
        path, _, ticket = links[0].rpartition("/")
        typed = {"ticket": ticket, "obstacles": ALL[:1990], "remark": ALL[1990:3980]}
        yield await seen("feedback, not sent", public, await public.post(path, data=typed))


def running_beside(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Another browser on the same app."""
    return httpx.AsyncClient(transport=client._transport, base_url=client.base_url, timeout=60)


SERVICES = {
    "search": of_search,
    "intake": of_intake,
    "research": of_research,
    "publishing": of_publishing,
    "training": of_training,
}
