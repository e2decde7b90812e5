"""Each page says where it stands: entries, countries, topics, and what is not there."""

import re

import pytest
from bs4 import BeautifulSoup
from cri_shared.events.publishing import EntryWithdrawn
from cri_shared.places import PUBLIC_LANGUAGES, is_right_to_left

from tests.search.conftest import Search, published
from tests.search.library import facts

PATHS = [
    "",
    "search",
    "search?q=insulin",
    "search?q=xyzzyplugh",
    "entries/insulin-slug",
    "countries",
    "countries/AM",
    "topics/health",
    "topics/health.medication",
    "about",
    "privacy",
    "accessibility",
    "open-data",
]


class TestEveryPage:
    @pytest.mark.parametrize("lang", PUBLIC_LANGUAGES)
    async def test_language_title_heading_and_alternates(self, search: Search, lang: str) -> None:
        for path in PATHS:
            page = await search.get(f"/{lang}/{path}")
            assert page.status_code == 200, path
            direction = "rtl" if is_right_to_left(lang) else "ltr"
            assert f'<html lang="{lang}" dir="{direction}">' in page.text
            [heading] = re.findall(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
            title = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
            assert title is not None
            assert re.sub(r"<[^>]+>", "", heading) in title[1], path
            bare = path.split("?")[0]
            for other in PUBLIC_LANGUAGES:
                alternate = f'hreflang="{other}" href="http://127.0.0.1:8000/{other}/{bare}"'
                assert alternate in page.text, path
            assert "style=" not in page.text

    async def test_no_page_shows_english_where_there_should_be_none(self, search: Search) -> None:
        for path in PATHS:
            page = await search.get(f"/nl/{path}")
            for word in ("Country", "Search", "answers", "Checked", "Topic"):
                assert f">{word}" not in page.text, (path, word)

    async def test_an_unknown_address_has_a_search_box(self, search: Search) -> None:
        for path in ("/fr/nothing", "/fr/entries/nothing", "/fr/countries/XX", "/fr/topics/x.y"):
            page = await search.get(path)
            assert page.status_code == 404
            assert 'action="/fr/search"' in page.text

    async def test_the_bare_address_goes_to_the_readers_language(self, search: Search) -> None:
        page = await search.get("/", **{"accept-language": "fr-BE,fr;q=0.9"})
        assert page.status_code == 302
        assert page.headers["location"] == "/fr/"


class TestHome:
    async def test_topics_and_countries_with_their_counts(self, search: Search) -> None:
        home = (await search.get("/en/")).text
        assert re.search(r'/en/topics/education">Education <span[^>]*>.*?</span>30<', home)
        assert re.search(r'/en/topics/housing">Housing <span[^>]*>.*?</span>0<', home)
        assert re.search(r'/en/countries/AM">Armenia</a>&nbsp;<span[^>]*>7<', home)

    async def test_an_empty_database_invites_to_ask(self, empty: Search) -> None:
        home = await empty.get("/nl/")
        assert home.status_code == 200
        assert "Er staat hier nog geen antwoord." in home.text


class TestEntry:
    async def test_the_order_of_an_answer(self, search: Search) -> None:
        page = (await search.get("/en/entries/insulin-slug")).text
        order = [
            '<span class="place">Armenia</span>',
            '<h1 itemprop="name">Is insulin free in Gyumri?</h1>',
            "20 October 2026",
            '<div class="lead"><p>Adults registered with a <strong>polyclinic</strong>',
            "Where to go</h4>",
            "Things change.",
            "<h2>Sources</h2>",
            "Consulted in October 2026.",
            "Repeats source 1.",
            "What changed on this page",
            '<time datetime="2026-11">November 2026</time>',
            "First published.",
            "<h2>About this answer</h2>",
            "20 April 2027",
            "2 sources",
            "insulin-slug</bdi>",
        ]
        places = [page.index(text) for text in order]
        assert places == sorted(places)

    async def test_programs_find_the_question_and_its_answer(self, search: Search) -> None:
        page = BeautifulSoup((await search.get("/en/entries/insulin-slug")).text, "html.parser")
        question = page.select_one("[itemtype$=QAPage] > [itemprop=mainEntity]")
        assert question is not None
        assert question.select_one("[itemprop=name]").text == "Is insulin free in Gyumri?"
        answer = question.select_one("[itemprop=acceptedAnswer] > [itemprop=text]")
        assert "receive insulin without payment" in answer.text
        assert page.select_one("meta[property='og:title']")["content"] == (
            "Is insulin free in Gyumri?"
        )

    async def test_where_nothing_was_found_there_is_no_answer(self, search: Search) -> None:
        nothing = facts("none", slug="none", outcome="not_found", tried="Three offices.")
        await search.hear(published(nothing))
        page = (await search.get("/en/entries/none")).text
        assert '<meta itemprop="answerCount" content="0">' in page
        assert "acceptedAnswer" not in page

    async def test_who_spoke_stays_unnamed_unless_they_want_to(self, search: Search) -> None:
        assert "A local organisation" in (await search.get("/en/entries/insulin-slug")).text
        named = facts("named", slug="named", answered_by="Ararat Return Desk")
        await search.hear(published(named))
        assert "<bdi>Ararat Return Desk</bdi>" in (await search.get("/en/entries/named")).text

    async def test_how_far_to_trust_it_stands_beside_it(self, search: Search) -> None:
        page = (await search.get("/en/entries/insulin-slug")).text
        head = page[: page.index('class="lead"')]
        assert '<time datetime="2026-10-20">20 October 2026</time>' in head
        assert "(1 month ago)" in head
        for said in (
            *(
                "A coordinator and two editors, before it was published",
                "A partner takes questions",
            ),
            *("We inform and do not advise.", "2 sources", "First published."),
        ):
            assert said in page
        single = (await search.get("/en/entries/hospital-slug")).text
        assert "This answer rests on one source." in single
        nowhere = (await search.get("/en/entries/archive-slug")).text
        for said in ("We looked for an answer and found none.", "We phoned four offices."):
            assert said in nowhere
        assert "No partner at the moment" in nowhere

    async def test_a_missing_translation_is_marked(self, search: Search) -> None:
        page = (await search.get("/nl/entries/hospital-slug")).text
        assert "Dit antwoord is nog niet vertaald. Je leest het in het Arabisch." in page
        assert '<h1 itemprop="name" lang="ar" dir="rtl">' in page
        assert '<div class="prose answer" lang="ar" dir="rtl"' in page
        assert '<bdi dir="ltr">+964 1 000 0000</bdi>' in page
        assert "Maar één bron" in page

    async def test_languages_are_linked(self, search: Search) -> None:
        page = (await search.get("/en/entries/insulin-slug")).text
        assert '<a href="/nl/entries/insulin-slug" hreflang="nl">Dutch</a>' in page
        french = (await search.get("/nl/entries/insulin-slug?language=fr")).text
        assert '<h1 itemprop="name" lang="fr" dir="ltr">' in french

    async def test_an_outdated_translation_says_so(self, search: Search) -> None:
        entry = facts("e", {"en": ("Q?", "A."), "nl": ("V?", "W.")}, slug="e").model_dump()
        entry["languages"][1]["stale"] = True
        await search.hear(published(type(facts("e")).model_validate(entry)))
        page = (await search.get("/nl/entries/e")).text
        assert "Het origineel van dit antwoord is veranderd" in page
        assert 'href="/nl/entries/e?language=en"' in page

    async def test_an_entry_past_its_day_carries_a_banner(self, search: Search) -> None:
        page = (await search.get("/fr/entries/dialysis-slug")).text
        assert "Cette réponse doit être revérifiée." in page
        assert "15 juillet 2025" in page

    async def test_conflicting_accounts_stand_side_by_side(self, search: Search) -> None:
        page = (await search.get("/en/entries/road-slug")).text
        assert "The sources disagree." in page
        assert page.index("Version A") < page.index("Buses run daily.") < page.index("Version B")

    async def test_nothing_found_tells_what_was_tried(self, search: Search) -> None:
        page = (await search.get("/en/entries/archive-slug")).text
        assert "We looked for an answer and found none." in page
        assert "We phoned four offices." in page

    async def test_markup_in_an_answer_is_text(self, search: Search) -> None:
        page = (await search.get("/en/entries/tricky-slug")).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

    async def test_a_withdrawn_entry_answers_gone_in_every_language(self, search: Search) -> None:
        await search.hear(EntryWithdrawn(entry_id="insulin", version=2))
        for lang, words in {"nl": "is ingetrokken", "fr": "a été retirée"}.items():
            page = await search.get(f"/{lang}/entries/insulin-slug")
            assert page.status_code == 410
            assert words in page.text
            assert f'action="/{lang}/search"' in page.text
            assert page.headers["cache-control"] == "no-store"


class TestCountry:
    async def test_facts_topics_changes_and_asking(self, search: Search) -> None:
        page = (await search.get("/en/countries/AM")).text
        assert re.search(r"<dt>Answers</dt><dd[^>]*>7</dd>", page)
        assert "Armenian, Russian" in page
        assert "See all 6 answers" in page
        assert 'href="/en/search?country=AM&amp;topic=education"' in page
        assert "No answers yet about" in page
        assert "First published." in page
        assert 'name="country" value="AM"' in page

    async def test_an_answer_on_two_topics_stands_once_and_is_named_under_the_other(
        self, search: Search
    ) -> None:
        both = facts("both", country="BR", topics=("health.access", "social.benefits"))
        await search.hear(published(both))
        page = (await search.get("/en/countries/BR")).text
        answers = page[: page.index("<aside")]
        health, social = (page.index(f'topic={code}"') for code in both.topics)
        card, named = (found.start() for found in re.finditer("Question both", answers))
        assert health < card < social < named
        assert answers.count('class="hit"') == 1

    async def test_an_empty_country_is_honest(self, search: Search) -> None:
        page = await search.get("/en/countries/BR")
        assert "We have no answer about this country yet." in page.text

    async def test_small_letters_find_the_country(self, search: Search) -> None:
        page = await search.get("/en/countries/am")
        assert page.headers["location"] == "/en/countries/AM"

    async def test_all_countries_are_listed(self, search: Search) -> None:
        page = (await search.get("/en/countries")).text
        assert page.count('<li><a href="/en/countries/') == 25
        assert "No partner at the moment" in page


async def test_a_topic_lists_its_answers_by_country(search: Search) -> None:
    page = (await search.get("/en/topics/health")).text
    assert "3 answers" in page
    assert 'href="/en/search?country=IQ&amp;topic=health"' in page
    assert "Medicines" in page
