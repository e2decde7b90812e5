"""Words are the same word whatever the case, accents and letters they are written with."""

import pytest
from cri_shared.index.text import (
    analyse,
    fold,
    languages_of_synonym,
    pieces,
    query_languages,
    spans,
    stem,
    stop_words,
    synonyms,
)
from hypothesis import example, given
from hypothesis import strategies as st


class TestFold:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Médecin", "medecin"),
            ("STRASSE", "straße"),
            ("Œuvre", "oeuvre"),
            ("İstanbul", "istanbul"),
            ("Iğdır", "igdir"),
            ("ＫＡＢＵＬ", "kabul"),
            ("vrij\u00adwillig", "vrijwillig"),
            ("Ёлка", "елка"),
            ("Йод", "иод"),
            ("مُسَاعَدَة", "مساعده"),
            ("کابل", "كابل"),
            ("افغانی", "افغاني"),
            ("کـــابل", "کابل"),
            ("أحمد", "احمد"),
            ("١٢٣", "123"),
            ("۴۵", "45"),
            ("ᲗᲑᲘᲚᲘᲡᲘ", "თბილისი"),
            ("Երևան", "ԵՐԵՒԱՆ"),
            ("ሐኪም", "ሀኪም"),
            ("ፀሐይ", "ጸሀይ"),
            ("ሠላም", "ሰላም"),
        ],
    )
    def test_ways_of_writing_a_word_are_one(self, one: str, other: str) -> None:
        assert fold(one) == fold(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [("кот", "код"), ("باب", "بات"), ("թան", "բան"), ("კატა", "კარტა"), ("ቤት", "ቤቶች")],
    )
    def test_different_words_stay_different(self, one: str, other: str) -> None:
        assert fold(one) != fold(other)

    @given(st.text(max_size=12))
    def test_folding_twice_is_folding_once(self, word: str) -> None:
        assert fold(fold(word)) == fold(word)

    @given(st.text(max_size=12))
    def test_no_blank_comes_out_of_a_word(self, word: str) -> None:
        assert not any(letter.isspace() and letter not in word for letter in fold(word))


class TestWords:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Can I rent in Tirana?", ["can", "i", "rent", "in", "tirana"]),
            ("l'hôpital de l’Irak", ["hopital", "de", "irak"]),
            ("aujourd'hui, qu'il", ["aujourd", "hui", "il"]),
            ("don't", ["don", "t"]),
            ("کتاب‌ها را می‌خواهم", ["كتاب", "ها", "را", "مي", "خواهم"]),
            ("ዶክተር፣ ሐኪም።", ["ዶክተር", "ሀኪም"]),
            ("больница в Москве", ["больница", "в", "москве"]),
            ("კლინიკა თბილისში", ["კლინიკა", "თბილისში"]),
            ("հիվանդանոց Երևանում", ["հիվանդանոց", "երեւանում"]),
            ("กรุงเทพ", ["กร", "รุ", "ุง", "งเ", "เท", "ทพ"]),
            ("snake_case 3.5 COVID-19", ["snake", "case", "3", "5", "covid", "19"]),
            ("", []),
            ("?! … ።", []),
        ],
    )
    def test_words_of_a_text(self, text: str, words: list[str]) -> None:
        assert analyse(text, "xx")[0] == words

    def test_vowel_signs_stay_in_their_word(self) -> None:
        assert len(spans("مُسَاعَدَة काठमाडौं")) == 2

    @given(st.text(max_size=80))
    def test_spans_lie_in_the_text_in_order(self, text: str) -> None:
        found = spans(text)
        assert all(0 <= start < end <= len(text) for start, end in found)
        assert found == sorted(found)

    @given(st.text(alphabet="lLdqu'’ aé_1\u0301กเع", max_size=30))
    @example("Ĺ'L")
    def test_the_fast_way_finds_the_words_of_the_slow_one(self, text: str) -> None:
        slow = [fold(text[start:end]) for start, end in spans(text)]
        assert analyse(text, "fr")[0] == [word for word in slow if word]

    @given(st.text(max_size=80))
    def test_pieces_make_the_text_again(self, text: str) -> None:
        assert "".join(pieces(text)) == text
        assert len(pieces(text)) % 2 == 1

    @given(st.text(max_size=80), st.sampled_from(["en", "fr", "ar", "fa-AF", "ru", "hy", "ka"]))
    def test_every_word_has_a_stem(self, text: str, language: str) -> None:
        words, stems = analyse(text, language)
        assert len(words) == len(stems)
        assert all(words)
        assert all(stems)


class TestStems:
    @pytest.mark.parametrize(
        ("language", "one", "other"),
        [
            ("en", "hospitals", "hospital"),
            ("fr", "médecins", "médecin"),
            ("nl", "woningen", "woning"),
            ("de", "Krankenhäusern", "Krankenhäuser"),
            ("es", "documentos", "documento"),
            ("ar", "المساعدة", "مساعدة"),
            ("ru", "аренды", "аренда"),
            ("hy", "հիվանդանոցներ", "հիվանդանոցի"),
            ("fa-AF", "کتاب‌ها", "كتاب‌ها"),
            ("tr", "evlerde", "evler"),
            ("sq", "banesës", "banesë"),
            ("sq", "puna", "punë"),
            ("ar", "الصحة", "صحة"),
            ("ar", "السكن", "سكن"),
            ("sq", "shkollat", "shkolla"),
            ("ka", "თბილისში", "თბილისი"),
            ("ka", "სკოლების", "სკოლა"),
            ("am", "በሐዋሳ", "ሀዋሳ"),
            ("ti", "ብናጻ", "ናጻ"),
        ],
    )
    def test_forms_of_a_word_share_a_stem(self, language: str, one: str, other: str) -> None:
        assert set(analyse(one, language)[1]) == set(analyse(other, language)[1])

    @pytest.mark.parametrize("language", ["ps", "so", "", "xx"])
    def test_without_a_stemmer_the_word_stands_for_itself(self, language: str) -> None:
        assert stem("Shtëpi", language) == "shtepi"

    def test_a_short_word_keeps_its_ending(self) -> None:
        assert stem("dhe", "sq") == "dhe"
        assert stem("ის", "ka") == "ის"


class TestQueryLanguages:
    @pytest.mark.parametrize(
        ("query", "preferred", "first"),
        [
            ("Waar vind ik een dokter in Kaboel", (), "nl"),
            ("où trouver un médecin pour les enfants", (), "fr"),
            ("where can I find the hospital", ("nl",), "en"),
            ("wie ist das Krankenhaus", (), "de"),
            ("где больница", ("nl",), "ru"),
            ("أين المستشفى", ("nl",), "ar"),
            ("شفاخانه در کابل کجاست", ("nl",), "fa"),
            ("شفاخانه", ("fa-AF",), "fa"),
            ("սենյակ", (), "hy"),
            ("კლინიკა", (), "ka"),
            ("ሐኪም", (), "am"),
            ("Kaboul", ("fr",), "fr"),
        ],
    )
    def test_the_likeliest_language(
        self, query: str, preferred: tuple[str, ...], first: str
    ) -> None:
        assert query_languages(query, preferred)[0] == first

    def test_nouns_alone_are_tried_in_several(self) -> None:
        assert query_languages("passport") == ("en", "fr", "nl", "sq")

    def test_a_word_that_several_languages_share_gives_none_away(self) -> None:
        assert query_languages("acte de naissance", ("fr",))[0] == "fr"
        assert query_languages("acta de nacimiento", ("es",))[0] == "es"
        assert query_languages("de prijs van een huis", ("fr",))[0] == "nl"

    def test_the_interface_counts_beside_the_words(self) -> None:
        assert "fr" in query_languages("where is the clinic", ("fr",))


class TestLists:
    def test_synonyms_go_both_ways(self) -> None:
        found = synonyms()
        assert "insuline" in found["insulin"]
        assert all(word in found[other] for word, others in found.items() for other in others)
        assert all(word not in others for word, others in found.items())

    def test_every_synonym_is_one_word(self) -> None:
        assert all(len(spans(word)) == 1 for word in synonyms())

    def test_a_synonym_is_of_the_languages_that_have_it(self) -> None:
        assert languages_of_synonym("Acte") == ("fr",)
        assert languages_of_synonym("hospital") == ("en", "es")
        assert languages_of_synonym("больница") == ("ru",)
        assert languages_of_synonym("umbrella") == query_languages("umbrella")

    def test_stop_words_are_not_what_people_look_for(self) -> None:
        assert {"the", "het", "les", "и", "في"} <= set(stop_words())
        assert not {"us", "son", "visa", "house", "médecin"} & set(stop_words())
