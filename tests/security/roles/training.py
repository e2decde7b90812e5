"""Training with an edition and somebody who signed up for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cri_shared import clock
from cri_shared.db import new_id
from cri_shared.privacy.vault import seal
from cri_shared.testing.identity import sign_in
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from cri_training.actions import certificates
from cri_training.app import create_app
from cri_training.models import Certificate, Code, FeedbackAnswer, Material, SignUp
from cri_training.queries import editions
from cri_training.settings import Settings
from sqlalchemy import select

from tests.security.roles.cells import OWN, Person, Stage, browser
from tests.training.conftest import Training
from tests.training.test_desk import confirm, desk, enter, organisation, person_at

EMAIL = "noor@exempel.example"
WRITTEN = "People fear a promise."
SEEN = frozenset(
    {
        "participants.see",
        "certificates.keep",
        "participants.export",
        "attendance.keep",
        "workshops.sign_up",
    }
)
COLLEAGUE = "wout@exempel.example"
AT_DESK = SEEN | {"desk.use"}
SECRETS = {
    "Wout Collega": AT_DESK,
    COLLEAGUE: AT_DESK,
    "Noor Exempelaere": SEEN,
    EMAIL: SEEN,
    WRITTEN: frozenset({"texts.code"}),
}
NORTH = {"organisation": "Voorbeeld Noord", "places": "1", "until": "2026-12-05"}
FORMS: dict[str, tuple[str, dict[str, object]]] = {
    "POST /console/workshops/{workshop_id}": (
        "trainer",
        {"title": "Talking about return", "summary": "Without pressure.", "language": "en"},
    ),
    "POST /console/editions/{edition_id}/capacity": ("trainer", {"capacity": "20"}),
    "POST /console/editions/{edition_id}/places/order": (
        "trainer",
        {"priority": "first_timers", "overbooked": "1"},
    ),
    "POST /console/editions/{edition_id}/places/reserve": ("trainer", NORTH),
    "POST /console/editions/{edition_id}/materials": (
        "trainer",
        {"title": "Slides", "url": "https://files.exempel.example/slides"},
    ),
    "POST /console/editions/{edition_id}/letters/{kind}": (
        "trainer",
        {"want": "now", "mark": "2026-12-15"},
    ),
}


async def _text(training: Training) -> dict[str, str]:
    """A text of a closed form, and a code."""
    answer_id, code = new_id(), Code(code="fear", title="Fear", definition="Somebody fears it.")
    edition_id = await training.edition()
    sealed = seal(training.rig.feedback_key, WRITTEN, f"feedback:{answer_id}/remark")
    async with training.rig.service.database.writing() as work:
        edition = await editions.edition(work.session, edition_id)
        edition.feedback_closed_at = clock.now()
        given = FeedbackAnswer(
            answer_id=answer_id,
            edition_id=edition_id,
            answered_on=clock.today(),
            remark_sealed=sealed,
            waits=True,
        )
        work.session.add_all([code, given])
    return {"obstacle": code.code, "answer_id": answer_id}


async def _certificate(training: Training, edition_id: str, sign_up_id: str) -> str:
    """A certificate for somebody; gives its id."""
    name = "Noor Exempelaere"
    async with training.rig.service.database.writing() as work:
        await certificates.add(work, training.rig, edition_id, sign_up_id, name, 180)
        await work.session.flush()
        theirs = select(Certificate.certificate_id).where(Certificate.sign_up_id == sign_up_id)
        return (await work.session.execute(theirs)).scalar_one()


@asynccontextmanager
async def stage(directory: Path, **stores: str) -> AsyncIterator[Stage]:
    """Training with one edition and one participant."""
    app = create_app(settings_for(Settings, directory, **stores))
    async with running(app) as client:
        staff = await sign_in(client, app, "trainer")
        training = Training(app, client, browser(app), staff, directory)
        edition_id = await training.edition(capacity="20")
        token = await training.sign_up(edition_id, EMAIL)
        workshop_id = (await training.stored(edition_id)).workshop_id
        await training.change([EMAIL], group_id="pair")
        await training.post(f"/console/editions/{edition_id}/places/reserve", **NORTH)
        await training.post(
            f"/console/editions/{edition_id}/materials", title="Exercise", url="https://x.example"
        )
        async with training.rig.service.database.reading() as session:
            sign_up_id = (await session.execute(select(SignUp.sign_up_id))).scalar_one()
            material_id = (await session.execute(select(Material.material_id))).scalar_one()
        lasting_token = await training.sign_up(edition_id, "another@exempel.example")
        async with training.rig.service.database.reading() as session:
            others = select(SignUp.sign_up_id).where(SignUp.sign_up_id != sign_up_id)
            lasting = (await session.execute(others)).scalar_one()
        certificate_id = await _certificate(training, edition_id, sign_up_id)
        await _certificate(training, edition_id, lasting)
        link = await desk(training)
        await enter(training, link, edition_id, f"Wout Collega; {COLLEAGUE}")
        await confirm(training, COLLEAGUE)
        colleague = await person_at(training, link, edition_id, "Wout Collega")
        ids = {
            "certificate_id": certificate_id,
            "token@calendar": lasting_token,
            "token@certificate": lasting_token,
            "sign_up_id@check-in": lasting,
            "token@/organisation/": link.rpartition("/")[2],
            "sign_up_id@/organisation/": colleague.rpartition("/")[2],
            "organisation_id@/console/organisations": await organisation(training, "Ander Huis"),
            "edition_id": edition_id,
            "workshop_id": workshop_id,
            "sign_up_id": sign_up_id,
            "organisation_id": (await training.organisations())[0],
            "material_id": material_id,
            "kind": "reminder",
            "number": "1",
            **await _text(training),
            "token@/manage/": token,
        }
        yield Stage(app, {OWN: ids}, [Person("trainer", client, staff)], SECRETS, forms=FORMS)
