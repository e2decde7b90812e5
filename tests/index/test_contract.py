"""What every search index must do, whoever answers: cri-index, and Meilisearch where one runs."""

import os
import uuid
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

import pytest
from cri_shared import clock
from cri_shared.index.documents import FACETS, EntryDocument, readers_of
from cri_shared.index.meilisearch import MeilisearchIndex, filter_expressions
from cri_shared.index.port import Changes, IndexRefused, Page, Query, SearchUnavailable
from cri_shared.index.provisioning import provision_keys
from cri_shared.testing.entries import entry
from cri_shared.testing.index import IndexServer

KABUL_FR = entry(
    "kabul",
    "fr",
    question="Où trouver un médecin à Kaboul ?",
    answer="Les cliniques de Kaboul soignent gratuitement les personnes revenues.",
    keywords=["Afghanistan", "Santé"],
    year=2023,
    information_date=20230301,
)
KABUL_AR = entry(
    "kabul",
    "ar",
    question="المساعدة الطبية في كابول",
    answer="توجد مستشفيات في كابول للعائدين",
    keywords=["أفغانستان"],
    year=2023,
    information_date=20230302,
)
BAGHDAD = entry(
    "baghdad",
    question="Can a family rent a house in Baghdad?",
    answer="Rent in Baghdad is <b>expensive</b>; ask the clinic & the ministry first.",
    keywords=["Iraq", "Housing"],
    country="IQ",
    topics=["housing.rent", "health.care"],
    topic_groups=["housing", "health"],
    outcome="partly",
    labels=["single_source"],
    year=2025,
    information_date=20250601,
)
ALMATY = entry(
    "almaty",
    "ru",
    question="Сколько стоит жильё?",
    answer="В Алматы аренда стоит дорого.",
    keywords=["Казахстан"],
    country="KZ",
    topics=["housing.rent"],
    topic_groups=["housing"],
    year=2024,
    information_date=20240401,
)
ENTRIES = (KABUL_FR, KABUL_AR, BAGHDAD, ALMATY)


async def search(index: MeilisearchIndex, text: str = "", **options: Any) -> Page:
    return await index.search(Query(text, **options))


async def found(index: MeilisearchIndex, text: str = "", **options: Any) -> list[str]:
    return [hit.id for hit in (await search(index, text, **options)).hits]


async def stream(documents: Iterable[EntryDocument]) -> AsyncIterator[EntryDocument]:
    for document in documents:
        yield document


async def nothing_changed(_since: datetime) -> Changes:
    return Changes()


class SearchIndexContract:
    """Inherited by a class for each engine, which gives `address` (url, master key)."""

    @pytest.fixture
    def address(self) -> tuple[str, str]:
        raise NotImplementedError

    @pytest.fixture
    def uid(self) -> str:
        return f"entries_{uuid.uuid4().hex[:10]}"

    @pytest.fixture
    async def empty(self, address: tuple[str, str], uid: str) -> AsyncIterator[MeilisearchIndex]:
        index = MeilisearchIndex(address[0], provision_keys(*address)[0], uid)
        index_to_search = MeilisearchIndex(address[0], address[1], uid)
        await index.ensure()
        # Tests write and search by one object: the master key of this one may do both.
        yield index_to_search
        await index.close()
        await index_to_search.close()

    @pytest.fixture
    async def index(self, empty: MeilisearchIndex) -> MeilisearchIndex:
        await empty.put(ENTRIES)
        return empty

    async def test_ensure_twice_changes_nothing(self, index: MeilisearchIndex) -> None:
        await index.ensure()
        assert await index.count() == len(ENTRIES)

    async def test_everything_is_found_without_words(self, index: MeilisearchIndex) -> None:
        page = await search(index)
        assert page.total == 4
        assert len(page.hits) == 4

    async def test_a_word_that_nobody_wrote_finds_nothing(self, index: MeilisearchIndex) -> None:
        assert (await search(index, "xyzzyplugh")).total == 0

    @pytest.mark.parametrize(
        ("text", "first"),
        [
            ("médecin", "kabul_fr"),
            ("medecin kaboul", "kabul_fr"),
            ("MÉDECIN", "kabul_fr"),
            ("bagdhad rent", "baghdad_en"),
            ("Baghdad hose", "baghdad_en"),
            ("Bagh", "baghdad_en"),
            ("mini", "baghdad_en"),
            ("كابول", "kabul_ar"),
            ("مستشفیات", "kabul_ar"),
            ("افغانستان", "kabul_ar"),
            ("аренда Алматы", "almaty_ru"),
            ("жилье", "almaty_ru"),
            ("Казахстан", "almaty_ru"),
        ],
    )
    async def test_the_right_entry_comes_first(
        self, index: MeilisearchIndex, text: str, first: str
    ) -> None:
        assert (await found(index, text))[0] == first

    async def test_a_question_is_found_by_part_of_its_words(self, index: MeilisearchIndex) -> None:
        text = "tell me how much is the rent of a house near Baghdad"
        assert (await found(index, text))[0] == "baghdad_en"

    async def test_a_synonym_finds_the_entry(self, empty: MeilisearchIndex) -> None:
        await empty.put([entry("a", "nl", question="Is insuline te koop?"), entry("b")])
        assert (await found(empty, "инсулин"))[0] == "a_nl"

    async def test_the_question_weighs_more_than_the_answer(self, empty: MeilisearchIndex) -> None:
        await empty.put(
            [
                entry("answer", question="Other papers?", answer="Passports and more passports."),
                entry("question", question="Who issues passports?", answer="The ministry."),
            ]
        )
        assert await found(empty, "passports") == ["question_en", "answer_en"]

    async def test_an_entry_that_is_due_ranks_below_its_equal(
        self, empty: MeilisearchIndex
    ) -> None:
        await empty.put([entry("a", status="due"), entry("b"), entry("c", status="due")])
        assert (await found(empty, "doctor"))[0] == "b_en"

    async def test_a_quoted_phrase_is_mandatory(self, index: MeilisearchIndex) -> None:
        assert await found(index, '"rent a house"') == ["baghdad_en"]
        assert await found(index, '"house a rent"') == []

    async def test_a_put_replaces_the_whole_document(self, index: MeilisearchIndex) -> None:
        await index.put([{**BAGHDAD, "question": "Zebra?", "answer": "None.", "keywords": []}])
        assert await found(index, "zebra") == ["baghdad_en"]
        assert "baghdad_en" not in await found(index, "Baghdad")
        assert await index.count() == 4

    async def test_what_is_deleted_is_not_found(self, index: MeilisearchIndex) -> None:
        await index.delete(["baghdad_en", "never_there"])
        assert "baghdad_en" not in await found(index)
        assert await index.count() == 3

    async def test_an_entry_goes_with_all_its_languages(self, index: MeilisearchIndex) -> None:
        await index.delete_entry("kabul")
        assert sorted(await found(index)) == ["almaty_ru", "baghdad_en"]

    async def test_thousands_go_in_batches(self, empty: MeilisearchIndex) -> None:
        many = [entry(f"e{number}") for number in range(1_200)]
        await empty.put(many)
        assert await empty.count() == 1_200
        await empty.delete([document["id"] for document in many[:700]])
        assert await empty.count() == 500

    @pytest.mark.parametrize(
        ("filters", "ids"),
        [
            ({"country": ["AF"]}, ["kabul_ar", "kabul_fr"]),
            ({"country": ["AF", "IQ"], "topics": ["housing.rent"]}, ["baghdad_en"]),
            ({"country": []}, ["almaty_ru", "baghdad_en", "kabul_ar", "kabul_fr"]),
            ({"year": {"gte": 2024}}, ["almaty_ru", "baghdad_en"]),
            ({"year": {"gte": 2024, "lte": 2024}}, ["almaty_ru"]),
            ({"information_date": {"gte": 20230302, "lte": 20240401}}, ["almaty_ru", "kabul_ar"]),
            ({"year": [2025]}, ["baghdad_en"]),
            ({"labels": ["single_source"]}, ["baghdad_en"]),
            ({"language": ["ar", "ru"]}, ["almaty_ru", "kabul_ar"]),
            ({"outcome": ["partly"]}, ["baghdad_en"]),
        ],
    )
    async def test_filters(
        self, index: MeilisearchIndex, filters: dict[str, Any], ids: list[str]
    ) -> None:
        page = await search(index, filters=filters)
        assert sorted(hit.id for hit in page.hits) == ids
        assert page.total == len(ids)

    @pytest.mark.parametrize(
        "value",
        [
            'A" OR country = "IQ',
            'A"] OR country IN ["IQ',
            "A' OR country = 'IQ",
            'A\\" OR country = \\"IQ',
            "\\",
            '"',
            "] OR year > 0",
        ],
    )
    async def test_no_value_becomes_filter_language(
        self, index: MeilisearchIndex, value: str
    ) -> None:
        assert await found(index, filters={"country": [value]}) == []

    async def test_a_name_that_is_no_field_is_refused(self) -> None:
        with pytest.raises(ValueError, match="field"):
            filter_expressions({"country = 'IQ' OR year": [1]})

    async def test_an_unknown_field_is_refused(self, index: MeilisearchIndex) -> None:
        with pytest.raises(IndexRefused, match="invalid_search_filter"):
            await search(index, filters={"colour": ["red"]})

    async def test_facets_count_what_is_found(self, index: MeilisearchIndex) -> None:
        page = await search(index, facets=FACETS)
        assert page.facets["country"] == {"AF": 2, "IQ": 1, "KZ": 1}
        assert page.facets["topics"] == {"health.care": 3, "housing.rent": 2}
        assert page.facets["year"] == {"2023": 2, "2024": 1, "2025": 1}
        assert page.facets["labels"] == {"single_source": 1}
        assert list(page.facets) == list(FACETS)

    async def test_a_chosen_facet_keeps_the_counts_of_its_other_values(
        self, index: MeilisearchIndex
    ) -> None:
        page = await search(
            index,
            facets=("country", "topics", "language"),
            filters={"country": ["IQ"], "language": ["en"]},
        )
        assert [hit.id for hit in page.hits] == ["baghdad_en"]
        assert page.facets["country"] == {"IQ": 1}
        assert page.facets["language"] == {"en": 1}
        assert page.facets["topics"] == {"health.care": 1, "housing.rent": 1}
        page = await search(index, facets=("country", "topics"), filters={"country": ["IQ"]})
        assert page.facets["country"] == {"AF": 2, "IQ": 1, "KZ": 1}
        assert page.total == 1

    async def test_a_topic_does_not_narrow_the_counts_of_groups_of_topics(
        self, index: MeilisearchIndex
    ) -> None:
        page = await search(
            index, facets=("topic_groups", "topics"), filters={"topics": ["housing.rent"]}
        )
        assert page.facets["topic_groups"] == {"health": 3, "housing": 2}
        assert page.facets["topics"] == {"health.care": 3, "housing.rent": 2}

    async def test_each_reader_finds_an_entry_once_in_the_best_version(
        self, empty: MeilisearchIndex
    ) -> None:
        shown = readers_of(["ar", "fr"])
        await empty.put([entry("kabul", tag, readers=shown[tag]) for tag in shown])
        assert await found(empty, filters={"readers": ["nl"]}) == ["kabul_fr"]
        page = await search(empty, facets=["language", "country"], filters={"readers": ["ar"]})
        assert [hit.id for hit in page.hits] == ["kabul_ar"]
        assert page.facets == {"language": {"ar": 1, "fr": 1}, "country": {"AF": 1}}

    async def test_dates_are_sorted_both_ways(self, index: MeilisearchIndex) -> None:
        newest = ["baghdad_en", "almaty_ru", "kabul_ar", "kabul_fr"]
        assert await found(index, sort="information_date:desc") == newest
        assert await found(index, sort="information_date:asc") == newest[::-1]

    async def test_a_sort_by_date_goes_before_relevance(self, empty: MeilisearchIndex) -> None:
        await empty.put(
            [
                entry("old", question="Doctor, doctor, doctor?", information_date=20200101),
                entry("new", answer="A doctor comes.", question="?", information_date=20250101),
            ]
        )
        assert await found(empty, "doctor", sort="information_date:desc") == ["new_en", "old_en"]

    async def test_an_unknown_sort_is_refused(self, index: MeilisearchIndex) -> None:
        with pytest.raises(IndexRefused, match="invalid_search_sort"):
            await search(index, sort="question:asc")

    async def test_pages_follow_each_other_without_gap(self, empty: MeilisearchIndex) -> None:
        await empty.put([entry(f"e{day:02}", information_date=day) for day in range(1, 24)])
        pages = [
            await search(empty, "doctor", sort="information_date:asc", page=number, per_page=10)
            for number in (1, 2, 3, 4)
        ]
        assert [page.total for page in pages] == [23] * 4
        days = [hit.document["information_date"] for page in pages for hit in page.hits]
        assert days == list(range(1, 24))

    async def test_relevance_is_paged_without_repeats(self, empty: MeilisearchIndex) -> None:
        await empty.put([entry(f"e{number}") for number in range(25)])
        ids = [
            each
            for page in (1, 2, 3)
            for each in await found(empty, "doctor", page=page, per_page=10)
        ]
        assert len(ids) == len(set(ids)) == 25

    async def test_marks_are_safe_html(self, index: MeilisearchIndex) -> None:
        [hit] = (await search(index, "clinic ministry", filters={"country": ["IQ"]})).hits
        assert "<mark>clinic</mark> &amp; the <mark>ministry</mark>" in hit.snippet_html
        assert "&lt;b&gt;" in hit.snippet_html
        assert "<b>" not in hit.snippet_html

    async def test_words_with_typos_are_marked_too(self, index: MeilisearchIndex) -> None:
        hit = (await search(index, "bagdhad")).hits[0]
        assert "<mark>Baghdad</mark>" in hit.title_html

    async def test_characters_we_mark_with_do_not_come_through(
        self, empty: MeilisearchIndex
    ) -> None:
        await empty.put([entry("a", question="\ue000A doctor\ue001?", answer="\ue001\ue000")])
        [hit] = (await search(empty, "doctor")).hits
        assert hit.title_html == "A <mark>doctor</mark>?"
        assert hit.snippet_html == ""

    async def test_a_snippet_is_cut_around_the_match(self, empty: MeilisearchIndex) -> None:
        filler = "nothing of interest is said here. " * 60
        await empty.put([entry("a", answer=f"{filler}The orchard grows apricots. {filler}")])
        [hit] = (await search(empty, "apricots orchard")).hits
        assert "<mark>apricots</mark>" in hit.snippet_html
        assert hit.snippet_html.startswith("…")
        assert hit.snippet_html.endswith("…")
        assert len(hit.snippet_html.split()) < 60

    async def test_a_hit_has_its_facts_and_not_its_text(self, index: MeilisearchIndex) -> None:
        [hit] = (await search(index, filters={"country": ["IQ"]})).hits
        expected = {
            key: value for key, value in BAGHDAD.items() if key not in ("answer", "keywords")
        }
        assert hit.document == expected

    async def test_a_rebuild_replaces_everything(self, index: MeilisearchIndex) -> None:
        assert await index.rebuild(stream([ALMATY]), nothing_changed) == 1
        assert await found(index) == ["almaty_ru"]
        assert await index.count() == 1

    async def test_a_rebuild_keeps_what_changed_meanwhile(self, index: MeilisearchIndex) -> None:
        began = clock.now()
        fresh = entry("fresh", question="Where is the new hospital?")

        async def documents() -> AsyncIterator[EntryDocument]:
            yield KABUL_FR
            yield BAGHDAD
            # Published and withdrawn while the rebuild is under way: the old index is changed.
            await index.put([fresh])
            await index.delete(["baghdad_en"])
            assert "fresh_en" in await found(index, "hospital")

        async def changed_since(since: datetime) -> Changes:
            assert since <= began
            return Changes(put=(fresh,), delete=("baghdad_en",))

        assert await index.rebuild(documents(), changed_since) == 2
        assert sorted(await found(index)) == ["fresh_en", "kabul_fr"]

    async def test_a_rebuild_asks_again_until_nothing_changes(
        self, index: MeilisearchIndex
    ) -> None:
        answers = iter([Changes(put=(entry("x", question=f"Version {n}?"),)) for n in (1, 2, 3)])
        last = Changes(put=(entry("x", question="Version four?"),))

        async def changed_since(_since: datetime) -> Changes:
            return next(answers, last)

        await index.rebuild(stream([ALMATY]), changed_since)
        [hit] = (await search(index, "version", filters={"entry_id": ["x"]})).hits
        assert hit.document["question"] == "Version four?"

    async def test_a_rebuild_that_fails_leaves_the_old_index(self, index: MeilisearchIndex) -> None:
        async def documents() -> AsyncIterator[EntryDocument]:
            yield ALMATY
            raise ConnectionError

        with pytest.raises(ConnectionError):
            await index.rebuild(documents(), nothing_changed)
        assert await index.count() == 4

    async def test_a_failed_task_is_raised(self, index: MeilisearchIndex) -> None:
        bad: Any = {**BAGHDAD, "id": "not an id!"}
        with pytest.raises(IndexRefused, match="invalid_document_id"):
            await index.put([bad])
        assert await index.count() == 4

    async def test_a_wrong_key_is_refused(self, address: tuple[str, str], uid: str) -> None:
        index = MeilisearchIndex(address[0], "f" * 64, uid)
        with pytest.raises(IndexRefused, match="invalid_api_key"):
            await search(index, "doctor")
        await index.close()

    async def test_the_search_key_only_searches(
        self, index: MeilisearchIndex, address: tuple[str, str], uid: str
    ) -> None:
        reader = MeilisearchIndex(address[0], provision_keys(*address)[1], uid)
        assert len(await found(reader)) == 4
        for forbidden in (reader.put([ALMATY]), reader.delete(["almaty_ru"]), reader.count()):
            with pytest.raises(IndexRefused, match="invalid_api_key"):
                await forbidden
        await reader.close()

    async def test_the_search_key_reaches_only_entries(self, address: tuple[str, str]) -> None:
        reader = MeilisearchIndex(address[0], provision_keys(*address)[1], "staff")
        with pytest.raises(IndexRefused, match="invalid_api_key"):
            await search(reader)
        await reader.close()

    async def test_the_write_key_writes_and_rebuilds_but_does_not_search(
        self, empty: MeilisearchIndex, address: tuple[str, str], uid: str
    ) -> None:
        writer = MeilisearchIndex(address[0], provision_keys(*address)[0], uid)
        await writer.put([ALMATY])
        assert await writer.rebuild(stream(ENTRIES), nothing_changed) == 4
        assert await writer.count() == 4
        with pytest.raises(IndexRefused, match="invalid_api_key"):
            await search(writer)
        await writer.close()

    def test_provisioning_twice_gives_the_same_keys(self, address: tuple[str, str]) -> None:
        assert provision_keys(*address) == provision_keys(*address)

    def test_provisioning_needs_the_master_key(self, address: tuple[str, str]) -> None:
        with pytest.raises(IndexRefused, match="invalid_api_key"):
            provision_keys(address[0], "not the master key")

    async def test_it_tells_whether_it_answers(self, index: MeilisearchIndex) -> None:
        assert await index.available()

    async def test_a_search_before_the_index_is_there_is_refused(
        self, address: tuple[str, str]
    ) -> None:
        index = MeilisearchIndex(*address, "entries_never_made")
        with pytest.raises(IndexRefused, match="index_not_found"):
            await search(index)
        await index.close()


class TestCriIndex(SearchIndexContract):
    """Over a real cri-index process."""

    @pytest.fixture
    def address(self, index_server: IndexServer) -> tuple[str, str]:
        return index_server.url, index_server.master_key

    @pytest.mark.parametrize(
        ("language", "text", "first"),
        [
            ("ar", "مساعدة طبية", "kabul_ar"),
            ("ru", "аренды", "almaty_ru"),
            ("fr", "clinique gratuite", "kabul_fr"),
        ],
    )
    async def test_other_forms_of_a_word_are_found(
        self, index: MeilisearchIndex, language: str, text: str, first: str
    ) -> None:
        assert (await found(index, text, languages=[language]))[0] == first


if "CRI_TEST_MEILI_URL" in os.environ:

    class TestMeilisearch(SearchIndexContract):
        """Over the Meilisearch server that the environment names."""

        @pytest.fixture
        def address(self) -> tuple[str, str]:
            return os.environ["CRI_TEST_MEILI_URL"], os.environ["CRI_TEST_MEILI_KEY"]


async def test_nobody_there_is_unavailable_and_not_an_error() -> None:
    index = MeilisearchIndex("http://127.0.0.1:9", "key", seconds=0.5)
    assert not await index.available()
    with pytest.raises(SearchUnavailable):
        await search(index, "doctor")
    await index.close()
