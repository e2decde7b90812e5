"""The console: who is let in, what the lists hold, and pages that stand in every language."""

import pytest
from cri_publishing.queries import lists

from tests.publishing.conftest import Publishing, approved

GETS = [
    "",
    "/{e}",
    "/{e}/edit",
    "/{e}/languages/nl",
    "/{e}/versions/1",
    "/{e}/compare?before=1&after=1",
]
POSTS = [
    *("edit", "languages/nl", "submit", "approve", "return", "take-back", "lift", "revise"),
    *("renew", "use", "merge", "refresh", "discard", "archive", "withdraw"),
]


class TestDoors:
    async def test_only_editors_come_in(self, publishing: Publishing) -> None:
        entry_id = await publishing.published()
        for role in ("officer", "coordinator", "trainer", "auditor", "operator"):
            await publishing.be(f"A {role}", role)
            for path in GETS:
                answer = await publishing.get(path.format(e=entry_id))
                assert answer.status_code == 403, (role, path)
            for step in POSTS:
                if step == "withdraw" and role in ("officer", "coordinator", "operator"):
                    continue
                answer = await publishing.post(f"{entry_id}/{step}", reason="wrong")
                assert answer.status_code == 403, (role, step)

    async def test_strangers_are_sent_to_the_door(self, publishing: Publishing) -> None:
        publishing.client.cookies.clear()
        answer = await publishing.get("")
        assert answer.headers["location"] == "/console/sign-in"

    async def test_a_form_without_its_token_does_nothing(self, publishing: Publishing) -> None:
        entry_id = await publishing.published()
        for step in POSTS:
            answer = await publishing.client.post(f"/console/entries/{entry_id}/{step}", data={})
            assert answer.status_code == 403, step

    async def test_unknown_entries_are_unknown_everywhere(self, publishing: Publishing) -> None:
        form = {"comment": "x" * 9, "reason": "wrong", "edition": 1, "into": "nothing"}
        for path in GETS[1:]:
            assert (await publishing.get(path.format(e="unknown"))).status_code == 404, path
        for step in POSTS:
            answer = await publishing.post(f"unknown/{step}", **form)
            assert answer.status_code in (404, 422), step
            assert answer.status_code == 404 or step == "merge", step

    async def test_reading_changes_nothing(self, publishing: Publishing) -> None:
        entry_id = await publishing.draft()
        for step in POSTS:
            if step not in ("edit", "languages/nl", "withdraw"):
                assert (await publishing.get(f"/{entry_id}/{step}")).status_code == 405, step


class TestLists:
    async def test_each_view_holds_what_its_name_says(self, publishing: Publishing) -> None:
        await publishing.draft(question="Where is the draft kept in Gyumri?")
        await publishing.hear(approved(publishable=False))
        published = await publishing.published(question="Where do readers look in Gyumri?")
        waiting = await publishing.draft(question="Where do texts wait in Gyumri?")
        await publishing.be("Leen D.")
        await publishing.submit(waiting)
        pages = {view: (await publishing.get(f"?view={view}")).text for view in lists.VIEWS}
        assert "Where is the draft kept" in pages["draft"]
        assert "Where do texts wait" in pages["review"]
        assert published in pages["published"]
        assert "partner does not want it" in pages["withheld"]
        for view in ("scheduled", "due", "archived", "withdrawn"):
            assert "Nothing here." in pages[view]
        for view, number in (("draft", 1), ("review", 1), ("published", 1), ("withheld", 1)):
            assert f'?view={view}"' in pages["draft"]
            assert f"({number})" in pages[view].split("</title>")[0]

    async def test_long_lists_come_in_pages(
        self, publishing: Publishing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lists, "PAGE", 2)
        for view, changed in (("draft", {}), ("withheld", {"publishable": False})):
            for _ in range(5):
                await publishing.hear(approved(**changed))
            path, seen = f"?view={view}", 0
            while path:
                page = (await publishing.get(path)).text
                seen += page.count('<td role="cell" class="wide">')
                path = page.split('href="?view=')[-1] if "Next page" in page else ""
                path = "?view=" + path.split('"')[0].replace("&amp;", "&") if path else ""
            assert seen == 5, view

    async def test_an_entry_is_found_by_its_address_or_number(self, publishing: Publishing) -> None:
        entry_id = await publishing.published()
        slug = (await publishing.entry(entry_id)).slug
        for typed in (entry_id, slug, f"https://cri.example/nl/entries/{slug}/"):
            found = await publishing.get(f"?find={typed}")
            assert found.headers["location"] == f"/console/entries/{entry_id}"
        unknown = await publishing.get("?find=am-nothing")
        assert "No entry has this address or number." in unknown.text

    async def test_an_unknown_view_is_the_first_one(self, publishing: Publishing) -> None:
        assert "To draft" in (await publishing.get("?view=<script>")).text


@pytest.mark.parametrize("language", ["nl", "fr"])
async def test_every_page_stands_in_every_language(publishing: Publishing, language: str) -> None:
    staff = await publishing.be("Leen D.")
    await publishing.rig.service.identity.speak(staff.staff_id, language)
    entry_id = await publishing.draft(
        sources=[], text="Kom nu. Currently 30 euro for Karen Exampl."
    )
    for path in (*GETS[:5], "/{e}/compare?before=1&after=1"):
        page = await publishing.get(path.format(e=entry_id))
        assert page.status_code == 200
        assert f'<html lang="{language}"' in page.text
        for english in ("Entries", "Edit the text", "Must change", "What happened", "Next steps"):
            assert f">{english}<" not in page.text, (path, english)
