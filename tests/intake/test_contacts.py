"""Officers find a contact that comes back, by the exact address or number and by nothing else."""

from pathlib import Path

import pytest
from cri_intake.models import messaging
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, posted


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: nothing here differs on PostgreSQL."""
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


async def search(officer: Officer, contact: str) -> tuple[int, str]:
    page = await officer.client.post(
        "/console/contacts", data={"csrf": officer.staff.csrf, "contact": contact}
    )
    return page.status_code, page.text


async def test_whoever_comes_back_is_found_however_it_is_written(intake: Intake) -> None:
    contact = {"email": "karen@example.org", "phone": "+32 470 12 34 56", "safe_to_write": True}
    first = await posted(intake, 1, contact=contact)
    second = await posted(intake, 2, contact={"phone": "0470/12.34.56", "safe_to_call": True})
    other = await posted(intake, 3, contact={"email": "else@example.org", "safe_to_write": True})
    officer = await Officer.arrive(intake)
    assert "/console/contacts" in (await officer.get("")).text
    _, by_mail = await search(officer, "  KAREN@example.org ")
    assert (first in by_mail, second in by_mail, other in by_mail) == (True, False, False)
    _, by_phone = await search(officer, "0032470123456")
    assert (first in by_phone, second in by_phone, other in by_phone) == (True, True, False)
    assert second in (await officer.get(f"/{first}")).text
    assert "Same contact" not in (await officer.get(f"/{other}")).text
    _, nothing = await search(officer, "karen@example.or")
    assert "Nobody left this contact" in nothing
    async with intake.rig.service.database.reading() as session:
        noted = select(messaging.audit.c.facts, messaging.audit.c.about).where(
            messaging.audit.c.action == "contact.searched"
        )
        rows = (await session.execute(noted)).all()
    assert [row.facts["found"] for row in rows] == [1, 2, 0]
    assert {row.about for row in rows} == {officer.staff.staff_id}


async def test_what_is_no_contact_comes_back_as_it_was_typed(intake: Intake) -> None:
    officer = await Officer.arrive(intake)
    for typed, wrong in (("Karen", "not an e-mail address"), ("", "Write an e-mail address")):
        status, page = await search(officer, typed)
        assert (status, wrong in page, typed in page) == (422, True, True)


async def test_a_contact_that_cannot_be_found_is_kept_all_the_same(intake: Intake) -> None:
    assert await posted(intake, 1, contact={"phone": "12", "safe_to_call": True})
