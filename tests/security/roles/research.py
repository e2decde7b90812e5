"""Research with a question at a partner, and that partner's page open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cri_research.models import Assignment
from cri_shared.identity.policy import PARTNER
from sqlalchemy import select

from tests.research.conftest import PARTNER as DETAILS
from tests.research.conftest import TEXT, Phone, started
from tests.security.roles.cells import OWN, Person, Stage, browser

KEEPING = frozenset({"partner.keep", "partner.make_pin"})
SECRETS = {
    DETAILS["email"]: KEEPING,
    DETAILS["name"]: KEEPING
    | {"question.handle", "assignment.handle", "answer.approve", "country.decide"},
    TEXT: frozenset(
        {
            *("question.handle", "assignment.handle", "answer.approve"),
            *("assignment.open", "assignment.answer"),
        }
    ),
}


@asynccontextmanager
async def stage(directory: Path, **stores: str) -> AsyncIterator[Stage]:
    """Research with one question, which a partner holds."""
    async with started(directory, **stores) as research:
        partner_id = await research.add_partner()
        research_id = await research.clear()
        await research.duties()
        partner = Person(PARTNER, browser(research.app))
        await Phone(partner.client).open(await research.letter())
        async with research.rig.service.database.reading() as session:
            assignment_id = (await session.execute(select(Assignment.assignment_id))).scalar_one()
        in_danger = {"name": "A quiet house", "email": "quiet@house.example", "risk": "high"}
        ids = {
            "partner_id@/pin": await research.add_partner(**in_danger),
            "research_id": research_id,
            "partner_id": partner_id,
            "assignment_id": assignment_id,
            "code": "AM",
        }
        yield Stage(
            research.app,
            {OWN: ids},
            [Person("coordinator", research.client, research.staff), partner],
            SECRETS,
            forms={
                "POST /console/partners/{partner_id}/edit": ("coordinator", dict(DETAILS)),
                "POST /console/account/digest": ("coordinator", {"digest": "yes"}),
                "POST /console/account/language": ("coordinator", {"language": "fr"}),
            },
        )
