"""Who a partner is lies nowhere but sealed."""

import io

from cri_shared.bus.outbox import Outbox
from cri_shared.observe import configure_logs
from sqlalchemy import select

from tests.research.conftest import Research, good_answer

NAME, EMAIL, NOTES = "Zanzikanari Desk", "zanzikanari@partner.example", "notes-kanari-77"


async def everything_happens(research: Research) -> None:
    """A partner's whole life: sent, asked back, declined, answered, approved, suspended."""
    identity = {"name": NAME, "email": EMAIL, "notes": NOTES}
    partner_id = await research.add_partner(**identity)
    declined = await research.clear()
    async with research.phone() as phone:
        await phone.open(await research.letter())
        await phone.post("ask", ask_text="Which of the two?")
        await phone.post("decline", decline_reason="other", decline_words="No time")
    await research.post(f"/console/questions/{declined}/give-up", reason="refused")
    research_id = await research.clear()
    async with research.phone() as phone:
        await phone.open(await research.letter())
        await phone.answer(source_1_publisher=NAME, source_2_label=f"Nurse of {NAME}")
    page = await research.see(f"/console/questions/{research_id}")
    answer = page.split('id="assignment-')[1].split('"')[0]
    approved = await research.post(
        f"/console/questions/{research_id}/approve",
        answers=answer,
        seen="yes",
        **{k: good_answer()[k] for k in ("outcome", "text", "language", "information_date")},
    )
    assert approved.headers["location"] == f"/console/questions/{research_id}"
    await research.post(f"/console/partners/{partner_id}/suspend", why="risk")
    await research.duties()


async def test_no_event_no_log_no_subject_and_no_file_tells_who_a_partner_is(
    research: Research,
) -> None:
    stream = io.StringIO()
    configure_logs("research", stream=stream)
    await everything_happens(research)
    service = research.rig.service
    outbox: Outbox = service.database.outbox
    async with service.database.reading() as session:
        rows = (await session.execute(select(outbox.tables.outbox))).all()
        audit = (await session.execute(select(outbox.tables.audit))).all()
    bodies = [outbox.unseal(row.event_id, row.body).decode() for row in rows]
    assert len({row.subject for row in rows}) >= 5
    told = [*bodies, *(str(row.headers) for row in rows), *map(str, audit), stream.getvalue()]
    for canary in (NAME, EMAIL, NOTES, "anzikanari"):
        assert not [text for text in told if canary in text]
        files = [f for f in research.directory.rglob("*") if f.is_file() and f.suffix != ".eml"]
        assert not [f.name for f in files if canary.encode() in f.read_bytes()]
    for letter in await research.letters():
        assert "anzikanari" not in letter.subject + letter.text
