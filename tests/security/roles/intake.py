"""Intake with the cases of two officers, two organisations and somebody who follows a question."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cri_intake.actions.referrals import add_referral
from cri_intake.app import create_app
from cri_intake.models import ApiKey, Member
from cri_intake.settings import Settings
from cri_shared import clock
from cri_shared.events.research import ClarificationAsked
from cri_shared.identity.policy import ASKER, ORGANISATION
from cri_shared.identity.staff import MEMBER
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from sqlalchemy import select

from tests.intake.conftest import QUESTION, Intake
from tests.intake.desk import CHECKED, TEXT, TRIAGE
from tests.intake.officers import Officer, hear, posted
from tests.intake.test_delivery import web_question
from tests.intake.test_helpers import shown
from tests.intake.test_pages import token
from tests.security.roles.cells import FOREIGN, OWN, Person, Stage, browser, member

WEBHOOK = {"url": "https://cases.ngo.example/hook"}
KEY = frozenset({"question.follow_by_key"})
SECRETS = {  # what an organisation wrote comes back to its own key, and to nobody else
    "Karen Examplyan": KEY,
    "karen@example.org": KEY,
    "OUR-REF-77": KEY | {"ours.see", "ours.follow", "ours.be_handed"},
}


FORMS: dict[str, tuple[str, dict[str, object]]] = {
    "POST /console/account/digest": ("officer", {"digest": "yes"}),
    "POST /console/account/language": ("officer", {"language": "fr"}),
    "POST /console/questions/{question_id}/triage": ("officer", dict(TRIAGE)),
    "POST /console/questions/{question_id}/desk/preview": (
        "officer",
        {"text": TEXT, "language": "en", **CHECKED},
    ),
}


async def _cases(intake: Intake, officer: Officer, n: int) -> dict[str, str]:
    """A case at an officer's desk, one with a partner's question, one that was only posted."""
    at_desk, released, by_key = [await posted(intake, n + one) for one in range(3)]
    await officer.triaged(at_desk)
    asked = ClarificationAsked(
        research_id=await officer.release(released),
        clarification_id=f"clarification-{n}",
        text="Which dose?",
    )
    await hear(intake, asked)
    return {
        "question_id@/ours/": by_key,
        "key_id@/console/keys/": intake.key.split("_")[2],
        "question_id@/clarifications/": released,
        "clarification_id": asked.clarification_id,
        "question_id@/api/": by_key,
        "question_id": at_desk,
    }


async def _organisation(intake: Intake) -> dict[str, str]:
    """The ids of an organisation and of a key of it."""
    async with intake.rig.service.database.reading() as session:
        key = (await session.execute(select(ApiKey).limit(1))).scalar_one()
    return {"organisation_id": key.organisation_id, "key_id": key.key_id}


async def _referral(intake: Intake, officer: Officer) -> dict[str, str]:
    """The id of somebody in the directory."""
    async with intake.rig.service.database.writing() as work:
        about = {"name": "A shelter", "helps": {"en": "A bed."}, "languages": []}
        added = await add_referral(work, "form", about, by=officer.staff)
    return {"referral_id": added}


async def _webhook(intake: Intake) -> dict[str, str]:
    """The id of a webhook of the organisation that posts now."""
    headers = {"Authorization": f"Bearer {intake.key}"}
    made = await intake.client.post("/api/v1/webhooks", json=WEBHOOK, headers=headers)
    return {"webhook_id": made.json()["webhook_id"]}


async def _people(intake: Intake, officer: Officer, key: str) -> list[Person]:
    receipt, _ = await web_question(intake)
    asker = Person(ASKER, browser(intake.app))
    await asker.client.post("/en/follow", data={"receipt": receipt})
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "one-more-question"}
    organisation = Person(ORGANISATION, browser(intake.app), headers=headers)
    return [Person("officer", officer.client, officer.staff), organisation, asker]


async def _member(intake: Intake) -> Person:
    """Somebody who signs in for the organisation whose key is in use."""
    person = await member(intake.app, MEMBER)
    assert person.staff is not None
    async with intake.rig.service.database.writing() as work:
        key = await work.session.get_one(ApiKey, intake.key.split("_")[2])
        work.session.add(
            Member(
                email=person.staff.email,
                organisation_id=key.organisation_id,
                name=person.staff.name,
                since=clock.now(),
            )
        )
    return person


async def _code(intake: Intake, asker: Person) -> str:
    """What an asker tells an organisation."""
    form = {"may": "write", "form_token": await token(intake, "en")}
    return shown(await asker.client.post("/en/follow/helper", data=form))


@asynccontextmanager
async def stage(directory: Path, **stores: str) -> AsyncIterator[Stage]:
    """Intake with work on two desks."""
    app = create_app(settings_for(Settings, directory, **stores))
    async with running(app) as client:
        intake = Intake(app, client, "", directory)
        intake.key = await intake.another_key("Another house")
        others = await _cases(intake, await Officer.arrive(intake, "Another officer"), 0)
        others |= await _webhook(intake)
        intake.key = await intake.another_key("Caritas")
        officer = await Officer.arrive(intake)
        ids = {FOREIGN: others, OWN: await _cases(intake, officer, 10)}
        people = await _people(intake, officer, intake.key)
        bodies = {
            "POST /api/v1/questions": QUESTION,
            "POST /api/v1/webhooks": WEBHOOK,
            "POST /api/v1/questions/{question_id}/messages": {"text": "One more thing."},
            "POST /api/v1/questions/handed-over": {"code": await _code(intake, people[-1])},
        }
        ids[OWN] |= await _organisation(intake) | await _webhook(intake)
        ids[OWN] |= await _referral(intake, officer)
        people += [await member(app, "operator"), await _member(intake)]
        yield Stage(app, ids, people, SECRETS, bodies, FORMS)
