"""The gate: what it sees at a door, and what a person said about it."""

import pytest
from cri_shared.privacy.gate import (
    Suspect,
    by_kind,
    look_in_any,
    once,
    personal,
    said_in,
    suspects,
    told,
    unexplained,
)


def kinds_in(text: str, language: str = "en") -> list[str]:
    return [suspect.kind for suspect in personal(text, language)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Call me on 0470 12 34 56", "phone"),
        ("write to sofie@example.org", "email"),
        ("the file is 8.123.456", "identifier"),
        ("pay to BE68 5390 0754 7034", "iban"),
        ("ask Zvartnots Fictivian about it", "name"),
    ],
)
def test_what_belongs_to_a_person_is_seen(text: str, kind: str) -> None:
    assert kind in kinds_in(text)


@pytest.mark.parametrize(
    "text",
    ["", "It costs 12 000 francs since 2024.", "They speak Armenian and Fula there."],
)
def test_prices_years_and_languages_belong_to_nobody(text: str) -> None:
    assert kinds_in(text) == []


def test_the_place_that_a_text_is_about_is_no_name() -> None:
    assert personal("Nobody at the Zorgvlek office knows.", "en", about=["Zorgvlek"]) == []


def test_the_same_words_are_asked_about_once_however_they_are_written() -> None:
    found = suspects("Fictivian came, and FICTIVIAN went.", "en")
    assert len(found) == 2
    assert len(once(found)) == len({suspect.mark for suspect in found}) == 1


def test_a_reason_is_for_the_words_it_was_given_for() -> None:
    old, new = Suspect("name", "Fictivian", 0, 9), Suspect("name", "Examplyan", 12, 21)
    form = {"keep_name": "public_body", "marks_name": old.mark, f"keep_{new.mark}": "nonsense"}
    assert unexplained([old, new], said_in(form)) == [new]
    assert said_in({f"keep_{new.mark}": "other"}) == {new.mark: "other"}


def test_suspects_are_told_and_grouped_by_kind() -> None:
    found = [Suspect("name", "A", 0, 1), Suspect("phone", "1", 2, 3), Suspect("name", "B", 4, 5)]
    assert told(found) == "“A”, “1”, “B”"
    assert [len(group) for group in by_kind(found).values()] == [2, 1]


async def test_places_and_days_may_stand_in_a_public_text() -> None:
    text = "Born on 12 March 1987 in Vagharshapat, phone 0470 12 34 56."
    assert {suspect.kind for suspect in await look_in_any(text, ["en"])} == {"phone"}
    assert await look_in_any(None, ["en"]) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Nobody knows the price of medicines there.", 0),
        ("Niemand weet wat medicijnen daar kosten.", 0),
        ("Vraag het aan Zvartnots Fictivian.", 1),
        ("Ask Zvartnots Fictivian.", 1),
    ],
)
async def test_a_name_is_one_in_every_language(text: str, names: int) -> None:
    assert len(await look_in_any(text, ["en", "fr", "nl"])) == names
