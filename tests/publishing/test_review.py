"""Two people stand for every public text, and readers see it only when its time has come."""

import asyncio
import datetime as dt
import re

import pytest
from cri_publishing.models import EntryStatus, VersionState
from cri_shared import clock
from cri_shared.events.publishing import EntryPublished, QuestionCovered
from cri_shared.testing.events import emitted

from tests.publishing.conftest import TODAY, Publishing, approved

NAMED = "Both types are in stock since March 2026, says Karen Petrosyan at the clinic."


class TestPublishing:
    async def test_an_answer_becomes_an_entry_by_the_hands_of_two_editors(
        self, on_each_database: Publishing
    ) -> None:
        desk = on_each_database
        answer = approved()
        await desk.hear(answer)
        entry_id = await desk.entry_of(answer.research_id)
        assert "insulin" in (await desk.get("?view=draft")).text
        await desk.publish(entry_id, question="Is insulin available in the Shirak region?")
        await desk.time()
        (event,) = await emitted(desk.rig.service, EntryPublished)
        facts = event.entry
        assert facts.languages[0].question == "Is insulin available in the Shirak region?"
        assert facts.slug.startswith("am-insulin-shirak-")
        assert facts.review_by - facts.information_date == dt.timedelta(days=90)
        assert facts.published_on == dt.date(2026, 11, 1), "dates of our work are public by month"
        assert [source.label for source in facts.sources] == ["Three pharmacies", "Health worker"]
        assert not facts.single_source
        (covered,) = await emitted(desk.rig.service, QuestionCovered)
        assert covered.research_ids == (answer.research_id,)
        assert (covered.slug, covered.changed) == (facts.slug, False)
        assert [d["slug"] for d in desk.index.documents.values()] == [facts.slug]

    async def test_conflicting_accounts_and_what_was_tried_are_public(
        self, publishing: Publishing
    ) -> None:
        conflicting = await publishing.published(
            outcome="conflicting",
            accounts=[{"text": "Sixty days.", "language": "ru", "information_date": "2026-11-01"}],
        )
        missing = await publishing.published(
            outcome="not_found", sources=[], tried="Three clinics were called, none answered."
        )
        events = {
            e.entry_id: e.entry for e in await emitted(publishing.rig.service, EntryPublished)
        }
        accounts = [a.text for a in events[conflicting].accounts]
        assert accounts == ["Both insulin types were in stock in two of three pharmacies in "
                            "March 2026.", "Sixty days."]  # fmt: skip
        assert events[missing].tried == "Three clinics were called, none answered."

    async def test_one_source_carries_its_label_everywhere(self, publishing: Publishing) -> None:
        entry_id = await publishing.published(
            sources=[{"kind": "visit", "label": "Three pharmacies", "consulted_on": "2026-11-10"}]
        )
        await publishing.time()
        (event,) = await emitted(publishing.rig.service, EntryPublished)
        assert event.entry.single_source
        assert [d["labels"] for d in publishing.index.documents.values()] == [["single_source"]]
        assert "Single source" in (await publishing.get(f"/{entry_id}")).text


class TestTwoPeople:
    async def test_whoever_worked_on_a_text_cannot_approve_it(self, publishing: Publishing) -> None:
        entry_id = await publishing.draft()
        await publishing.save(entry_id, question="Is insulin available in the Shirak region?")
        await publishing.be("Karim B.")
        await publishing.submit(entry_id)
        for name in ("Leen D.", "Karim B."):
            await publishing.be(name)
            assert "Another editor must approve it" in (await publishing.get(f"/{entry_id}")).text
            assert (await publishing.approve(entry_id)).status_code == 403
        await publishing.be("Sofie V.")
        assert (await publishing.approve(entry_id)).status_code == 303

    async def test_a_text_that_changed_since_it_was_read_is_not_approved(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft()
        await publishing.submit(entry_id)
        await publishing.be("Karim B.")
        read = await publishing.get(f"/{entry_id}")
        await publishing.be("Leen D.")
        await publishing.post(f"{entry_id}/take-back")
        await publishing.save(entry_id, question="Is insulin available in the Shirak region?")
        await publishing.submit(entry_id)
        await publishing.be("Karim B.")
        edition = re.search(r'approve".*?name="edition" value="(\d+)"', read.text, re.DOTALL)
        assert edition is not None
        late = await publishing.post(f"{entry_id}/approve", edition=edition[1])
        assert late.status_code == 303
        assert (await publishing.versions(entry_id))[-1].state == VersionState.IN_REVIEW
        assert (await publishing.approve(entry_id)).status_code == 303

    async def test_a_page_of_a_dropped_draft_fits_no_later_one(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.published()
        editions = []
        for _ in range(2):
            await publishing.be("Leen D.")
            await publishing.post(f"{entry_id}/revise")
            editions.append((await publishing.versions(entry_id))[-1].edition)
            await publishing.post(f"{entry_id}/discard")
        assert editions[0] != editions[1]

    async def test_an_amber_text_names_its_approver_and_nobody_else_can(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft(sensitivity="amber")
        karim = await publishing.be("Karim B.")
        await publishing.be("Leen D.")
        unnamed = await publishing.submit(entry_id)
        assert unnamed.status_code == 422
        assert 'id="approver-err"' in unnamed.text
        assert (await publishing.submit(entry_id, approver="nobody")).status_code == 422
        leen, _ = publishing.people["Leen D."]
        assert (await publishing.submit(entry_id, approver=leen.staff_id)).status_code == 422
        assert (await publishing.submit(entry_id, approver=karim.staff_id)).status_code == 303
        await publishing.be("Sofie V.")
        assert (await publishing.approve(entry_id)).status_code == 403
        await publishing.be("Karim B.")
        assert (await publishing.approve(entry_id)).status_code == 303

    async def test_a_text_that_was_sent_back_shows_why_and_can_be_sent_again(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft()
        await publishing.submit(entry_id)
        await publishing.be("Karim B.")
        empty = await publishing.post(f"{entry_id}/return", comment=" ")
        assert empty.status_code == 422
        assert 'id="comment-err"' in empty.text
        await publishing.post(f"{entry_id}/return", comment="Say which pharmacies.")
        await publishing.be("Leen D.")
        assert "Say which pharmacies." in (await publishing.get(f"/{entry_id}")).text
        assert "Sent back" in (await publishing.get("?view=draft")).text
        assert (await publishing.submit(entry_id)).status_code == 303


class TestTheGate:
    async def test_a_broken_rule_cannot_be_argued_away(self, publishing: Publishing) -> None:
        entry_id = await publishing.draft(sources=[])
        refused = await publishing.submit(entry_id, reason="Believe me")
        assert refused.status_code == 422
        assert f"/console/entries/{entry_id}/edit#source_1_label" in refused.text
        assert (await publishing.versions(entry_id))[0].state == VersionState.DRAFT

    async def test_a_warning_needs_a_reason_that_the_approver_reads(
        self, publishing: Publishing
    ) -> None:
        text = "Both types were in stock on 13/03/2026 in two of three pharmacies."
        entry_id = await publishing.draft(text=text)
        refused = await publishing.submit(entry_id)
        assert refused.status_code == 422
        assert 'id="reason-err"' in refused.text
        await publishing.submit(entry_id, reason="The law began on that day.")
        await publishing.be("Karim B.")
        assert "The law began on that day." in (await publishing.get(f"/{entry_id}")).text

    async def test_a_name_is_public_only_where_an_editor_marks_it_so(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft(text=f"{NAMED} Write to desk@clinic.example.")
        page = (await publishing.get(f"/{entry_id}")).text
        assert "“Karen Petrosyan” looks like the name of a person" in page
        marks = dict(re.findall(r'name="(marks_\w+)" value="([^"]+)"', page))
        assert set(marks) == {"marks_name", "marks_email"}
        half = marks | {"keep_name": "public_body", "keep_email": "ordinary_word"}
        refused = await publishing.submit(entry_id, **half)
        assert refused.status_code == 422
        assert 'id="keep_email-err"' in refused.text
        assert 'id="keep_name-err"' not in refused.text
        assert '<option value="public_body" selected>' in refused.text
        whole = half | {"keep_email": "public_body"}
        for _ in range(2):
            assert (await publishing.submit(entry_id, **whole)).status_code == 303
        await publishing.be("Karim B.")
        shown = (await publishing.get(f"/{entry_id}")).text
        assert "“Karen Petrosyan”" in shown
        assert "belongs to an office or organisation" in shown

    @pytest.mark.parametrize(
        "words",
        [
            "Pay to BE68 5390 0754 7034.",
            "Ask for 68.03.14-123.45.",
        ],
    )
    async def test_hard_identifiers_never_pass(self, publishing: Publishing, words: str) -> None:
        entry_id = await publishing.draft(text=f"Both types are in stock since March 2026. {words}")
        refused = await publishing.submit(entry_id, reason="It is fine")
        assert refused.status_code == 422
        assert "Take it out" in refused.text

    async def test_a_text_that_was_saved_meanwhile_is_not_sent_unseen(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft()
        old = (await publishing.versions(entry_id))[0].edition
        await publishing.save(entry_id, answer="Another answer, saved by somebody in March 2026.")
        late = await publishing.post(f"{entry_id}/submit", edition=old)
        assert late.status_code == 422
        assert "saved this text while you were writing" in late.text

    async def test_what_became_too_old_in_review_is_not_approved(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft()
        await publishing.submit(entry_id)
        await publishing.be("Karim B.")
        with clock.frozen(TODAY + dt.timedelta(days=100)):
            await publishing.be("Sofie V.")
            refused = await publishing.approve(entry_id)
        assert refused.status_code == 422
        assert (await publishing.versions(entry_id))[0].state == VersionState.IN_REVIEW


class TestWaiting:
    async def scheduled(self, publishing: Publishing, days: int = 30) -> str:
        entry_id = await publishing.draft()
        await publishing.save(entry_id, embargo_days=days)
        await publishing.submit(entry_id)
        await publishing.be("Karim B.")
        await publishing.approve(entry_id)
        return entry_id

    async def test_it_is_published_by_itself_on_its_day_and_not_before(
        self, on_each_database: Publishing
    ) -> None:
        desk = on_each_database
        entry_id = await self.scheduled(desk)
        for days, status in ((0, EntryStatus.DRAFT), (29, EntryStatus.DRAFT), (30, "published")):
            with clock.frozen(TODAY + dt.timedelta(days=days)):
                await desk.time()
            assert (await desk.entry(entry_id)).status == status
        assert len(await emitted(desk.rig.service, EntryPublished)) == 1
        assert len(desk.index.documents) == 1

    async def test_only_who_approved_ends_it_early_and_says_why(
        self, publishing: Publishing
    ) -> None:
        entry_id = await self.scheduled(publishing)
        await publishing.be("Leen D.")
        assert "Publish now" not in (await publishing.get(f"/{entry_id}")).text
        assert (await publishing.post(f"{entry_id}/lift", reason="Urgent")).status_code == 403
        await publishing.be("Karim B.")
        assert (await publishing.post(f"{entry_id}/lift", reason=" ")).status_code == 422
        assert (await publishing.entry(entry_id)).status == EntryStatus.DRAFT
        assert (await publishing.post(f"{entry_id}/lift", reason="Many ask")).status_code == 303
        assert (await publishing.entry(entry_id)).status == EntryStatus.PUBLISHED
        assert "Many ask" in (await publishing.get(f"/{entry_id}")).text

    async def test_taken_back_it_needs_a_new_approval(self, publishing: Publishing) -> None:
        entry_id = await self.scheduled(publishing)
        await publishing.post(f"{entry_id}/take-back")
        (version,) = await publishing.versions(entry_id)
        assert (version.state, version.approved_by) == (VersionState.DRAFT, None)
        with clock.frozen(TODAY + dt.timedelta(days=60)):
            await publishing.time()
        assert (await publishing.entry(entry_id)).status == EntryStatus.DRAFT


class TestTwice:
    @pytest.mark.parametrize("step", ["submit", "approve", "lift", "revise", "archive", "discard"])
    async def test_a_second_click_does_no_harm(self, publishing: Publishing, step: str) -> None:
        entry_id = await publishing.draft()
        if step in ("revise", "archive"):
            await publishing.publish(entry_id)
        if step == "approve":
            await publishing.submit(entry_id)
            await publishing.be("Karim B.")
        if step == "lift":
            await publishing.submit(entry_id)
            await publishing.be("Karim B.")
            await publishing.approve(entry_id)
        form = {"edition": (await publishing.versions(entry_id))[-1].edition, "reason": "Many ask"}
        first = await publishing.post(f"{entry_id}/{step}", **form)
        events = len(await emitted(publishing.rig.service, EntryPublished))
        second = await publishing.post(f"{entry_id}/{step}", **form)
        assert first.status_code == 303
        assert second.status_code == 303
        assert len(await emitted(publishing.rig.service, EntryPublished)) == events
        assert len(await publishing.versions(entry_id)) <= 2

    async def test_two_approvals_at_once_publish_once(self, on_each_database: Publishing) -> None:
        desk = on_each_database
        entry_id = await desk.draft()
        await desk.save(entry_id, embargo_days=0)
        await desk.submit(entry_id)
        await desk.be("Karim B.")
        await asyncio.gather(*(desk.approve(entry_id) for _ in range(4)))
        assert len(await emitted(desk.rig.service, EntryPublished)) == 1
        assert len(await emitted(desk.rig.service, QuestionCovered)) == 1
