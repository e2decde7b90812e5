"""Did you mean: a misspelt word is mended by the words that answers have, and by no other."""

import re

import httpx
import pytest
from cri_search.rules.spelling import Spelling, meant_by, mistakes, words_of
from cri_shared.events.publishing import EntryArchived, EntryWithdrawn
from cri_shared.index.near import WordList
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from tests.search.conftest import Search, published, revised
from tests.search.library import INSULIN, facts
from tests.search.test_results import slugs


def meant_among(written: str, reader: str, *known: tuple[str, str, int]) -> Spelling | None:
    """What is meant, of words as (written, language, entries)."""
    words = {w.lower(): Spelling(w.lower(), language, w, count) for w, language, count in known}
    word = written.lower()
    near = [(far, words[other]) for other, far in WordList(words).near(word, mistakes(word))]
    return meant_by(written, reader, near)


def mistaken(word: str) -> set[str]:
    """The word with one mistake, or none: all that may happen at each of its places."""
    written = {word}
    for at in range(len(word)):
        before, here, after = word[:at], word[at], word[at + 1 :]
        written |= {before + after, f"{before}x{here}{after}", f"{before}x{after}"}
        written.add(before + after[:1] + here + after[1:])
    return written


def mended(page: httpx.Response) -> str | None:
    """The words that a page proposes."""
    found = re.search(r'<a href="[^"]*"><bdi>([^<]+)</bdi></a>', page.text)
    return found[1] if found else None


async def meant(search: Search, words: str, **more: str) -> str | None:
    """What the API proposes."""
    page = await search.client.get("/api/v1/search", params={"q": words, **more})
    proposed: str | None = page.json()["did_you_mean"]
    return proposed


class TestRules:
    @pytest.mark.parametrize(
        ("written", "proposed"),
        [
            ("clinik", "clinic"),
            ("cilnic", "clinic"),
            ("Clinik", "clinic"),
            ("clnk", None),
            ("clinical", None),
            ("hopsital", "hospital"),
        ],
    )
    def test_the_nearest_word_is_meant(self, written: str, proposed: str | None) -> None:
        found = meant_among(written, "en", ("clinic", "en", 3), ("hospital", "en", 2))
        assert (found and found.written) == proposed

    @given(st.lists(st.text("abc", min_size=4, max_size=12)), st.text("abc", min_size=4))
    def test_no_word_within_so_many_mistakes_is_passed_over(
        self, others: list[str], written: str
    ) -> None:
        word, known = f"a{written}", {f"a{other}" for other in others}
        apart = {other: OSA.distance(word, other) for other in known}
        near = {other: far for other, far in apart.items() if far <= mistakes(word)}
        assert dict(WordList(known).near(word, mistakes(word))) == near

    @pytest.mark.parametrize("word", ["abcdef", "abcdefgh", "abcdefghi", "abcabcabca"])
    def test_a_mistake_or_two_may_be_anywhere(self, word: str) -> None:
        one = mistaken(word)
        two = set[str]().union(*map(mistaken, one))
        for most, words in ((1, one), (2, two)):
            near = {other: OSA.distance(word, other) for other in words}  # a swap is not cut in two
            near = {other: far for other, far in near.items() if far <= most}
            assert dict(WordList(sorted(words)).near(word, most)) == near

    def test_of_equals_the_readers_language_then_the_commonest(self) -> None:
        known = (("dialyse", "fr", 9), ("dialyze", "en", 1), ("dialyde", "en", 5))
        for reader, proposed in (("fr", "dialyse"), ("en", "dialyde"), ("nl", "dialyse")):
            found = meant_among("dialyxe", reader, *known)
            assert found is not None
            assert found.written == proposed

    @pytest.mark.parametrize(
        ("written", "known", "meant"),
        [
            ("late", ("Lage", "nl", 3), False),
            ("victims", ("victimes", "fr", 3), False),
            ("Kinshassa", ("Kinshasa", "fr", 3), True),
            ("Armemia", ("Armenia", "", 3), True),
            ("medicine", ("Medicines", "", 3), False),
        ],
    )
    def test_a_word_of_another_language_is_meant_where_it_is_a_name(
        self, written: str, known: tuple[str, str, int], meant: bool
    ) -> None:
        near = [(1, Spelling(known[0].lower(), known[1], known[0], known[2]))]
        assert (meant_by(written, "en", near, in_vain=False) is not None) == meant

    def test_another_form_of_a_known_word_is_no_mistake(self) -> None:
        assert meant_among("clinics", "en", ("clinic", "en", 3)) is None

    @pytest.mark.parametrize(
        ("word", "most"), [("abc", 0), ("abcd", 1), ("abcdefghi", 2), ("a1234", 0)]
    )
    def test_short_words_and_numbers_are_left_alone(self, word: str, most: int) -> None:
        assert mistakes(word) == most

    def test_words_are_known_in_small_letters_where_anybody_writes_them_so(self) -> None:
        found = words_of([("fr", "Médecin à Goma"), ("fr", "un médecin, 12 km")])
        assert found["medecin", "fr"] == "médecin"
        assert found["goma", "fr"] == "Goma"
        assert ("12", "fr") not in found


class TestOnThePage:
    async def test_it_proposes_a_link_that_finds(self, search: Search) -> None:
        page = await search.get("/en/search?q=insuline+gyumrl+free")
        assert mended(page) == "insuline Gyumri free"
        link = re.search(r'<p class="after">Did you mean <a href="([^"]+)"', page.text)
        assert link is not None
        assert slugs(await search.get("/en/search" + link[1]))[0] == "insulin-slug"

    @pytest.mark.parametrize(
        ("lang", "said"),
        [("nl", "Bedoelde je "), ("fr", "Vouliez-vous dire "), ("en", "Did you mean ")],
    )
    async def test_in_the_readers_language(self, search: Search, lang: str, said: str) -> None:
        assert said in (await search.get(f"/{lang}/search?q=gyumrl&part=results")).text

    async def test_a_wrong_first_letter_that_finds_nothing(self, search: Search) -> None:
        page = await search.get("/en/search?q=bnsulin")
        assert slugs(page) == []
        assert mended(page) == "insulin"

    async def test_a_name_of_a_country_or_topic_is_a_word_too(self, search: Search) -> None:
        assert await meant(search, "Armemia") == "Armenia"

    @pytest.mark.parametrize(
        "words", ["insulin", "insuline", "Gyumri", "insu", "xyzzyplugh", "", "12345"]
    )
    async def test_what_is_right_or_beyond_help_is_left(self, search: Search, words: str) -> None:
        assert mended(await search.get(f"/en/search?q={words}")) is None
        assert await meant(search, words) is None

    async def test_a_mistake_in_a_quoted_phrase(self, search: Search) -> None:
        assert await meant(search, '"free in Gyumrl"') == '"free in Gyumri"'

    async def test_nothing_is_proposed_that_the_filters_leave_out(self, search: Search) -> None:
        assert await meant(search, "insulim gratis", country="AM") == "insulin gratis"
        assert await meant(search, "insulim", country="GH") is None


class TestWhatIsKnown:
    async def test_a_word_is_known_while_an_answer_has_it(self, search: Search) -> None:
        texts = {"en": ("Who repairs a zeppelin?", "A zeppelin is repaired in the hangar.")}
        await search.hear(published(facts("air", texts)), published(facts("ship", texts)))
        assert await meant(search, "zepelin") == "zeppelin"
        await search.hear(EntryWithdrawn(entry_id="air", version=2))
        assert await meant(search, "zepelin") == "zeppelin"
        await search.hear(EntryArchived(entry_id="ship", version=2))
        assert await meant(search, "zepelin") is None
        await search.hear(revised(facts("ship", texts, version=3)))
        assert await meant(search, "zepelin") == "zeppelin"

    async def test_hearing_twice_and_out_of_order_counts_once(self, search: Search) -> None:
        new = {"en": ("Is insulin free?", "A zeppelin brings it.")}
        told = revised(facts("insulin", new, version=3))
        await search.hear(told, told, revised(facts("insulin", INSULIN, version=2)))
        assert await meant(search, "zepelin") == "zeppelin"
        assert await meant(search, "Gyumrl") is None, "the newest version does not name it"
        await search.hear(EntryWithdrawn(entry_id="insulin", version=4))
        assert await meant(search, "zepelin") is None
