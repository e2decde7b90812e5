"""Time passes: an entry is asked again, falls due, leaves, and comes back when it is checked."""

import datetime as dt

import pytest
from cri_publishing.actions import hours
from cri_publishing.models import (
    Entry,
    EntryStatus,
    QuestionState,
    RefreshState,
    Version,
    VersionState,
)
from cri_shared import clock
from cri_shared.events.publishing import EntryArchived, EntryRevised, RefreshRequested
from cri_shared.events.research import QuestionUnanswered
from cri_shared.testing.events import emitted
from sqlalchemy import update

from tests.publishing.conftest import TODAY, Publishing, approved

CHECKED = dt.date(2026, 11, 10)  # the information date of `approved()`; its topic lasts 90 days


def on(day: int) -> dt.datetime:
    """Noon, that many days after the information date."""
    noon = dt.datetime.combine(CHECKED, dt.time(12), dt.UTC)
    return noon + dt.timedelta(days=day)


class TestAge:
    async def test_an_entry_is_asked_again_falls_due_and_leaves_on_its_days(
        self, on_each_database: Publishing
    ) -> None:
        desk = on_each_database
        entry_id = await desk.published()
        expected = [
            (71, EntryStatus.PUBLISHED, 0),
            (72, EntryStatus.PUBLISHED, 1),  # 80 %
            (90, EntryStatus.PUBLISHED, 1),
            (91, EntryStatus.DUE, 1),
            (179, EntryStatus.DUE, 1),
            (180, EntryStatus.ARCHIVED, 1),
        ]
        for day, status, asked in expected:
            with clock.frozen(on(day)):
                await desk.time()
                await desk.time()
            assert (await desk.entry(entry_id)).status == status, day
            assert len(await emitted(desk.rig.service, RefreshRequested)) == asked, day
            shown = [document["status"] for document in desk.index.documents.values()]
            assert shown == ([] if status == "archived" else [str(status)]), day
        (archived,) = await emitted(desk.rig.service, EntryArchived)
        assert archived.entry_id == entry_id

    async def test_what_is_asked_again_is_the_public_question_and_nothing_else(
        self, publishing: Publishing
    ) -> None:
        answer = approved(question="SECRETWORD: can this one person in Gyumri get insulin?")
        await publishing.hear(answer)
        entry_id = await publishing.entry_of(answer.research_id)
        await publishing.publish(entry_id, question="Is insulin available in the Shirak region?")
        with clock.frozen(on(75)):
            await publishing.time()
        (asked,) = await emitted(publishing.rig.service, RefreshRequested)
        assert asked.question == "Is insulin available in the Shirak region?"
        assert "SECRETWORD" not in asked.model_dump_json()
        assert asked.research_id != answer.research_id
        assert (asked.country, asked.topics) == ("AM", ("health.medication",))
        assert asked.wanted_by == on(90).date()

    async def test_after_a_long_sleep_everything_due_happens_at_once(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.published()
        with clock.frozen(on(400)):
            await publishing.time()
        assert (await publishing.entry(entry_id)).status == EntryStatus.ARCHIVED
        assert publishing.index.documents == {}

    async def test_an_editor_can_ask_sooner_but_not_twice(self, publishing: Publishing) -> None:
        entry_id = await publishing.published()
        for said in ("The question goes to a partner again.", "has this question already"):
            asked = await publishing.post(f"{entry_id}/refresh")
            assert asked.status_code == 303
            assert said in (await publishing.client.get(f"/console/entries/{entry_id}")).text
        with clock.frozen(on(80)):
            await publishing.time()
        assert len(await emitted(publishing.rig.service, RefreshRequested)) == 1

    async def test_an_entry_that_is_stuck_does_not_hold_up_the_others(
        self, on_each_database: Publishing
    ) -> None:
        desk, entries = on_each_database, []
        for _ in range(2):
            answer = approved()
            await desk.hear(answer)
            entry_id = await desk.entry_of(answer.research_id)
            await desk.be("Leen D.")
            await desk.submit(entry_id)
            await desk.be("Karim B.")
            await desk.approve(entry_id)
            entries.append((entry_id, answer.research_id))
        await desk.rig.keys.destroy("draft", entries[0][1])  # its text cannot be opened any more
        with clock.frozen(TODAY + dt.timedelta(days=31)):
            await desk.time()
        statuses = [(await desk.entry(entry_id)).status for entry_id, _ in entries]
        assert statuses == [EntryStatus.DRAFT, EntryStatus.PUBLISHED]

    async def test_however_many_are_stuck_the_others_get_their_turn(
        self, on_each_database: Publishing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk, entries = on_each_database, [await on_each_database.published() for _ in range(3)]
        stuck = entries[:2]  # whose public text nobody can read, and whose day was the first
        async with desk.rig.service.database.writing() as work:
            change = update(Version).where(Version.entry_id.in_(stuck)).values(content={})
            await work.session.execute(change)
            early = update(Entry).where(Entry.entry_id.in_(stuck))
            await work.session.execute(early.values(wake_on=TODAY.date()))
        monkeypatch.setattr(hours, "TENDED_AT_ONCE", 1)
        tries = []
        for turn in range(5):
            with clock.frozen(on(75) + dt.timedelta(minutes=turn)):
                await desk.time()
            tries.append([(await desk.entry(one)).stuck_at for one in entries])
        assert len(await emitted(desk.rig.service, RefreshRequested)) == 1
        told = [sum(at is not None for at in turn) for turn in tries]
        assert told == [1, 2, 2, 2, 2], "each is tried, and then the one that is well"
        assert tries[2][:2] == tries[1][:2], "the third turn was the third entry's"
        assert None not in (tries[2][0], tries[4][0])
        assert tries[4][0] != tries[2][0], "who is stuck gets another turn"


class TestRefreshing:
    async def asked(self, publishing: Publishing) -> tuple[str, str]:
        """A published entry and the research id under which it is asked again."""
        entry_id = await publishing.published()
        with clock.frozen(on(75)):
            await publishing.time()
        (asked,) = await emitted(publishing.rig.service, RefreshRequested)
        return entry_id, asked.research_id

    async def test_still_true_renews_the_dates_and_keeps_the_text(
        self, on_each_database: Publishing
    ) -> None:
        desk = on_each_database
        entry_id, research_id = await self.asked(desk)
        with clock.frozen(on(80)):
            await desk.hear(
                approved(
                    research_id=research_id,
                    entry_id=entry_id,
                    text="NEWTEXT: it is as it was.",
                    information_date=on(78).date(),
                    sources=[{"kind": "phone", "label": "One call", "consulted_on": on(78).date()}],
                )
            )
            await desk.be("Anna E.")
            page = (await desk.get(f"/{entry_id}")).text
            assert "NEWTEXT" in page, "the new answer stands beside the old"
            await desk.post(f"{entry_id}/renew")
            await desk.submit(entry_id)
            await desk.be("Bert F.")
            await desk.approve(entry_id)
            await desk.time()
        (event,) = await emitted(desk.rig.service, EntryRevised)
        assert event.entry.information_date == on(78).date()
        assert event.entry.review_by == on(168).date()
        assert [source.label for source in event.entry.sources] == ["One call"]
        assert event.entry.changes[-1].note == "Checked again: this is still true."
        assert "NEWTEXT" not in event.model_dump_json()
        entry = await desk.entry(entry_id)
        assert (entry.status, entry.refresh_state) == ("published", RefreshState.NONE)
        with clock.frozen(on(160)):
            await desk.time()
        assert len(await emitted(desk.rig.service, RefreshRequested)) == 2

    async def test_what_an_editor_rewrote_is_not_thrown_away_as_still_true(
        self, publishing: Publishing
    ) -> None:
        entry_id, research_id = await self.asked(publishing)
        await publishing.hear(approved(research_id=research_id, entry_id=entry_id))
        await publishing.save(
            entry_id, answer="Rewritten after the call of November 2026, all is new."
        )
        assert "Still true" not in (await publishing.get(f"/{entry_id}")).text
        await publishing.post(f"{entry_id}/renew")
        assert "Rewritten after the call" in (await publishing.get(f"/{entry_id}")).text

    async def test_a_date_without_a_new_answer_is_refused(self, publishing: Publishing) -> None:
        entry_id = await publishing.published()
        await publishing.be("Leen D.")
        await publishing.post(f"{entry_id}/revise")
        await publishing.save(entry_id, information_date="2026-11-20", change_note="A new date.")
        refused = await publishing.submit(entry_id)
        assert refused.status_code == 422
        assert "Nobody checked this after 10 November 2026" in refused.text

    async def test_an_archived_entry_comes_back_when_it_is_renewed(
        self, publishing: Publishing
    ) -> None:
        entry_id, research_id = await self.asked(publishing)
        with clock.frozen(on(200)):
            await publishing.time()
            assert publishing.index.documents == {}
            await publishing.hear(
                approved(
                    research_id=research_id,
                    entry_id=entry_id,
                    information_date=on(199).date(),
                    sources=approved().sources,
                )
            )
            await publishing.be("Anna E.")
            await publishing.post(f"{entry_id}/renew")
            await publishing.submit(entry_id)
            await publishing.be("Bert F.")
            await publishing.approve(entry_id)
            await publishing.time()
        assert (await publishing.entry(entry_id)).status == EntryStatus.PUBLISHED
        assert len(publishing.index.documents) == 1

    async def test_a_refresh_without_an_answer_lets_the_entry_fall_due(
        self, publishing: Publishing
    ) -> None:
        entry_id, research_id = await self.asked(publishing)
        await publishing.hear(
            QuestionUnanswered(research_id=research_id, entry_id=entry_id, reason="no_partner")
        )
        entry = await publishing.entry(entry_id)
        assert (entry.status, entry.refresh_state) == ("published", RefreshState.FAILED)
        assert "Brought no answer" in (await publishing.get(f"/{entry_id}")).text
        with clock.frozen(on(91)):
            await publishing.time()
        assert (await publishing.entry(entry_id)).status == EntryStatus.DUE
        assert len(await emitted(publishing.rig.service, RefreshRequested)) == 1

    async def test_a_new_answer_waits_while_somebody_works_on_the_entry(
        self, publishing: Publishing
    ) -> None:
        entry_id, research_id = await self.asked(publishing)
        await publishing.be("Leen D.")
        await publishing.post(f"{entry_id}/revise")
        await publishing.hear(approved(research_id=research_id, entry_id=entry_id))
        question = await publishing.question(research_id)
        assert question is not None
        assert question.state == QuestionState.WAITING
        await publishing.post(f"{entry_id}/discard")
        used = await publishing.post(f"{entry_id}/use", research_id=research_id)
        assert used.headers["location"].endswith("/edit")
        version = (await publishing.versions(entry_id))[-1]
        assert (version.state, version.renews) == (VersionState.DRAFT, True)
        again = await publishing.post(f"{entry_id}/use", research_id=research_id)
        assert again.headers["location"] == f"/console/entries/{entry_id}"

    async def test_a_withheld_refresh_leaves_the_entry_to_its_date(
        self, publishing: Publishing
    ) -> None:
        entry_id, research_id = await self.asked(publishing)
        await publishing.hear(
            approved(research_id=research_id, entry_id=entry_id, publishable=False)
        )
        assert (await publishing.entry(entry_id)).refresh_state == RefreshState.FAILED
        assert [v.number for v in await publishing.versions(entry_id)] == [1]


async def test_a_typo_mended_in_a_due_entry_does_not_make_it_fresh(publishing: Publishing) -> None:
    entry_id = await publishing.published()
    with clock.frozen(on(95)):
        await publishing.time()
        await publishing.be("Anna E.")
        await publishing.post(f"{entry_id}/revise")
        await publishing.save(entry_id, change_note="A typing mistake was mended.")
        await publishing.submit(entry_id)
        await publishing.be("Bert F.")
        await publishing.approve(entry_id)
        await publishing.time()
    entry = await publishing.entry(entry_id)
    assert (entry.version, entry.status) == (2, EntryStatus.DUE)
    assert TODAY.date() < on(95).date()
