"""One question's way through three services is one trace, in which nobody finds who asked."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cri_intake.app import create_app as create_intake
from cri_intake.settings import Settings as IntakeSettings
from cri_publishing.app import create_app as create_publishing
from cri_publishing.settings import Settings as PublishingSettings
from cri_shared import clock
from cri_shared.events.intake import AnswerDelivered
from cri_shared.events.research import AnswerApproved, QuestionDispatched
from cri_shared.observe.traces import trace_of
from cri_shared.service import Service
from cri_shared.testing.collector import Collector
from cri_shared.testing.events import emitted
from cri_shared.testing.services import settings_for
from cri_shared.testing.waiting import eventually
from cri_shared.testing.web import running
from sqlalchemy import func, select

from tests.intake.conftest import QUESTION, Intake
from tests.intake.officers import Officer
from tests.research import conftest as research_house
from tests.research.conftest import Research

pytestmark = [pytest.mark.nats, pytest.mark.journey]


@dataclass
class House:
    """Three services as deployed but in this process, on one bus, with a collector of traces."""

    intake: Intake
    research: Research
    publishing: Service

    def named(self, name: str) -> Service:
        services = (self.intake.rig.service, self.research.rig.service, self.publishing)
        return next(one for one in services if one.settings.service == name)


@pytest.fixture
def collector() -> Iterator[Collector]:
    one = Collector()
    yield one
    one.stop()


@asynccontextmanager
async def house(directory: Path, nats_url: str, collector: Collector) -> AsyncIterator[House]:
    told: dict[str, Any] = {"role": "all", "nats_url": nats_url, "traces_url": collector.url}
    intake_app = create_intake(settings_for(IntakeSettings, directory, **told))
    publishing_app = create_publishing(settings_for(PublishingSettings, directory, **told))
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(running(intake_app))
        research = await stack.enter_async_context(research_house.started(directory, **told))
        await stack.enter_async_context(running(publishing_app))
        intake = Intake(intake_app, client, "", directory)
        intake.key = await intake.another_key("Caritas")
        yield House(intake, research, publishing_app.state.service)


async def answered(house: House) -> tuple[str, dict[str, str]]:
    """Ask, release, send, answer, approve; gives the research id and what the asker was told."""
    await house.research.add_partner()
    told = (await house.intake.post("an-idempotency-key-001")).json()
    officer = await Officer.arrive(house.intake, "Karim B.")
    research_id = await officer.release(told["question_id"])

    async def dispatched() -> list[QuestionDispatched]:
        return await emitted(house.research.rig.service, QuestionDispatched)

    (sent,) = await eventually(dispatched, timeout=30, what="sent to the partner")
    letter = await eventually(lambda: _letter(house.research), what="the partner's letter")
    async with house.research.phone() as phone:
        await phone.open(letter)
        assert (await phone.answer()).status_code == 303
    approved = await house.research.post(
        f"/console/questions/{research_id}/approve",
        answers=await house.research.answers_read(research_id, sent.assignment_id),
        outcome="found",
        text="Both types were in stock in two of three pharmacies that we visited.",
        language="en",
        information_date=clock.today().isoformat(),
        seen="yes",
    )
    assert approved.status_code == 303, approved.text
    return research_id, told


async def _letter(research: Research) -> Any:
    letters = await research.letters()
    return letters[0] if letters else None


async def test_one_question_is_one_trace_in_every_service_and_tells_nothing_of_who_asked(
    tmp_path: Path, nats_url: str, collector: Collector
) -> None:
    async with house(tmp_path, nats_url, collector) as parts:
        research_id, asker = await answered(parts)
        for event in (QuestionDispatched, AnswerApproved, AnswerDelivered):
            for name in event.heard_by:
                hearer = parts.named(name)
                await eventually(partial(heard, hearer, event), timeout=30, what=event.subject)
        key = parts.intake.key
    trace = [span for span in collector.spans if span.trace == trace_of(research_id)]
    assert {span.service for span in trace} == {"cri-intake", "cri-research", "cri-publishing"}
    names = {(span.service, span.name) for span in trace}
    assert {
        ("cri-intake", "publish cri.intake.question.cleared.v1"),
        ("cri-research", "handle cri.intake.question.cleared.v1"),
        ("cri-research", "publish cri.research.question.dispatched.v1"),
        ("cri-intake", "handle cri.research.question.dispatched.v1"),
        ("cri-research", "publish cri.research.answer.approved.v1"),
        ("cri-intake", "handle cri.research.answer.approved.v1"),
        ("cri-publishing", "handle cri.research.answer.approved.v1"),
        ("cri-intake", "publish cri.intake.answer.delivered.v1"),
        ("cri-research", "handle cri.intake.answer.delivered.v1"),
    } <= names
    known = {span.span for span in trace}
    assert all(span.parent in known for span in trace if span.parent)
    begun = {span.name for span in trace if not span.parent}
    assert begun == {
        "publish cri.intake.question.cleared.v1",
        "publish cri.research.answer.approved.v1",
    }, "each begins with what a person did, and not with a request"
    nothing_of(collector, asker, key)


async def heard(service: Service, event: Any) -> bool:
    """Whether a service took an event in."""
    table = service.database.outbox.tables.inbox
    rows = select(func.count()).where(table.c.subject == event.subject)
    async with service.database.reading() as session:
        return bool((await session.execute(rows)).scalar_one())


def nothing_of(collector: Collector, asker: dict[str, str], key: str) -> None:
    """All that was exported holds no id, number, word, address or secret of who asked."""
    exported = b"\n".join(collector.bodies)
    contact = QUESTION["contact"]
    secrets = [asker["question_id"], asker["receipt"], key, QUESTION["reference"], contact["email"]]
    secrets += ["Karen", "Examplyan", "insulin", "Gyumri", "127.0.0.1", "/api/v1", "/console"]
    secrets += ["pharmacies", "Ararat", "Leen", "Karim", "Caritas", "user_agent", "http."]
    assert not [secret for secret in secrets if secret.encode() in exported]
    assert all(span.name.split()[0] in ("publish", "handle", "do") for span in collector.spans)
    assert all(span.service.startswith("cri-") for span in collector.spans)
    assert set(collector.paths) == {"/v1/traces"}
