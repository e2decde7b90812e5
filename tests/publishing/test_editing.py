"""Writing: nothing typed is ever lost, and every change of what is public is visible."""

import re

import pytest
from cri_publishing.models import EntryStatus, VersionState
from cri_shared.events.publishing import EntryRevised, QuestionCovered
from cri_shared.testing.events import emitted

from tests.publishing.conftest import Publishing, approved

DUTCH = {
    "question": "Is er insuline in de regio Sjirak?",
    "answer": "Beide soorten waren in maart 2026 in voorraad in twee van de drie apotheken.",
}


async def edition(publishing: Publishing, entry_id: str) -> int:
    return (await publishing.versions(entry_id))[-1].edition


class TestTheForm:
    async def test_it_keeps_everything_that_was_saved(self, publishing: Publishing) -> None:
        entry_id = await publishing.draft()
        changes = {
            "question": "Is insulin available in the Shirak region?",
            "answer": "## Short\r\n\r\n- **Yes**, in two of three pharmacies in March 2026",
            "region": "Lori",
            "topic_2": "health.access",
            "sensitivity": "amber",
            "outcome": "conflicting",
            "information_date": "2026-11-01",
            "period_from": "2026-10-01",
            "embargo_days": "91",
            "tried": "We called",
            "source_3_label": "A price list",
            "source_3_kind": "web",
            "source_3_url": "https://health.example/list",
            "source_3_consulted_on": "2026-11-02",
            "source_3_quotes": "1",
            "account_1_text": "Thirty days.",
            "account_1_language": "ru",
            "account_1_information_date": "2026-11-01",
        }
        assert (await publishing.save(entry_id, **changes)).status_code == 303
        form = await publishing.form(entry_id)
        expected = changes | {"answer": changes["answer"].replace("\r\n", "\n")}
        assert {name: form[name] for name in expected} == expected
        page = await publishing.get(f"/{entry_id}")
        assert "<h4>Short</h4>" in page.text

    async def test_a_source_is_taken_out_by_clearing_it(self, publishing: Publishing) -> None:
        entry_id = await publishing.draft()
        await publishing.save(entry_id, source_1_label="", source_2_quotes="2")
        form = await publishing.form(entry_id)
        assert form["source_1_label"] == "Health worker"
        assert form["source_1_quotes"] == "1"
        assert form["source_2_label"] == ""

    async def test_every_account_and_source_of_an_answer_survives_the_form(
        self, publishing: Publishing
    ) -> None:
        said = [
            {"text": f"{days} days.", "language": "en", "information_date": "2026-11-01"}
            for days in range(30, 80, 10)
        ]
        seen = [
            {"kind": "phone", "label": f"Call {n}", "consulted_on": "2026-11-09"} for n in range(17)
        ]
        entry_id = await publishing.draft(outcome="conflicting", accounts=said, sources=seen)
        await publishing.save(entry_id, region="Lori")
        page = (await publishing.get(f"/{entry_id}/versions/1")).text
        assert all(f"{days} days." in page for days in range(30, 80, 10))
        assert all(f"Call {n}<" in page for n in range(17))

    async def test_one_more_row_keeps_what_was_typed_and_saves_nothing(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft()
        before = await edition(publishing, entry_id)
        page = await publishing.save(entry_id, answer="Half a senten", do="add_source")
        assert page.status_code == 200
        assert "Half a senten" in page.text
        assert 'name="source_4_label"' in page.text
        assert await edition(publishing, entry_id) == before

    async def test_a_preview_shows_safe_html_and_saves_nothing(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft()
        before = await edition(publishing, entry_id)
        page = await publishing.save(
            entry_id, answer="**Yes** <script>alert(1)</script> [x](javascript:1)", do="preview"
        )
        assert "<strong>Yes</strong> &lt;script&gt;" in page.text
        assert "<script>alert" not in page.text
        assert 'href="javascript' not in page.text
        assert await edition(publishing, entry_id) == before

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("information_date", "yesterday"),
            ("information_date", ""),
            ("country", "ZZ"),
            ("topic_1", ""),
            ("topic_2", "health.magic"),
            ("language", "English"),
            ("embargo_days", "17"),
            ("source_1_consulted_on", "in spring"),
            ("source_2_quotes", "the first"),
            ("answer", "x" * 20001),
        ],
    )
    async def test_what_cannot_be_read_is_explained_beside_its_field(
        self, publishing: Publishing, field: str, typed: str
    ) -> None:
        entry_id = await publishing.draft()
        page = await publishing.save(entry_id, question="Typed before?", **{field: typed})
        assert page.status_code == 422
        assert f'id="{field}-err"' in page.text
        assert "Typed before?" in page.text

    async def test_two_people_writing_at_once_see_both_texts(self, publishing: Publishing) -> None:
        entry_id = await publishing.draft()
        form = await publishing.form(entry_id)
        await publishing.be("Karim B.")
        await publishing.save(entry_id, answer="What Karim saved first, in March 2026.")
        await publishing.be("Leen D.")
        mine = form | {"answer": "What Leen typed meanwhile, in March 2026."}
        conflict = await publishing.post(f"{entry_id}/edit", **mine)
        assert conflict.status_code == 409
        assert "What Karim saved first" in conflict.text
        assert "What Leen typed meanwhile" in conflict.text
        again = mine | {"edition": await edition(publishing, entry_id)}
        assert (await publishing.post(f"{entry_id}/edit", **again)).status_code == 303
        assert "What Leen typed" in (await publishing.get(f"/{entry_id}")).text

    async def test_what_is_typed_while_the_text_goes_to_review_comes_back(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft()
        form = await publishing.form(entry_id)
        await publishing.submit(entry_id)
        late = await publishing.post(f"{entry_id}/edit", **form | {"answer": "Typed too late"})
        assert late.status_code == 409
        assert "Typed too late" in late.text
        assert (await publishing.get(f"/{entry_id}/edit")).status_code == 303

    async def test_saving_the_same_form_twice_saves_once(self, publishing: Publishing) -> None:
        entry_id = await publishing.draft()
        before = await edition(publishing, entry_id)
        form = await publishing.form(entry_id) | {"answer": "The same answer twice, March 2026."}
        answers = [await publishing.post(f"{entry_id}/edit", **form) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert await edition(publishing, entry_id) == before + 1


class TestRevising:
    async def test_readers_see_what_changed_and_past_askers_hear_of_it(
        self, on_each_database: Publishing
    ) -> None:
        desk = on_each_database
        entry_id = await desk.published()
        await desk.be("Leen D.")
        await desk.post(f"{entry_id}/revise")
        unsaid = await desk.submit(entry_id)
        assert "Write what changed" in unsaid.text
        await desk.publish(
            entry_id,
            answer="Both insulin types were in stock in all three pharmacies in March 2026.",
            change_note="A third pharmacy was checked.",
        )
        (event,) = await emitted(desk.rig.service, EntryRevised)
        assert event.entry.version == 2
        assert [(c.version, c.note) for c in event.entry.changes] == [
            (2, "A third pharmacy was checked.")
        ]
        covered = await emitted(desk.rig.service, QuestionCovered)
        assert [(one.version, one.changed) for one in covered] == [(1, False), (2, True)]
        states = [version.state for version in await desk.versions(entry_id)]
        assert states == [VersionState.SUPERSEDED, VersionState.PUBLISHED]
        compare = (await desk.get(f"/{entry_id}/compare?before=1&after=2")).text
        assert "<del>" in compare
        assert "[Added: </span>all" in compare
        await desk.time()
        assert [d["answer"][:43] for d in desk.index.documents.values()] == [
            "Both insulin types were in stock in all thr"
        ]

    async def test_a_published_version_never_changes(self, publishing: Publishing) -> None:
        entry_id = await publishing.published()
        before = (await publishing.get(f"/{entry_id}/versions/1")).text
        await publishing.be("Leen D.")
        await publishing.post(f"{entry_id}/revise")
        await publishing.publish(entry_id, answer="X" * 50, change_note="All was rewritten.")
        assert "in two of three pharmacies" in before
        assert (
            "in two of three pharmacies" in (await publishing.get(f"/{entry_id}/versions/1")).text
        )

    async def test_a_dropped_revision_leaves_what_readers_see(self, publishing: Publishing) -> None:
        entry_id = await publishing.published()
        await publishing.be("Leen D.")
        await publishing.post(f"{entry_id}/revise")
        await publishing.post(f"{entry_id}/discard")
        assert [v.number for v in await publishing.versions(entry_id)] == [1]
        assert (await publishing.entry(entry_id)).status == EntryStatus.PUBLISHED
        assert (await publishing.post(f"{entry_id}/revise")).status_code == 303


class TestLanguages:
    async def test_a_translation_is_bound_to_the_original_it_was_made_from(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft()
        saved = await publishing.post(
            f"{entry_id}/languages/nl", edition=await edition(publishing, entry_id), **DUTCH
        )
        assert saved.status_code == 303
        await publishing.publish(entry_id)
        await publishing.time()
        assert sorted(d["language"] for d in publishing.index.documents.values()) == ["en", "nl"]
        await publishing.be("Leen D.")
        await publishing.post(f"{entry_id}/revise")
        page = (await publishing.get(f"/{entry_id}/languages/nl")).text
        assert "in two of three pharmacies" in page, "the original stands beside"
        assert "Is er insuline" in page
        await publishing.publish(entry_id, answer="Y" * 50, change_note="All was rewritten.")
        (event,) = await emitted(publishing.rig.service, EntryRevised)
        versions = {v.language: (v.translated_from, v.stale) for v in event.entry.languages}
        assert versions == {"en": (None, False), "nl": ("en", True)}
        await publishing.time()
        labels = {d["language"]: d["labels"] for d in publishing.index.documents.values()}
        assert labels == {"en": [], "nl": ["stale"]}

    async def test_a_removed_language_leaves_the_index(self, publishing: Publishing) -> None:
        entry_id = await publishing.draft()
        path = f"{entry_id}/languages/nl"
        await publishing.post(path, edition=await edition(publishing, entry_id), **DUTCH)
        await publishing.publish(entry_id)
        await publishing.time()
        await publishing.be("Leen D.")
        await publishing.post(f"{entry_id}/revise")
        before = await edition(publishing, entry_id)
        for _ in range(2):  # the second click finds that it is done
            removed = await publishing.post(path, edition=before, do="remove")
            assert removed.status_code == 303
        await publishing.publish(entry_id, change_note="The Dutch version was removed.")
        await publishing.time()
        assert [d["language"] for d in publishing.index.documents.values()] == ["en"]

    async def test_its_page_previews_explains_and_keeps(self, publishing: Publishing) -> None:
        entry_id = await publishing.draft()
        path = f"{entry_id}/languages/ar"
        form = {"question": "هل يتوفر الأنسولين؟", "answer": "**نعم**"}
        preview = await publishing.post(path, edition=0, do="preview", **form)
        assert "<strong>نعم</strong>" in preview.text
        assert 'lang="ar" dir="rtl"' in preview.text
        stale = await publishing.post(path, edition=0, **form)
        assert stale.status_code == 409
        assert "هل يتوفر" in stale.text
        long = await publishing.post(path, edition=1, answer="x" * 20001)
        assert long.status_code == 422

    @pytest.mark.parametrize("language", ["xxxxx", "EN", "../edit", "en"])
    async def test_an_address_without_a_language_is_unknown(
        self, publishing: Publishing, language: str
    ) -> None:
        entry_id = await publishing.draft()
        posted = await publishing.post(f"{entry_id}/languages/{language}", edition=1)
        assert posted.status_code in (404, 405, 422)


class TestMerging:
    async def test_one_entry_covers_several_questions(self, on_each_database: Publishing) -> None:
        desk = on_each_database
        first, second = approved(), approved(text="In Vanadzor both types were there in May 2026.")
        await desk.hear(first)
        entry_id = await desk.entry_of(first.research_id)
        await desk.publish(entry_id)
        await desk.hear(second)
        other = await desk.entry_of(second.research_id)
        await desk.be("Leen D.")
        entry = await desk.entry(entry_id)
        moved = await desk.post(
            f"{other}/merge", into=f"https://cri.example/en/entries/{entry.slug}"
        )
        assert moved.headers["location"] == f"/console/entries/{entry_id}/edit"
        assert "In Vanadzor" in (await desk.get(f"/{entry_id}/edit")).text
        await desk.publish(entry_id, change_note="Vanadzor was added.")
        covered = await emitted(desk.rig.service, QuestionCovered)
        assert [(one.research_ids, one.changed) for one in covered[1:]] == [
            ((first.research_id,), True),
            ((second.research_id,), False),
        ]
        assert (await desk.entry(other)).status == EntryStatus.CLOSED
        assert len((await emitted(desk.rig.service, EntryRevised))[0].entry.sources) == 4

    @pytest.mark.parametrize("into", ["", "no-such-entry", "itself", "draft"])
    async def test_only_into_what_readers_see(self, publishing: Publishing, into: str) -> None:
        entry_id, other = await publishing.draft(), await publishing.draft()
        name = {"itself": entry_id, "draft": other}.get(into, into)
        refused = await publishing.post(f"{entry_id}/merge", into=name)
        assert refused.status_code == 422
        assert 'id="into-err"' in refused.text
        assert (await publishing.entry(entry_id)).status == EntryStatus.DRAFT


class TestWhileWriting:
    """The rules are shown beside the form, for what stands in it, saved or not."""

    async def test_what_is_typed_is_checked_and_nothing_is_saved(
        self, on_each_database: Publishing
    ) -> None:
        desk = on_each_database
        entry_id = await desk.draft()
        form = await desk.form(entry_id) | {"answer": "Insulin costs 4,000 dram at present."}
        page = await desk.post(f"{entry_id}/edit", **form | {"do": "check"})
        assert page.status_code == 200
        assert 'href="#answer">“4,000 dram” has no date' in page.text
        assert "Insulin costs 4,000 dram at present." in page.text
        part = await desk.post(f"{entry_id}/edit", **form | {"do": "check", "part": "problems"})
        assert "“at present” is soon untrue" in part.text
        assert "<html" not in part.text
        broken = form | {"do": "check", "information_date": "soon"}
        assert (
            "Mend what cannot be read first" in (await desk.post(f"{entry_id}/edit", **broken)).text
        )
        assert "4,000 dram" not in (await desk.get(f"/{entry_id}")).text

    async def test_a_translation_shows_its_own_rules_and_how_the_original_changed(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft()
        form = await publishing.form(entry_id, "languages/nl")
        dutch = {"question": "Is er insuline te vinden in Gyumri?", "answer": "Momenteel wel."}
        path = f"{entry_id}/languages/nl"
        checked = await publishing.post(path, **form | dutch | {"do": "check"})
        assert 'href="#answer">“momenteel” is soon untrue' in checked.text
        long = dutch | {"answer": "Beide soorten lagen in maart 2026 in twee apotheken."}
        await publishing.post(path, **form | long)
        await publishing.publish(entry_id)
        await publishing.post(f"{entry_id}/revise")
        await publishing.save(entry_id, answer="Both types were in stock in all in March 2026.")
        page = (await publishing.get(f"/{path}")).text
        assert "What changed in it since" in page
        assert re.search(r"\[Added: </span>[^<]*\ball\b", page)

    async def test_facts_and_sources_are_compared_too(self, publishing: Publishing) -> None:
        entry_id = await publishing.published()
        await publishing.post(f"{entry_id}/revise")
        await publishing.save(entry_id, region="Lori", source_1_label="Four pharmacies")
        page = (await publishing.get(f"/{entry_id}/compare?before=1&after=2")).text
        for words in ("Shirak", "Lori", "Three pharmacies", "Four pharmacies"):
            assert words in page
        assert "Health worker" not in page


async def test_what_was_taken_back_leaves_its_address_and_why(publishing: Publishing) -> None:
    entry_id = await publishing.published()
    slug = (await publishing.entry(entry_id)).slug
    await publishing.post(f"{entry_id}/withdraw", reason="harm")
    page = (await publishing.get("?view=withdrawn")).text
    for words in (str(slug), "It can harm somebody", "tombstones.jsonl", "25 November 2026"):
        assert words in page
