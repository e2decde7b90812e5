"""Marks stand around what matched, and the cut is where most of it is."""

import pytest
from cri_index.highlight import Highlighter, Marks
from cri_index.reading import Reading, packed, unpacked
from cri_index.words import Meaning, Word
from hypothesis import given
from hypothesis import strategies as some
from pydantic_core import from_json, to_json


def shown(text: str, *words: Word, language: str = "en", crop: int | None = None) -> str:
    marks = Marks("<", ">", "…")
    highlighter = Highlighter(Meaning(words=list(words)), marks)
    return highlighter.show(text, language, mark=True, crop=crop)


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


def test_of_two_beginnings_the_longer_is_marked() -> None:
    words = [Word(each, {each: 1.0}, [each], unfinished=True) for each in ("baghd", "ba")]
    assert shown("Baghdad, Basra", *words) == "<Baghd>ad, <Ba>sra"


def test_a_text_that_was_read_before_is_marked_as_one_that_was_not() -> None:
    texts = {
        "title": "A clinic?",
        "nothing": " ?",
        "text": "Clinics? \tÀ l'hôpital; clinics, a  clinic.",
        "no form": "\u0640 b",
        "end": "the clinic",
    }
    kept, places = packed({name: Reading.of(text, "en") for name, text in texts.items()})
    runs, read = unpacked(from_json(to_json(kept)), places)
    highlighter = Highlighter(Meaning(words=[exactly("clinic")]), Marks("<", ">", "…"))
    matches = highlighter.matches(read, "en")
    for crop in (None, 1, 2, 5):
        for name, text in texts.items():
            plain = highlighter.show(text, "en", mark=True, crop=crop)
            assert matches.show(text, runs[name], mark=True, crop=crop) == plain
    assert matches.show(texts["text"], runs["text"], mark=True, crop=5) == (
        "<Clinics>? \tÀ l'hôpital; <clinics>…"
    )


def test_words_of_a_phrase_are_marked() -> None:
    highlighter = Highlighter(Meaning(phrases=[["rent", "house"]]), Marks("<", ">"))
    assert highlighter.show("Rent a house", "en", mark=True, crop=None) == "<Rent> a <house>"


def test_without_marks_a_text_is_only_cut() -> None:
    highlighter = Highlighter(Meaning(words=[exactly("five")]), Marks("<", ">", "…"))
    assert (
        highlighter.show("One two three four five six.", "en", mark=False, crop=2) == "…four five…"
    )


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


@given(
    words=some.lists(some.sampled_from(["rent", "a"]), min_size=1, max_size=40),
    crop=some.integers(1, 12),
)
def test_of_all_runs_the_first_with_most_matches_is_shown(words: list[str], crop: int) -> None:
    runs = [words[at : at + crop] for at in range(max(1, len(words) - crop + 1))]
    most = max(range(len(runs)), key=lambda at: (runs[at].count("rent"), -at))
    before = "…" if most else ""
    after = "…" if most + crop < len(words) else ""
    cut = before + " ".join(runs[most]) + (" " if after else "") + after
    highlighter = Highlighter(Meaning(words=[exactly("rent")]), Marks())
    shown_words = highlighter.show(" ".join(words), "en", mark=False, crop=crop)
    assert shown_words.replace(" …", "…") == cut.replace(" …", "…")


def test_runs_without_blanks_are_marked_whole() -> None:
    assert shown("ไป กรุงเทพ", exactly("กร"), exactly("รุ"), language="th") == "ไป <กรุงเทพ>"


def test_a_word_is_marked_as_well_among_many_that_are_sought() -> None:
    many = [exactly(f"word{number}") for number in range(40)]
    assert shown("A clinic, word7", exactly("clinic"), *many) == "A <clinic>, <word7>"
    assert shown("A clinic, word7", exactly("clinic"), many[7]) == "A <clinic>, <word7>"
