"""The desk: nothing that tells who asks leaves, and nothing leaves by itself."""

import re
from pathlib import Path
from typing import Any

import pytest
from cri_intake.models import Case, Release, ResearchQuestion, messaging
from cri_intake.queries import desk
from cri_shared.identity import audit
from cri_shared.testing.disk import files_with
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.officers import (
    CHECKED,
    TEXT,
    Officer,
    case_of,
    cleared,
    draft_in,
    posted,
    research_id_of,
)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: `test_journey` runs the same queries on PostgreSQL."""
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


class TestRelease:
    async def test_only_the_new_text_leaves_under_an_id_of_its_own(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        research_id = await officer.release(question_id)
        (event,) = await cleared(intake)
        assert event.research_id == research_id != question_id
        assert (event.text, event.region) == (TEXT, "Gyumri")
        assert question_id not in event.model_dump_json()
        assert "Examplyan" not in event.model_dump_json()

    async def test_the_trail_starts_anew_and_names_only_the_research_question(
        self, intake: Intake
    ) -> None:
        question_id = await posted(intake)
        research_id = await (await Officer.arrive(intake)).release(question_id)
        table = intake.rig.service.database.outbox.tables.outbox
        async with intake.rig.service.database.reading() as session:
            (row,) = (await session.execute(select(table))).all()
        assert row.headers["correlation_id"] == row.about == research_id
        assert question_id not in str(row.headers)

    async def test_no_audit_row_holds_both_ids(self, intake: Intake) -> None:
        question_id = await posted(intake)
        research_id = await (await Officer.arrive(intake)).release(question_id)
        table = intake.rig.service.database.outbox.tables.audit
        async with intake.rig.service.database.reading() as session:
            rows = (await session.execute(select(table))).all()
        assert [r.action for r in rows][-1] == "question.released"
        assert not [r for r in rows if research_id in str(r)]

    async def test_releasing_twice_releases_once(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id)
        draft = draft_in(await officer.preview(question_id))
        for _ in range(2):
            done = await officer.post(f"/{question_id}/desk/release", draft=draft)
            assert done.status_code == 303
        assert len(await cleared(intake)) == 1

    async def test_looking_twice_at_the_same_text_keeps_what_the_first_look_showed(
        self, intake: Intake
    ) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id)
        draft = draft_in(await officer.preview(question_id))
        assert draft_in(await officer.preview(question_id)) == draft
        done = await officer.post(f"/{question_id}/desk/release", draft=draft)
        assert done.status_code == 303
        assert len(await cleared(intake)) == 1

    async def test_the_released_text_lies_sealed(self, intake: Intake) -> None:
        question_id = await posted(intake)
        await (await Officer.arrive(intake)).release(question_id)
        async with intake.rig.service.database.reading() as session:
            found = (await session.execute(select(ResearchQuestion))).scalar_one()
        assert b"insulin" not in found.text_sealed
        assert files_with(intake.directory, TEXT) == []

    async def test_a_question_without_topics_cannot_be_released(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.post(f"/{question_id}/take")
        assert (await officer.preview(question_id)).status_code == 409
        assert await cleared(intake) == []

    async def test_what_is_released_is_what_was_looked_at(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id)
        draft = draft_in(await officer.preview(question_id))
        await officer.preview(question_id, "Something quite different about insulin in Gyumri?")
        done = await officer.post(f"/{question_id}/desk/release", draft=draft)
        assert done.status_code == 409
        assert await cleared(intake) == []

    async def test_no_transaction_waits_while_the_text_is_looked_at(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pool: Any = intake.rig.service.database.engine.pool
        look, in_use = desk._look, []

        def looked(*told: Any) -> desk.Gate:
            in_use.append(pool.checkedout())
            return look(*told)

        monkeypatch.setattr(desk, "_look", looked)
        officer = await Officer.arrive(intake)
        await officer.release(await posted(intake))
        assert set(in_use) == {0}

    async def test_the_same_triage_again_is_the_same(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id, region="Gyumri")
        draft = draft_in(await officer.preview(question_id))
        await officer.triaged(question_id, region="Gyumri")
        done = await officer.post(f"/{question_id}/desk/release", draft=draft)
        assert done.status_code == 303
        async with intake.rig.service.database.reading() as session:
            history = await audit.history(session, messaging.audit, question_id)
        assert [one.action for one in history].count("question.triaged") == 1

    async def test_another_triage_after_the_preview_asks_for_another_look(
        self, intake: Intake
    ) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id)
        draft = draft_in(await officer.preview(question_id))
        await officer.triaged(question_id, region="Street of Karen Examplyan")
        done = await officer.post(f"/{question_id}/desk/release", draft=draft)
        assert done.status_code == 409
        shown = await officer.preview(question_id)
        assert shown.status_code == 422
        assert await cleared(intake) == []


class TestLeaks:
    @pytest.mark.parametrize(
        "text",
        [
            "Can Mr Examplyan find insulin in Gyumri, and at what price each month?",
            "Can EXAMPLIAN find insulin in Gyumri, and at what price each month?",
            "Is there insulin in Gyumri? The file is 0000001.",
            "Is there insulin in Gyumri? Write to karen@example.org about it.",
            "Is there insulin in Gyumri? Reference OUR-REF-77.",
        ],
    )
    async def test_a_text_that_repeats_who_asks_is_stopped(self, intake: Intake, text: str) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id)
        shown = await officer.preview(question_id, text)
        assert shown.status_code == 422
        assert "It cannot leave like this" in shown.text
        assert text in shown.text  # what was typed is kept
        forced = await officer.post(f"/{question_id}/desk/release", draft=draft_in(shown))
        assert forced.status_code == 422
        assert await cleared(intake) == []

    async def test_what_the_thread_tells_is_known_too(self, intake: Intake) -> None:
        question_id = await posted(intake)
        await intake.client.post(
            f"/api/v1/questions/{question_id}/messages",
            json={"text": "His wife is called Zvartnots Fictivian."},
            headers={
                "Authorization": f"Bearer {intake.key}",
                "Idempotency-Key": "about-his-wife-1",
            },
        )
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id)
        shown = await officer.preview(question_id, "Can Fictivian find insulin in Gyumri soon?")
        assert shown.status_code == 422

    async def test_a_false_alarm_needs_another_officer(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        other = await Officer.arrive(intake, "Karim B.")
        await officer.triaged(question_id)
        text = "Is there insulin at the Examplyan hospital in Gyumri, and what does it cost?"
        draft = draft_in(await officer.preview(question_id, text))
        path = f"/{question_id}/desk/release"
        asked = await officer.post(path, draft=draft, false_alarm="public_body")
        assert asked.status_code == 303
        own = await officer.post(path, draft=draft, false_alarm="public_body")
        assert own.headers["location"] == asked.headers["location"]
        assert "waits for another officer" in (await officer.get(f"/{question_id}")).text
        assert await cleared(intake) == []
        assert "view=second" in (await other.get("")).text
        review = await other.get(f"/{question_id}/desk")
        assert "It is a public body" in review.text
        assert (await other.post(path, draft=draft)).status_code == 303
        (event,) = await cleared(intake)
        assert event.text == text
        history = (await other.get(f"/{question_id}")).text
        assert "written by" in history


class TestSecondPerson:
    @pytest.mark.parametrize(
        ("sensitivity", "text", "waits"),
        [
            ("green", "Is the only doctor for insulin in Gyumri still there these days?", False),
            ("amber", TEXT, False),
            ("amber", "Is the only doctor for insulin in Gyumri still there these days?", True),
            ("red", TEXT, True),
        ],
    )
    async def test_sensitive_texts_wait_for_one(
        self, intake: Intake, sensitivity: str, text: str, waits: bool
    ) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id, sensitivity=sensitivity)
        draft = draft_in(await officer.preview(question_id, text))
        done = await officer.post(f"/{question_id}/desk/release", draft=draft)
        assert done.status_code == 303
        assert len(await cleared(intake)) == (0 if waits else 1)


class TestChecklist:
    @pytest.mark.parametrize("missing", sorted(CHECKED))
    async def test_every_point_must_be_ticked(self, intake: Intake, missing: str) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id)
        shown = await officer.preview(question_id, **{missing: ""})
        assert shown.status_code == 422
        assert f'id="{missing}-err"' in shown.text
        assert 'name="draft"' not in shown.text

    async def test_the_desk_marks_what_may_tell_who_asks(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id)
        covered = await officer.get(f"/{question_id}/desk")
        assert "Examplyan" not in covered.text
        await officer.post(f"/{question_id}/reveal", why="desk", then="desk")
        shown = await officer.get(f"/{question_id}/desk")
        assert re.search(r"<mark>[^<]*Examplyan[^<]*</mark>", shown.text)


async def test_linked_askers_share_one_research_question(intake: Intake) -> None:
    first, second = await posted(intake, 1), await posted(intake, 2)
    officer = await Officer.arrive(intake)
    await officer.triaged(first)
    await officer.post(f"/{second}/take")
    assert (await officer.post(f"/{second}/link", other=first)).status_code == 303
    research_id = await officer.release(first)
    assert await research_id_of(intake, second) == research_id
    assert len(await cleared(intake)) == 1
    async with intake.rig.service.database.reading() as session:
        assert len((await session.execute(select(Release))).scalars().all()) == 2
        assert (await session.execute(select(Case.released_at))).scalars().all().count(None) == 0
    assert (await case_of(intake, second)).topics == ["health.medication"]


async def test_the_region_that_leaves_is_the_officers_and_never_the_askers(
    intake: Intake,
) -> None:
    question_id = await posted(intake, region="the yellow house of Karen in Gyumri")
    officer = await Officer.arrive(intake)
    await officer.release(question_id, region="")
    (event,) = await cleared(intake)
    assert event.region is None
    await officer.post(f"/{question_id}/reveal", why="reply")
    assert "the yellow house" in (await officer.get(f"/{question_id}")).text
