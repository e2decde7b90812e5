"""A reader searches with an old phone: what was found, in which language, and what else to do."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cri_search.queries.found import find
from cri_search.rules.asked import Asked
from cri_shared.events.publishing import EntryWithdrawn

from tests.search.conftest import Search, revised
from tests.search.library import INSULIN, facts


def slugs(page: httpx.Response) -> list[str]:
    """The entries of a page of results, in their order."""
    return re.findall(r'<h3[^>]*><a href="/../entries/([^"?]+)', page.text)


def counted(page: httpx.Response, key: str) -> str:
    """The count beside a value of a facet."""
    found = re.search(rf'data-count="{key}"[^>]*>([^<]+)<', page.text)
    assert found is not None, key
    return found[1]


class TestWithoutJavaScript:
    async def test_from_the_box_at_home_to_an_answer(self, search: Search) -> None:
        home = await search.get("/en/")
        action = re.search(r'<form id="searchform"[^>]* action="([^"]+)" method="get"', home.text)
        assert action is not None
        results = await search.client.get(action[1], params={"q": "insulin", "country": "AM"})
        assert slugs(results)[0] == "insulin-slug"
        assert 'value="insulin"' in results.text
        assert '<option value="AM"' in results.text
        answer = await search.get("/en/entries/insulin-slug")
        assert "Is insulin free in Gyumri?</h1>" in answer.text

    async def test_a_typing_error_finds_the_answer(self, search: Search) -> None:
        assert slugs(await search.get("/en/search?q=insuline+gyumry"))[0] == "insulin-slug"

    async def test_a_quoted_phrase_must_be_there(self, search: Search) -> None:
        found = await search.get('/en/search?q="free+in+Gyumri"')
        assert slugs(found) == ["insulin-slug"]
        assert slugs(await search.get('/en/search?q="in+free+Gyumri"')) == []

    async def test_a_topic_is_found_by_its_name_in_another_language(self, search: Search) -> None:
        found = slugs(await search.get("/en/search?q=Onderwijs"))
        assert found
        assert all(slug.startswith("school") for slug in found)

    async def test_without_words_the_last_checked_come_first(self, search: Search) -> None:
        page = await search.get("/en/search")
        assert "36 answers" in page.text
        assert "Most recently checked first" in page.text
        dates = re.findall(r'<time datetime="([\d-]+)"', page.text)
        assert dates == sorted(dates, reverse=True)

    async def test_pages_are_turned_by_links_and_named_in_the_title(self, search: Search) -> None:
        first = await search.get("/en/search?q=school")
        link = re.search(r'<a href="([^"]+)" rel="next">', first.text)
        assert link is not None
        second = await search.get("/en/search" + link[1].replace("&amp;", "&"))
        assert "(page 2 of 3)" in second.text
        assert not set(slugs(first)) & set(slugs(second))
        assert len(slugs(second)) == 10

    async def test_a_page_beyond_the_last_is_the_last(self, search: Search) -> None:
        page = await search.get("/en/search?q=school&page=77")
        assert "(page 3 of 3)" in page.text

    @pytest.mark.parametrize(
        "query",
        [
            "page=minus&sort=evil&country=XX&topic=none&language=%00&checked_since=yesterday",
            'q=A" OR country = "IQ&outcome=?&utm_source=mail',
            "q=%00%01&page=99999999999999999999",
            "q=" + "a" * 5000,
        ],
    )
    async def test_nonsense_in_the_address_does_no_harm(self, search: Search, query: str) -> None:
        assert (await search.get(f"/en/search?{query}")).status_code == 200


class TestFilters:
    async def test_counts_leave_out_their_own_filter(self, search: Search) -> None:
        page = await search.get("/en/search?topic=health")
        assert counted(page, "t:health") == "3"
        assert counted(page, "t:education") == "30"
        assert counted(page, "o:found") == "3"
        assert "Armenia (1)" in page.text

    async def test_zero_counts_stay_visible(self, search: Search) -> None:
        page = await search.get("/en/search?q=insulin")
        assert counted(page, "t:housing") == "0"
        assert "Albania (0)" in page.text

    async def test_applied_filters_are_links_that_remove_them(self, search: Search) -> None:
        page = await search.get("/en/search?q=school&country=AM&topic=education&outcome=found")
        chips = re.search(r'<ul class="chips".*?</ul>', page.text, re.DOTALL)
        assert chips is not None
        assert chips[0].count("(remove this filter)") == 3
        links = re.findall(r'href="([^"]+)"', chips[0].replace("&amp;", "&"))
        left = [parse_qs(urlsplit(link).query) for link in links]
        assert {"q": ["school"], "topic": ["education"], "outcome": ["found"]} in left

    async def test_a_chosen_group_opens_its_topics(self, search: Search) -> None:
        page = await search.get("/en/search?topic=education")
        assert counted(page, "t:education.school") == "30"
        narrowed = await search.get("/en/search?topic=education&topic=education.higher")
        assert "No answers found" in narrowed.text

    async def test_a_day_since_which_it_was_checked(self, search: Search) -> None:
        page = await search.get("/en/search?checked_since=2026-10-15")
        assert "5 answers" in page.text
        assert "Checked since 15 October 2026" in page.text

    async def test_a_language_shows_its_versions(self, search: Search) -> None:
        page = await search.get("/en/search?language=fr&q=insuline")
        assert '/en/entries/insulin-slug?language=fr"' in page.text
        assert "Only in French" in page.text


class TestLanguages:
    async def test_each_entry_is_found_once_in_the_readers_language(self, search: Search) -> None:
        page = await search.get("/nl/search?country=AM&topic=health")
        assert slugs(page) == ["insulin-slug"]
        assert "Is insuline gratis in Gyumri?" in page.text

    async def test_words_of_another_language_find_the_readers_version(self, search: Search) -> None:
        page = await search.get("/en/search?q=reçoivent+polyclinique+dans+une+les")
        assert "insulin-slug" in slugs(page)
        assert "Is insulin free in Gyumri?" in page.text
        assert INSULIN["fr"][0] not in page.text

    async def test_another_language_is_marked_where_there_is_no_other(self, search: Search) -> None:
        page = await search.get("/en/search?q=dialyse")
        assert '<h3 lang="fr" dir="ltr">' in page.text
        assert "Only in French" in page.text
        assert "Due for a new check" in page.text

    async def test_arabic_stands_from_right_to_left(self, search: Search) -> None:
        page = await search.get("/nl/search?q=مستشفى")
        assert '<h3 lang="ar" dir="rtl">' in page.text
        assert '<p lang="ar" dir="rtl">' in page.text
        assert '<bdi dir="ltr">+964 1 000 0000</bdi>' in page.text
        assert "<mark>" in page.text


class TestSafety:
    async def test_what_an_entry_says_is_never_markup(self, search: Search) -> None:
        page = await search.get("/en/search?q=apricot+form")
        assert slugs(page) == ["tricky-slug"]
        assert "&lt;script&gt;alert(&#x27;<mark>apricot</mark>&#x27;)" in page.text
        assert "<script>alert" not in page.text
        assert "<b>are</b>" not in page.text

    async def test_what_a_reader_types_is_never_markup(self, search: Search) -> None:
        page = await search.get("/en/search?q=<script>alert(2)</script>")
        assert "<script>alert" not in page.text

    async def test_what_a_reader_types_never_becomes_a_filter(self, search: Search) -> None:
        page = await search.get('/en/search?q=A" OR country = "IQ&country=GE')
        assert set(slugs(page)) <= {"tricky-slug"} | {f"school{n}-slug" for n in range(30)}
        assert "hospital-slug" not in page.text

    async def test_a_withdrawn_entry_is_dropped_though_the_index_holds_it(
        self, search: Search
    ) -> None:
        await search.hear(EntryWithdrawn(entry_id="insulin", version=2))
        page = await search.get("/en/search?q=insulin")
        assert "insulin-slug" not in page.text
        assert "Is insulin free" not in page.text

    async def test_what_the_copy_does_not_know_is_not_shown(self, empty: Search) -> None:
        assert slugs(await empty.get("/en/search?q=insulin")) == []

    async def test_a_hit_leads_to_the_newest_address(self, search: Search) -> None:
        await search.hear(revised(facts("insulin", INSULIN, version=2, slug="insulin-gyumri")))
        assert slugs(await search.get("/en/search?q=insulin"))[0] == "insulin-gyumri"


class TestNothingFound:
    async def test_it_says_so_and_helps_on(self, search: Search) -> None:
        page = await search.get("/fr/search?q=xyzzyplugh&country=AM")
        assert "Aucune réponse trouvée" in page.text
        assert 'href="?q=xyzzyplugh"' in page.text
        assert 'href="/fr/countries/AM"' in page.text

    async def test_asking_takes_country_and_words_along_by_post(self, search: Search) -> None:
        page = await search.get("/fr/search?q=xyzzyplugh+prix&country=AM")
        form = re.search(r'<form class="panel noprint" method="post".*?</form>', page.text, re.S)
        assert form is not None
        assert 'action="http://127.0.0.1:8001/fr/ask/start"' in form[0]
        assert 'name="country" value="AM"' in form[0]
        assert 'name="question" value="xyzzyplugh prix"' in form[0]
        assert not re.search(r'href="http://127.0.0.1:8001[^"]*xyzzy', page.text)
        assert (
            "form-action 'self' http://127.0.0.1:8001;" in page.headers["content-security-policy"]
        )


class TestFragment:
    async def test_the_part_is_the_same_list_without_the_page(self, search: Search) -> None:
        whole = await search.get("/en/search?q=school&topic=education")
        part = await search.get("/en/search?q=school&topic=education&part=results")
        assert slugs(part) == slugs(whole)
        assert "<html" not in part.text
        assert "part=results" not in part.text
        assert '<data data-n="t:education" value="30">' in part.text
        assert 'data-title="school – Search answers – ' in part.text

    async def test_no_result_has_a_title_too(self, search: Search) -> None:
        part = await search.get("/nl/search?q=xyzzyplugh&part=results")
        assert "Geen antwoorden gevonden" in part.text


async def test_the_index_is_asked_once_where_something_is_found(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    original = search.rig.index.search

    async def counting(query: object) -> object:
        asked.append(query)
        return await original(query)  # type: ignore[arg-type]

    monkeypatch.setattr(search.rig.index, "search", counting)
    results = await find(search.rig, Asked(q="school"), "en", per_page=10)
    assert results.total == 30
    assert len(asked) == 1
