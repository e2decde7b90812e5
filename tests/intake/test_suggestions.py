"""At the desk every suggestion of the machine gets an answer, and another officer looks too."""

import csv
import io
import re
from pathlib import Path

import httpx
import pytest
from cri_intake.actions.figures import tell_figures
from cri_intake.models import DeskCount, Miss
from cri_shared import clock
from prometheus_client import generate_latest
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.officers import CHECKED, TEXT, Officer, cleared, draft_in, posted

WITH_NAME = "Does the hospital of Doctor Fictivian in Gyumri have insulin these days?"
SMALL = "Is there a pharmacy with insulin in the village of Zorgvlek these days?"
CUE = "Is the only doctor for insulin in Gyumri still there these days?"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: `test_journey` runs the same queries on PostgreSQL."""
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


async def looked_at(officer: Officer, question_id: str, text: str, **fields: str) -> httpx.Response:
    values = {"text": text, "language": "en"} | CHECKED | fields
    return await officer.post(f"/{question_id}/desk/preview", **values)


def suggestions(page: httpx.Response) -> dict[str, str]:
    """{words: mark} of what the page asks about."""
    found = re.findall(
        r"<legend>[^<]*<mark><bdi>([^<]+)</bdi></mark></legend>.*?name=\"keep_(\w+)\"",
        page.text,
        re.DOTALL,
    )
    return dict(found)


def shown(page: httpx.Response) -> str:
    found = re.search(r'name="shown" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


async def at_the_desk(intake: Intake, **triage: str) -> tuple[str, Officer]:
    question_id = await posted(intake)
    officer = await Officer.arrive(intake)
    await officer.triaged(question_id, **triage)
    return question_id, officer


class TestSuggestions:
    async def test_the_first_look_asks_and_is_no_mistake(self, intake: Intake) -> None:
        question_id, officer = await at_the_desk(intake)
        page = await looked_at(officer, question_id, WITH_NAME)
        assert page.status_code == 200
        (mark,) = suggestions(page).values()
        assert 'name="draft"' not in page.text
        again = await looked_at(officer, question_id, WITH_NAME, shown=shown(page))
        assert again.status_code == 422
        assert f'href="#do_{mark}"' in again.text
        assert WITH_NAME in again.text

    async def test_general_words_come_in_its_place_in_the_language_of_the_text(
        self, intake: Intake
    ) -> None:
        question_id, officer = await at_the_desk(intake)
        text = "Heeft het ziekenhuis van dokter Fictivian in Gyumri insuline?"
        page = await looked_at(officer, question_id, text, language="nl")
        ((words, mark),) = suggestions(page).items()
        for _ in range(2):  # the second click shows the same
            done = await looked_at(
                officer, question_id, text, language="nl", **{f"do_{mark}": "accept"}
            )
            assert done.status_code == 200
            assert words not in done.text
            assert "dokter een persoon in Gyumri" in done.text
        await officer.post(f"/{question_id}/desk/release", draft=draft_in(done))
        (event,) = await cleared(intake)
        assert words not in event.text

    async def test_a_name_that_stays_for_another_reason_needs_another_officer(
        self, intake: Intake
    ) -> None:
        question_id, officer = await at_the_desk(intake)
        (mark,) = suggestions(await looked_at(officer, question_id, WITH_NAME)).values()
        kept = {f"do_{mark}": "keep", f"keep_{mark}": "other"}
        page = await looked_at(officer, question_id, WITH_NAME, **kept)
        assert "not on the list" in page.text
        await officer.post(f"/{question_id}/desk/release", draft=draft_in(page))
        assert await cleared(intake) == []

    async def test_a_place_that_is_too_small_never_stays_for_being_needed(
        self, intake: Intake
    ) -> None:
        question_id, officer = await at_the_desk(intake)
        page = await looked_at(officer, question_id, SMALL)
        mark = suggestions(page)["Zorgvlek"]
        assert "Too small" in page.text
        kept = {f"do_{mark}": "keep", f"keep_{mark}": "place", "shown": shown(page)}
        assert (await looked_at(officer, question_id, SMALL, **kept)).status_code == 422

    async def test_the_place_beside_the_text_is_looked_at_too(self, intake: Intake) -> None:
        question_id, officer = await at_the_desk(intake, region="Zorgvlek")
        page = await looked_at(officer, question_id, TEXT)
        mark = suggestions(page)["Zorgvlek"]
        assert f"do_{mark}" not in page.text
        done = await looked_at(officer, question_id, TEXT, **{f"keep_{mark}": "region"})
        assert (await officer.get(f"/{question_id}/desk")).status_code == 200
        await officer.post(f"/{question_id}/desk/release", draft=draft_in(done))
        assert [event.region for event in await cleared(intake)] == ["Zorgvlek"]

    async def test_what_was_said_is_there_when_the_page_is_opened_again(
        self, intake: Intake
    ) -> None:
        question_id, officer = await at_the_desk(intake)
        (mark,) = suggestions(await looked_at(officer, question_id, WITH_NAME)).values()
        kept = {f"do_{mark}": "keep", f"keep_{mark}": "public_body"}
        await looked_at(officer, question_id, WITH_NAME, **kept)
        page = (await officer.get(f"/{question_id}/desk")).text
        assert '<option value="public_body" selected>' in page
        assert page.count(" checked> No</label>") == len(CHECKED)


class TestChecklist:
    async def test_cue_words_ask_once_more_and_are_shown(self, intake: Intake) -> None:
        question_id, officer = await at_the_desk(intake)
        page = await looked_at(officer, question_id, CUE)
        assert page.status_code == 422
        assert "These words made us ask:" in page.text
        assert 'value="yes" checked' in page.text
        done = await looked_at(officer, question_id, CUE, shown=shown(page))
        await officer.post(f"/{question_id}/desk/release", draft=draft_in(done))
        assert len(await cleared(intake)) == 1

    async def test_a_yes_needs_another_officer_and_says_so(self, intake: Intake) -> None:
        question_id, officer = await at_the_desk(intake)
        done = await looked_at(officer, question_id, CUE, check_unique_office="yes")
        assert "may point to one person" in done.text
        await officer.post(f"/{question_id}/desk/release", draft=draft_in(done))
        assert await cleared(intake) == []


class TestSecondOfficer:
    async def test_a_text_waits_is_sent_back_with_a_remark_and_leaves_by_another_hand(
        self, intake: Intake
    ) -> None:
        question_id, officer = await at_the_desk(intake, sensitivity="red")
        other = await Officer.arrive(intake, "Karim B.")
        draft = draft_in(await officer.preview(question_id))
        await officer.post(f"/{question_id}/desk/release", draft=draft)
        for reader in (officer, other):
            assert "Waits for a second person" in (await reader.get("?view=open")).text
        assert "The question is red" in (await other.get(f"/{question_id}/desk")).text
        path, remark = f"/{question_id}/desk/send-back", "Say it without the month."
        own = await officer.post(path, draft=draft, remark=remark)
        assert own.status_code == 403
        empty = await other.post(path, draft=draft, remark=" ")
        assert empty.status_code == 422
        assert "Write what must change" in empty.text
        for _ in range(2):
            assert (await other.post(path, draft=draft, remark=remark)).status_code == 303
        assert "Waits for a second person" not in (await officer.get("?view=open")).text
        mended = await officer.get(f"/{question_id}/desk")
        assert remark in mended.text
        assert "Karim B." in mended.text
        assert (await other.post(f"/{question_id}/desk/release", draft=draft)).status_code == 409
        draft = draft_in(await officer.preview(question_id, f"{TEXT} And where?"))
        await officer.post(f"/{question_id}/desk/release", draft=draft)
        assert remark in (await other.get(f"/{question_id}/desk")).text
        await officer.post(f"/{question_id}/desk/release", draft=draft)
        assert await cleared(intake) == []
        assert (await other.post(f"/{question_id}/desk/release", draft=draft)).status_code == 303
        assert len(await cleared(intake)) == 1

    async def test_the_second_officer_reads_the_original_beside_the_text(
        self, intake: Intake
    ) -> None:
        question_id, officer = await at_the_desk(intake, sensitivity="red")
        other = await Officer.arrive(intake, "Karim B.")
        draft = draft_in(await officer.preview(question_id))
        await officer.post(f"/{question_id}/desk/release", draft=draft)
        assert "Examplyan" not in (await other.get(f"/{question_id}/desk")).text
        await other.post(f"/{question_id}/reveal", why="second", then="desk")
        page = (await other.get(f"/{question_id}/desk")).text
        assert page.index("Examplyan") < page.index(TEXT)


class TestMisses:
    async def test_what_an_officer_marks_is_known_to_the_leak_check_and_counted_without_words(
        self, intake: Intake
    ) -> None:
        question_id, officer = await at_the_desk(intake)
        marked = {"missed_words": "whether there is", "missed_kind": "handle"}
        text = "Can anybody say whether there is insulin in Gyumri these days?"
        covered = await looked_at(officer, question_id, TEXT, **marked)
        assert covered.status_code == 422
        await officer.post(f"/{question_id}/reveal", why="desk", then="desk")
        foreign = marked | {"missed_words": "not in there"}
        refused = await looked_at(officer, question_id, TEXT, **foreign)
        assert "do not stand in what the asker wrote" in refused.text
        assert 'value="not in there"' in refused.text
        for _ in range(2):
            page = await looked_at(officer, question_id, text, **marked)
            assert page.status_code == 422
            assert "It cannot leave like this" in page.text
        assert "<mark>whether there is</mark>" in page.text
        done = await looked_at(officer, question_id, "Is insulin of every kind there in Gyumri?")
        await officer.post(f"/{question_id}/desk/release", draft=draft_in(done))
        async with intake.rig.service.database.reading() as session:
            counts = (await session.execute(select(DeskCount))).scalars().all()
            misses = (await session.execute(select(Miss))).scalars().all()
        assert [(c.kind, c.number) for c in counts if c.verdict == "missed"] == [("handle", 1)]
        assert [c.number for c in counts if (c.kind, c.verdict) == ("name", "seen")] == [1]
        assert len(misses) == 1
        assert b"whether there is" not in misses[0].words_sealed

    async def test_the_page_shows_counts_from_five_on(self, intake: Intake) -> None:
        rows = [("name", "seen", 45), ("name", "missed", 5), ("phone", "kept", 4)]
        async with intake.rig.service.database.writing() as work:
            for kind, verdict, number in rows:
                work.session.add(
                    DeskCount(
                        month=clock.today().strftime("%Y-%m"),
                        language="fr",
                        kind=kind,
                        verdict=verdict,
                        number=number,
                    )
                )
            await work.session.flush()
            await tell_figures(work)
        officer = await Officer.arrive(intake, role="auditor")
        page = (await officer.client.get("/console/figures")).text
        assert "90%" in page
        assert "fewer than 5" in page
        metrics = generate_latest().decode()
        assert 'cri_desk_words{kind="name",verdict="seen"} 45.0' in metrics
        assert 'kind="phone"' not in metrics
        assert 'href="/console/figures.csv" download' in page
        taken = await officer.client.get("/console/figures.csv")
        total, *lines = csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))
        assert (total["language"], total["kind"], total["seen"]) == ("", "", "45")
        assert total["percent_seen"] == "90"
        assert [(line["language"], line["kind"]) for line in lines] == [
            ("fr", "name"),
            ("fr", "phone"),
        ]
        assert {line["kept"] for line in (total, lines[1])} == {""}, "four are too few"
