"""Words find the right entries, in every script and with typing mistakes, safely marked."""

import pytest
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.testing.entries import entry

from tests.index.conftest import CRI_INDEX
from tests.index.four import BAGHDAD, found, search


async def test_everything_is_found_without_words(index: MeilisearchIndex) -> None:
    page = await search(index)
    assert page.total == 4
    assert len(page.hits) == 4


async def test_a_word_that_nobody_wrote_finds_nothing(index: MeilisearchIndex) -> None:
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
async def test_the_right_entry_comes_first(index: MeilisearchIndex, text: str, first: str) -> None:
    assert (await found(index, text))[0] == first


async def test_a_question_is_found_by_part_of_its_words(index: MeilisearchIndex) -> None:
    text = "tell me how much is the rent of a house near Baghdad"
    assert (await found(index, text))[0] == "baghdad_en"


async def test_a_synonym_finds_the_entry(empty: MeilisearchIndex) -> None:
    await empty.put([entry("a", "nl", question="Is insuline te koop?"), entry("b")])
    assert (await found(empty, "инсулин"))[0] == "a_nl"


async def test_the_question_weighs_more_than_the_answer(empty: MeilisearchIndex) -> None:
    await empty.put(
        [
            entry("answer", question="Other papers?", answer="Passports and more passports."),
            entry("question", question="Who issues passports?", answer="The ministry."),
        ]
    )
    assert await found(empty, "passports") == ["question_en", "answer_en"]


async def test_an_entry_that_is_due_ranks_below_its_equal(empty: MeilisearchIndex) -> None:
    await empty.put([entry("a", status="due"), entry("b"), entry("c", status="due")])
    assert (await found(empty, "doctor"))[0] == "b_en"


async def test_a_quoted_phrase_is_mandatory(index: MeilisearchIndex) -> None:
    assert await found(index, '"rent a house"') == ["baghdad_en"]
    assert await found(index, '"house a rent"') == []


async def test_marks_are_safe_html(index: MeilisearchIndex) -> None:
    [hit] = (await search(index, "clinic ministry", filters={"country": ["IQ"]})).hits
    assert "<mark>clinic</mark> &amp; the <mark>ministry</mark>" in hit.snippet_html
    assert "&lt;b&gt;" in hit.snippet_html
    assert "<b>" not in hit.snippet_html


async def test_words_with_typos_are_marked_too(index: MeilisearchIndex) -> None:
    hit = (await search(index, "bagdhad")).hits[0]
    assert "<mark>Baghdad</mark>" in hit.title_html


async def test_characters_we_mark_with_do_not_come_through(empty: MeilisearchIndex) -> None:
    await empty.put([entry("a", question="\ue000A doctor\ue001?", answer="\ue001\ue000")])
    [hit] = (await search(empty, "doctor")).hits
    assert hit.title_html == "A <mark>doctor</mark>?"
    assert hit.snippet_html == ""


async def test_a_snippet_is_cut_around_the_match(empty: MeilisearchIndex) -> None:
    filler = "nothing of interest is said here. " * 60
    await empty.put([entry("a", answer=f"{filler}The orchard grows apricots. {filler}")])
    [hit] = (await search(empty, "apricots orchard")).hits
    assert "<mark>apricots</mark>" in hit.snippet_html
    assert hit.snippet_html.startswith("…")
    assert hit.snippet_html.endswith("…")
    assert len(hit.snippet_html.split()) < 60


async def test_a_snippet_of_several_lines_is_one_line(empty: MeilisearchIndex) -> None:
    await empty.put([entry("a", answer="The orchard:\n\n- grows\n- apricots.\n")])
    [hit] = (await search(empty, "apricots")).hits
    assert hit.snippet_html == "The orchard: - grows - <mark>apricots</mark>."


async def test_a_hit_says_which_entry_it_is_of_and_in_which_language(
    index: MeilisearchIndex,
) -> None:
    [hit] = (await search(index, filters={"country": ["IQ"]})).hits
    assert (hit.id, hit.entry_id) == (BAGHDAD["id"], BAGHDAD["entry_id"])
    assert hit.language == BAGHDAD["language"]
    assert hit.title_html == BAGHDAD["question"]


@pytest.mark.parametrize("address", [CRI_INDEX], indirect=True)
@pytest.mark.parametrize(
    ("language", "text", "first"),
    [
        ("ar", "مساعدة طبية", "kabul_ar"),
        ("ru", "аренды", "almaty_ru"),
        ("fr", "clinique gratuite", "kabul_fr"),
    ],
)
async def test_other_forms_of_a_word_are_found(
    index: MeilisearchIndex, language: str, text: str, first: str
) -> None:
    assert (await found(index, text, languages=[language]))[0] == first


@pytest.mark.parametrize("address", [CRI_INDEX], indirect=True)
async def test_the_readers_language_goes_before_what_matches_as_well(
    empty: MeilisearchIndex,
) -> None:
    await empty.put(
        entry(tag, tag, question="Dialyse in Goma", answer="Dialyse.") for tag in ("fr", "nl")
    )
    for tag in ("nl", "fr"):
        assert (await found(empty, "dialyse goma", languages=[tag]))[0] == f"{tag}_{tag}"


@pytest.mark.parametrize("address", [CRI_INDEX], indirect=True)
async def test_a_misspelt_word_is_found_by_another_form_of_it(empty: MeilisearchIndex) -> None:
    await empty.put([entry("chair", "ar", question="أين الكراسي المتحركة؟", answer="هنا.")])
    assert await found(empty, "متوحرك", languages=["ar"]) == ["chair_ar"]


@pytest.mark.parametrize("address", [CRI_INDEX], indirect=True)
async def test_synonyms_are_found_in_any_form(empty: MeilisearchIndex) -> None:
    await empty.put([entry("insulin", "ru", question="Есть ли запас инсулина?", answer="Да.")])
    assert await found(empty, "insuline", languages=["nl"]) == ["insulin_ru"]


@pytest.mark.parametrize("address", [CRI_INDEX], indirect=True)
async def test_a_synonym_is_found_in_any_form_of_its_own_language_alone(
    empty: MeilisearchIndex,
) -> None:
    await empty.put(
        [
            entry("act", question="Who is acting minister?", answer="Do not act alone."),
            entry("acte", "fr", question="Où demander des actes ?", answer="À la mairie."),
        ]
    )
    [hit] = (await search(empty, "certificate", languages=["en"])).hits
    assert hit.title_html == "Où demander des <mark>actes</mark> ?"
    assert (await found(empty, "act"))[0] == "act_en"


@pytest.mark.parametrize("address", [CRI_INDEX], indirect=True)
async def test_but_among_names_which_are_in_every_language(empty: MeilisearchIndex) -> None:
    await empty.put([entry("a", "ar", keywords=["Documentos civiles, certific"]), entry("b")])
    assert await found(empty, "urkunde", languages=["de"]) == ["a_ar"]


@pytest.mark.parametrize("address", [CRI_INDEX], indirect=True)
async def test_a_word_is_not_taken_for_another_by_what_a_foreign_rule_leaves_of_it(
    empty: MeilisearchIndex,
) -> None:
    await empty.put([entry("room", question="A room in Erbil?", answer="Pay two months ahead.")])
    [hit] = (await search(empty, "room single mother Erbil", languages=["en"])).hits
    assert hit.title_html == "A <mark>room</mark> in <mark>Erbil</mark>?"
    assert hit.snippet_html == "Pay two months ahead."


@pytest.mark.parametrize("address", [CRI_INDEX], indirect=True)
async def test_what_is_near_to_a_word_is_marked_only_where_nobody_writes_that(
    empty: MeilisearchIndex,
) -> None:
    await empty.put(
        [entry("a", question="A house?", answer="It has no roof."), entry("b", question="A horse?")]
    )
    hits = (await search(empty, "house", languages=["en"])).hits
    assert hits[0].title_html == "A <mark>house</mark>?"
    assert all("<mark>h" not in hit.title_html for hit in hits[1:])
    hits = (await search(empty, "houze", languages=["en"])).hits
    assert hits[0].title_html == "A <mark>house</mark>?"
