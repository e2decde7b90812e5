"""The whole way of a question, on each database, and nothing of its asker anywhere else."""

import asyncio
import datetime as dt
import re

import pytest
from cri_shared import clock
from cri_shared.events import research as r
from cri_shared.events.intake import AnswerDelivered, AnswerRated
from cri_shared.testing.disk import on_disk
from cri_shared.testing.events import emitted
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.officers import (
    CHECKED,
    Officer,
    approved,
    case_of,
    cleared,
    draft_in,
    hear,
    posted,
)
from tests.intake.test_delivery import dispatched, mails, open_page, web_question
from tests.intake.test_pages import token


async def test_two_askers_one_answer(intake: Intake) -> None:
    soon = (clock.today() + dt.timedelta(days=5)).isoformat()
    receipt, first = await web_question(intake, country="AM", needed_by=soon)
    second = await posted(intake, 1, topics=["health.medication"])
    officer = await Officer.arrive(intake)
    for query in ("", "?view=new", "?country=AM", "?topic=health.medication", "?view=overdue"):
        assert (await officer.get(query)).status_code == 200
    assert first not in (await officer.get("?topic=health.medication")).text
    await officer.triaged(first)
    await officer.post(f"/{second}/take")
    await officer.post(f"/{second}/link", other=first)
    research_id = await officer.release(first)
    await hear(intake, dispatched(research_id))
    await hear(
        intake,
        r.ClarificationAsked(research_id=research_id, clarification_id="c", text="Which dose?"),
    )
    fields = {"text": "Twenty units each day.", "language": "en"} | CHECKED
    shown = await officer.post(f"/{first}/clarifications/c/preview", **fields)
    await officer.post(f"/{first}/clarifications/c/release", draft=draft_in(shown))
    assert (await case_of(intake, second)).status == "with_partner"
    await hear(intake, approved(research_id))
    assert "polyclinic" in await open_page(intake, receipt)
    await intake.client.post("/en/follow/rate", data={"useful": "yes"})
    assert len(await emitted(intake.rig.service, AnswerDelivered)) == 1
    assert len(await emitted(intake.rig.service, AnswerRated)) == 1
    answer = (await intake.get(f"/questions/{second}")).json()["answer"]
    assert answer["text"].startswith("Both kinds")


CANARIES = {
    "text": "Canarytext Quetzalovich of Nowhereville, born 03/04/1971, needs insulin in Gyumri.",
    "email": "canary.mailbox@canary.example",
    "phone": "+32 499 12 34 56",
    "reference": "CANARY-REF-5531",
    "region": "Canaryregion quarter",
    "message": "My cousin Canarythread Zyxwvut lives at Canarystraat 17.",
    "helpdesk": "Dear Canaryreply, we read it.",
    "note": "Beste Canarynote, beide soorten zijn gratis.",
}
SECRETS = (
    "Canary",
    "canary",
    "CANARY",
    "Quetzalovich",
    "Zyxwvut",
    "499 12 34 56",
    "1971",
)


async def test_nothing_of_an_asker_is_in_any_event_log_mail_or_file(
    intake: Intake, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    contact = {"email": CANARIES["email"], "phone": CANARIES["phone"], "safe_to_write": True}
    question_id = await posted(
        intake,
        text=CANARIES["text"],
        contact=contact,
        reference=CANARIES["reference"],
        region=CANARIES["region"],
        language="nl",
    )
    await intake.client.post(
        f"/api/v1/questions/{question_id}/messages",
        json={"text": CANARIES["message"]},
        headers={"Authorization": f"Bearer {intake.key}", "Idempotency-Key": "the-only-message"},
    )
    officer = await Officer.arrive(intake)
    await officer.triaged(question_id)
    await officer.post(f"/{question_id}/reveal", why="desk")
    await officer.preview(question_id, "Can Canarytext Quetzalovich find insulin in Gyumri?")
    form_token = await officer.form_token(f"/{question_id}")
    await officer.post_looked(
        f"/{question_id}/message", message=CANARIES["helpdesk"], form_token=form_token
    )
    research_id = await officer.release(question_id)
    await hear(intake, dispatched(research_id))
    await hear(intake, approved(research_id))
    fields = {"kind": "translation", "note_language": "nl", "note": CANARIES["note"]}
    assert (await officer.post_looked(f"/{question_id}/deliver", **fields)).status_code == 303
    sent = await mails(intake)
    assert len(sent) == 2
    for mail in sent:
        del mail["to"]  # the one place where the address must be
    told = capsys.readouterr()
    places = {
        "events": "".join(await _bodies(intake)),
        "mails": "".join(str(mail) for mail in sent),
        "logs": told.out + told.err + caplog.text,
        "files": _files(intake),
    }
    assert research_id in places["events"]
    for place, content in places.items():
        assert [s for s in SECRETS if s in content] == [], place
    for line in places["logs"].splitlines() + places["events"].splitlines():
        assert not (question_id in line and research_id in line)


async def _bodies(intake: Intake) -> list[str]:
    """What really leaves: the headers and the unsealed bodies of every event."""
    outbox = intake.rig.service.database.outbox
    async with intake.rig.service.database.reading() as session:
        rows = (await session.execute(select(outbox.tables.outbox))).all()
    return [f"{row.headers}{outbox.unseal(row.event_id, row.body).decode()}\n" for row in rows]


def _files(intake: Intake) -> str:
    """Every byte that lies on disk, but for the mails, which were looked at."""
    kept = on_disk(intake.directory).items()
    return "".join(held.decode("latin-1") for path, held in kept if not path.endswith(".eml"))


async def test_the_canaries_are_where_they_belong(intake: Intake) -> None:
    """Without this the sweep could pass because nothing was ever recorded."""
    receipt, question_id = await web_question(intake, question=CANARIES["text"], country="AM")
    page = await open_page(intake, receipt)
    assert CANARIES["text"] in page
    words = {"message": CANARIES["message"], "form_token": await token(intake)}
    await intake.client.post("/en/follow/message", data=words)
    officer = await Officer.arrive(intake)
    await officer.post(f"/{question_id}/take")
    await officer.post(f"/{question_id}/reveal", why="triage")
    shown = (await officer.get(f"/{question_id}")).text
    assert all(CANARIES[name] in shown for name in ("text", "message"))
    assert re.search(r"asker@example\.org", shown)


async def test_clicks_at_once_release_rate_and_deliver_once(intake: Intake) -> None:
    receipt, question_id = await web_question(intake, country="AM")
    officer = await Officer.arrive(intake)
    await officer.triaged(question_id)
    draft = draft_in(await officer.preview(question_id))
    path = f"/{question_id}/desk/release"
    clicks = [officer.post(path, draft=draft) for _ in range(4)]
    assert 303 in {answer.status_code for answer in await asyncio.gather(*clicks)}
    (event,) = await cleared(intake)
    await hear(intake, approved(event.research_id))
    await open_page(intake, receipt)
    rate = [intake.client.post("/en/follow/rate", data={"useful": "yes"}) for _ in range(4)]
    assert 303 in {answer.status_code for answer in await asyncio.gather(*rate)}
    assert len(await emitted(intake.rig.service, AnswerRated)) == 1
    assert len(await emitted(intake.rig.service, AnswerDelivered)) == 1
