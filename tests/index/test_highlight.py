"""Marks stand around what matched, and the cut is where most of it is."""

import pytest
from cri_index.highlight import Highlighter, Marks
from cri_index.words import Meaning, Word


def shown(text: str, *words: Word, language: str = "en", crop: int | None = None) -> str:
    marks = Marks("<", ">", "…")
    return Highlighter(Meaning(words=list(words)), language, marks).show(text, mark=True, crop=crop)


def exactly(text: str) -> Word:
    return Word(text, {text: 1.0}, [text])


def test_the_word_is_marked_however_it_is_written() -> None:
    assert shown("À l'Hôpital, hôpital!", exactly("hopital")) == "À l'<Hôpital>, <hôpital>!"


def test_near_spellings_and_forms_are_marked() -> None:
    word = Word("clincs", {"clincs": 1.0, "clinics": 0.9}, ["clinic"])
    assert shown("Clinics? A clinic.", word) == "<Clinics>? A <clinic>."


def test_only_the_beginning_of_a_completed_word_is_marked() -> None:
    word = Word("bagh", {"bagh": 1.0, "baghdad": 0.6}, ["bagh"], unfinished=True)
    assert shown("Baghdad and Bagh", word) == "<Bagh>dad and <Bagh>"


def test_words_of_a_phrase_are_marked() -> None:
    highlighter = Highlighter(Meaning(phrases=[["rent", "house"]]), "en", Marks("<", ">"))
    assert highlighter.show("Rent a house", mark=True, crop=None) == "<Rent> a <house>"


def test_without_marks_a_text_is_only_cut() -> None:
    highlighter = Highlighter(Meaning(words=[exactly("five")]), "en", Marks("<", ">", "…"))
    assert highlighter.show("One two three four five six.", mark=False, crop=2) == "…four five…"


@pytest.mark.parametrize(
    ("text", "crop", "cut"),
    [
        ("one two three", 3, "one two three"),
        ("one two three.", 2, "one two…"),
        ("a b c rent d e house, rent", 3, "…e <house>, <rent>"),
        ("rent! a b c", 2, "<rent>! a…"),
        ("  (rent) ", 1, "  (<rent>) "),
        ("", 3, ""),
        ("?!", 3, "?!"),
    ],
)
def test_a_text_is_cut_where_most_matches_are(text: str, crop: int, cut: str) -> None:
    assert shown(text, exactly("rent"), exactly("house"), crop=crop) == cut


def test_runs_without_blanks_are_marked_whole() -> None:
    assert shown("ไป กรุงเทพ", exactly("กร"), exactly("รุ"), language="th") == "ไป <กรุงเทพ>"
