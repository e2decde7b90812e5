"""An officer at work: every step of a case through the console's own forms."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import httpx
from cri_intake.models import Case, Release
from cri_shared.events.intake import QuestionCleared
from cri_shared.events.research import AnswerApproved, Source
from cri_shared.identity.staff import Staff
from cri_shared.testing.events import deliver, emitted
from cri_shared.testing.identity import sign_in
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.desk import CHECKED, TEXT, TRIAGE, explained


@dataclass
class Officer:
    """A signed-in officer with a browser of their own."""

    intake: Intake
    client: httpx.AsyncClient
    staff: Staff

    @classmethod
    async def arrive(
        cls, intake: Intake, name: str = "Leen D.", role: str = "officer"
    ) -> "Officer":
        transport = httpx.ASGITransport(app=intake.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=intake.client.base_url)
        return cls(intake, client, await sign_in(client, intake.app, role, name=name))

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(f"/console/questions{path}")

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        data = {"csrf": self.staff.csrf} | fields
        return await self.client.post(f"/console/questions{path}", data=data)

    async def post_looked(self, path: str, **fields: Any) -> httpx.Response:
        """Send words to an asker, and look at them once more where the page warns of them."""
        sent = await self.post(path, **fields)
        if found := re.search(r'name="looked_at" value="([^"]+)"', sent.text):
            return await self.post(path, looked="yes", looked_at=found[1], **fields)
        return sent

    async def form_token(self, path: str) -> str:
        page = (await self.get(path)).text
        found = re.search(r'name="form_token" value="([^"]+)"', page)
        assert found is not None, page
        return found[1]

    async def triaged(self, question_id: str, **changed: str) -> None:
        """Take a question and say what it is about."""
        assert (await self.post(f"/{question_id}/take")).status_code == 303
        done = await self.post(f"/{question_id}/triage", **(TRIAGE | changed))
        assert done.status_code == 303, done.text

    async def preview(self, question_id: str, text: str = TEXT, **changed: str) -> httpx.Response:
        """Look at a text, and leave as it is what the machine sees in it."""
        fields = {"text": text, "language": "en"} | CHECKED | changed
        path = f"/{question_id}/desk/preview"
        shown = await self.post(path, **fields)
        if "data-suspect" not in shown.text or 'name="shown"' not in shown.text:
            return shown
        return await self.post(path, **(fields | explained(shown.text) | changed))

    async def release(self, question_id: str, text: str = TEXT, **changed: str) -> str:
        """Take, triage, preview and release; gives the research id."""
        await self.triaged(question_id, **changed)
        shown = await self.preview(question_id, text)
        assert shown.status_code == 200, shown.text
        done = await self.post(f"/{question_id}/desk/release", draft=draft_in(shown))
        assert done.status_code == 303, done.text
        return await research_id_of(self.intake, question_id)


def draft_in(page: httpx.Response) -> str:
    found = re.search(r'name="draft" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


async def research_id_of(intake: Intake, question_id: str) -> str:
    current = select(Release.research_id).where(
        Release.question_id == question_id, Release.ended_at.is_(None)
    )
    async with intake.rig.service.database.reading() as session:
        return (await session.execute(current)).scalar_one()


async def case_of(intake: Intake, question_id: str) -> Case:
    async with intake.rig.service.database.reading() as session:
        found = await session.get(Case, question_id)
    assert found is not None
    return found


async def posted(intake: Intake, n: int = 0, **changed: Any) -> str:
    """The id of a question that an organisation posted."""
    answer = await intake.post(f"an-idempotency-key-{n:03}", **changed)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["question_id"])


async def cleared(intake: Intake) -> list[QuestionCleared]:
    return await emitted(intake.rig.service, QuestionCleared)


def approved(research_id: str, **changed: Any) -> AnswerApproved:
    facts: dict[str, Any] = {
        "research_id": research_id,
        "question": TEXT,
        "question_language": "en",
        "country": "AM",
        "topics": ("health.medication",),
        "sensitivity": "green",
        "outcome": "found",
        "text": "Both kinds are **free** at the polyclinic.",
        "language": "en",
        "information_date": dt.date(2026, 11, 1),
        "sources": (
            Source(kind="visit", label="Two pharmacies", consulted_on=dt.date(2026, 11, 1)),
        ),
        "approved_on": dt.date(2026, 11, 2),
    }
    return AnswerApproved(**(facts | changed))


async def hear(intake: Intake, event: Any) -> None:
    await deliver(intake.rig.service, event)
