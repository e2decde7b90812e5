"""Officers save filters of the queue under a name of their own."""

import datetime as dt
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from cri_intake.actions import views
from cri_shared import clock

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, posted

NEPAL = "view=open&country=NP"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


async def _save(officer: Officer, name: str, address: str = NEPAL) -> httpx.Response:
    return await officer.post(f"/views?{address}", name=name)


async def test_a_saved_view_is_an_address_with_a_name_and_a_count(intake: Intake) -> None:
    await posted(intake, 1, country="NP")
    await posted(intake, 2)
    officer = await Officer.arrive(intake)
    assert "Save these filters" in (await officer.get(f"?{NEPAL}")).text
    for _ in range(2):  # a second click saves nothing twice
        saved = await _save(officer, "Nepal & more")
        assert saved.headers["location"] == f"/console/questions?{NEPAL}"
    assert (await _save(officer, "Done there", "view=done&country=NP")).status_code == 303
    page = (await officer.get("")).text
    assert page.count("<bdi>Nepal &amp; more</bdi>") == 1
    assert '<bdi>Nepal &amp; more</bdi> <span class="num">1</span>' in page
    assert "<bdi>Done there</bdi></a>" in page  # what is done stays uncounted
    here = (await officer.get(f"?country=NP&after=&{urlencode({'view': 'open'})}")).text
    assert "<title>Questions: Nepal &amp; more" in here
    other = await Officer.arrive(intake, "Karim B.")
    assert "Nepal &amp; more" not in (await other.get("")).text
    assert (await other.post(f"/views/remove?{NEPAL}")).status_code == 303
    assert "Nepal &amp; more" in (await officer.get("")).text


async def test_a_view_is_renamed_and_removed(intake: Intake) -> None:
    officer = await Officer.arrive(intake)
    await _save(officer, "Nepal")
    await _save(officer, "By phone", "view=open&channel=phone")
    refused = await _save(officer, "By phone")
    assert refused.status_code == 422
    assert "You have another view of this name" in refused.text
    assert 'value="By phone"' in refused.text
    assert "Write a name for this view" in (await _save(officer, " ")).text
    assert "40 letters at most" in (await _save(officer, "x" * 41)).text
    await _save(officer, "All of Nepal")
    page = (await officer.get("")).text
    assert "<bdi>All of Nepal</bdi>" in page
    assert "<bdi>Nepal</bdi>" not in page
    for _ in range(2):
        assert (await officer.post(f"/views/remove?{NEPAL}")).status_code == 303
    assert "All of Nepal" not in (await officer.get("")).text


async def test_there_is_an_end_to_how_many(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_VIEWS", 1)
    officer = await Officer.arrive(intake)
    await _save(officer, "Nepal")
    full = await _save(officer, "By phone", "view=open&channel=phone")
    assert "which is the most" in full.text
    assert (await _save(officer, "Nepal again")).status_code == 303


async def test_a_view_that_nobody_opens_goes_after_a_year(intake: Intake) -> None:
    officer = await Officer.arrive(intake)
    now = clock.now()
    await _save(officer, "Nepal")
    await _save(officer, "By phone", "view=open&channel=phone")
    with clock.frozen(now + dt.timedelta(days=200)):
        officer = await Officer.arrive(intake)
        await officer.get(f"?{NEPAL}")
    with clock.frozen(now + dt.timedelta(days=366)):
        await intake.rig.service.retention.run()
        officer = await Officer.arrive(intake)
        page = (await officer.get("")).text
        assert "<bdi>Nepal</bdi>" in page
        assert "By phone</bdi>" not in page
