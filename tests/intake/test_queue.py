"""The officers' queue: views with their counts, filters, pages in order of need."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from cri_intake.queries import queue
from cri_intake.rules import Status
from cri_shared import clock

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, case_of, posted


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: `test_journey` runs the same queries on PostgreSQL."""
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


def _in_order(page: str, wanted: dict[str, Any]) -> list[str]:
    found = [(page.find(f"/console/questions/{q}"), q) for q in wanted]
    return [q for at, q in sorted(found) if at >= 0]


class TestQueue:
    async def test_views_count_what_they_hold(self, intake: Intake) -> None:
        ids = [await posted(intake, n) for n in range(3)]
        officer = await Officer.arrive(intake)
        await officer.post(f"/{ids[0]}/take")
        new = (await officer.get("?view=new")).text
        assert ids[0] not in new
        assert ids[1] in new
        assert ids[2] in new
        mine = (await officer.get("?view=mine")).text
        assert ids[0] in mine
        assert ids[1] not in mine
        assert 'New <span class="num">2</span>' in mine
        assert 'Mine <span class="num">1</span>' in mine

    async def test_a_view_that_holds_many_says_more_than_that(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queue, "MOST", 2)
        for n in range(2):
            await posted(intake, n)
        officer = await Officer.arrive(intake)
        two = (await officer.get("?view=new")).text
        assert 'New <span class="num">2</span>' in two
        assert "2 questions" in two
        for n in range(2, 5):
            await posted(intake, n)
        five = (await officer.get("?view=new")).text
        assert 'New <span class="num">2+</span>' in five
        assert "More than 2 questions" in five

    async def test_what_is_done_can_be_found_again_page_by_page(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queue, "PAGE", 2)
        ids = [await posted(intake, n) for n in range(3)]
        officer = await Officer.arrive(intake)
        for question_id in ids:
            await officer.post(f"/{question_id}/take")
            said = await officer.post(f"/{question_id}/refuse", reason="tracing", words="No.")
            assert said.status_code == 303
        assert ids[0] not in (await officer.get("")).text
        first = (await officer.get("?view=done")).text
        shown = [question_id for question_id in ids if question_id in first]
        assert len(shown) == 2
        following = re.search(r'after=([^"]+)"', first)
        assert following
        second = (await officer.get(f"?view=done&after={following[1]}")).text
        rest = [question_id for question_id in ids if question_id in second]
        assert sorted(shown + rest) == sorted(ids)

    async def test_filters_are_in_the_address(self, intake: Intake) -> None:
        armenia = await posted(intake, 1, topics=["health.medication"])
        nepal = await posted(intake, 2, country="NP", topics=["health.access"])
        officer = await Officer.arrive(intake)
        by_country = (await officer.get("?country=NP")).text
        assert nepal in by_country
        assert armenia not in by_country
        by_topic = (await officer.get("?topic=health.medication")).text
        assert armenia in by_topic
        assert nepal not in by_topic
        assert "country=NP" in by_country  # the other views keep the filter
        assert (await officer.get("?view=nonsense&country=ZZ&topic=x")).status_code == 200

    async def test_more_filters_go_together_and_are_taken_away_one_by_one(
        self, intake: Intake
    ) -> None:
        french = await posted(intake, 1, language="fr")
        taken = await posted(intake, 2)
        officer = await Officer.arrive(intake)
        await officer.post(f"/{taken}/take")
        nobodys = (await officer.get("?officer=nobody&channel=api")).text
        assert french in nobodys
        assert taken not in nobodys
        assert "/console/questions?view=open&amp;channel=api" in nobodys  # without the officer
        hers = (await officer.get(f"?officer={officer.staff.staff_id}")).text
        assert taken in hers
        assert french not in hers
        none = (await officer.get("?language=fr&urgency=urgent")).text
        assert "No question in this view fits these filters." in none

    async def test_pages_hold_every_question_once_and_the_needed_ones_first(
        self, intake: Intake
    ) -> None:
        today = clock.today()
        wanted = {}
        for n in range(55):
            day = today + dt.timedelta(days=n % 7) if n % 5 else None
            wanted[await posted(intake, n, needed_by=day and day.isoformat())] = day
        officer = await Officer.arrive(intake)
        first = (await officer.get("")).text
        following = first.split("&amp;after=")[1].split('"')[0]
        second = (await officer.get(f"?after={following}")).text
        seen = [q for page in (first, second) for q in _in_order(page, wanted)]
        assert sorted(seen) == sorted(wanted)
        days = [wanted[q] or dt.date.max for q in seen]
        assert days == sorted(days)

    @pytest.mark.parametrize("cursor", ["nonsense", "MjAyNnx4", "%00"])
    async def test_a_cursor_that_is_not_ours_is_refused(self, intake: Intake, cursor: str) -> None:
        officer = await Officer.arrive(intake)
        assert (await officer.get(f"?after={cursor}")).status_code == 422

    async def test_what_was_not_read_in_two_working_days_is_overdue(self, intake: Intake) -> None:
        question_id = await posted(intake)
        with clock.frozen(clock.now() + dt.timedelta(days=9)):
            officer = await Officer.arrive(intake)
            assert question_id in (await officer.get("?view=overdue")).text
            await officer.post(f"/{question_id}/take")
            assert question_id not in (await officer.get("?view=overdue")).text

    async def test_no_words_of_an_asker_are_in_it(self, intake: Intake) -> None:
        await posted(intake)
        officer = await Officer.arrive(intake)
        assert "Examplyan" not in (await officer.get("")).text


class TestAssigning:
    async def test_what_is_ticked_goes_to_a_colleague_who_finds_it_unread(
        self, intake: Intake
    ) -> None:
        ids = [await posted(intake, n) for n in range(3)]
        officer, karim = [await Officer.arrive(intake, name) for name in ("Leen D.", "Karim B.")]
        given = {"chosen": ids[:2], "to": karim.staff.staff_id}
        for _click in range(2):
            done = await officer.post("/assign?view=new&country=AM", **given)
            assert done.headers["location"] == "/console/questions?view=new&country=AM"
        mine = (await karim.get("?view=mine")).text
        assert [one in mine for one in ids] == [True, True, False]
        case = await case_of(intake, ids[0])
        assert (case.status, case.read_at, case.officer) == (Status.RECEIVED, None, "Karim B.")
        await karim.post(f"/{ids[0]}/reveal", why="triage")
        assert (await case_of(intake, ids[0])).status == Status.IN_REVIEW
        history = (await karim.get(f"/{ids[0]}")).text
        assert history.count("Gave the question to an officer") == 1

    async def test_one_takes_several_and_gives_them_back(self, intake: Intake) -> None:
        ids = [await posted(intake, n) for n in range(2)]
        officer = await Officer.arrive(intake)
        await officer.post("/assign", chosen=ids, to="me")
        assert {(await case_of(intake, one)).status for one in ids} == {Status.IN_REVIEW}
        await officer.post("/assign", chosen=ids, to="nobody")
        assert {(await case_of(intake, one)).officer_id for one in ids} == {None}

    async def test_closed_and_unknown_questions_stay_as_they_are(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.post(f"/{question_id}/take")
        await officer.post(f"/{question_id}/refuse", reason="tracing", words="No.")
        done = await officer.post("/assign", chosen=[question_id, "unknown"], to="nobody")
        assert done.status_code == 303
        assert (await case_of(intake, question_id)).officer_id == officer.staff.staff_id

    async def test_what_is_missing_is_said_and_the_ticks_stay(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        nothing = await officer.post("/assign", to="me")
        assert nothing.status_code == 422
        assert "Tick at least one question" in nothing.text
        nobody_known = await officer.post("/assign", chosen=[question_id], to="a-stranger")
        assert nobody_known.status_code == 422
        assert f'value="{question_id}" checked' in nobody_known.text
