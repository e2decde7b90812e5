"""Agreement as Cohen counts it, sentences without people, counts that single out nobody."""

import datetime as dt

import pytest
from cri_shared.privacy.gate import Suspect
from cri_training.rules.agreement import Agreement, agreement
from cri_training.rules.disclosure import FEWEST, people, shown
from cri_training.rules.obstacles import code_of, next_quarter, quarter_of
from cri_training.rules.passages import Piece, passages
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("counted", "kappa"),
    [
        (Agreement(20, 5, 10, 15), 0.4),  # observed 0.7, expected 0.5
        (Agreement(45, 15, 25, 15), 0.1304),  # the same share agrees, and less of it by choice
        (Agreement(25, 35, 5, 35), 0.2593),
        (Agreement(3, 0, 0, 7), 1.0),
        (Agreement(0, 5, 5, 0), -1.0),
        (Agreement(0, 0, 0, 9), None),
        (Agreement(9, 0, 0, 0), None),
        (Agreement(0, 0, 0, 0), None),
    ],
)
def test_kappa_is_agreement_beyond_chance(counted: Agreement, kappa: float | None) -> None:
    assert counted.kappa == (None if kappa is None else pytest.approx(kappa, abs=0.0001))


def test_two_readers_are_compared_passage_by_passage() -> None:
    assert agreement({0, 1, 2}, {1, 2, 3}, 6) == Agreement(both=2, first=1, second=1, neither=2)


TEXT = "They fear Jan. Pressure works! Call 0470 12 34 56; or not?\nNo."


def test_a_text_is_cut_into_sentences_and_names_stand_in_none() -> None:
    found = [
        Suspect("name", "Jan", 10, 13, "a person"),
        Suspect("phone", "0470 12 34 56", 36, 49, "a phone number"),
    ]
    assert passages(TEXT, found) == [
        (Piece("They fear "), Piece("", "a person"), Piece(".")),
        (Piece(" Pressure works!"),),
        (Piece(" Call "), Piece("", "a phone number"), Piece(";")),
        (Piece(" or not?"),),
        (Piece("No."),),
    ]


def test_sentences_keep_their_numbers_whatever_is_found_across_them() -> None:
    across = [Suspect("name", "Jan. Pressure", 10, 23, "a person")]
    assert len(passages(TEXT, across)) == len(passages(TEXT, []))
    words = "".join(piece.text for passage in passages(TEXT, across) for piece in passage)
    assert "Jan" not in words
    assert "Pressure" not in words


def test_codes_are_called_after_their_titles() -> None:
    assert code_of("Angst voor 't gesprek – druk!") == "angst-voor-t-gesprek-druk"
    assert code_of("خوف") == "code"
    assert quarter_of(dt.date(2026, 12, 31)) == dt.date(2026, 10, 1)
    assert next_quarter(dt.date(2026, 10, 1)) == dt.date(2027, 1, 1)


CUTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=40)


@given(CUTS)
def test_no_two_numbers_that_are_shown_tell_of_fewer_than_five(
    answers: list[tuple[int, int, bool]],
) -> None:
    everybody = people(range(len(answers)))
    wanted = {("all", 0): everybody}
    for place, kind in enumerate(("edition", "role", "said")):
        for value in range(4):
            members = people(n for n, one in enumerate(answers) if one[place] == value)
            wanted[kind, value] = members
    for edition in range(4):
        wanted["edition and said", edition] = wanted["edition", edition] & wanted["said", 1]
    editions = [key for key in wanted if key[0] == "edition"]
    numbers = shown(wanted, [(("all", 0), editions)])
    sets = [wanted[key] for key, number in numbers.items() if number is not None]
    for one in sets:
        for other in sets:
            if one & other == one:
                assert (other & ~one).bit_count() not in range(1, FEWEST)
    if numbers["all", 0] is not None:
        hidden = everybody
        for key in editions:
            if numbers[key] is not None:
                hidden &= ~wanted[key]
        assert hidden.bit_count() not in range(1, FEWEST)


def test_what_is_large_enough_is_shown() -> None:
    ten, six = people(range(10)), people(range(5))
    assert shown({"all": ten, "some": six}) == {"all": 10, "some": 5}
    assert shown({"all": ten, "most": people(range(8))}) == {"all": 10, "most": None}
    assert shown({"few": people(range(4))}) == {"few": None}
    assert shown({"nobody": 0}) == {"nobody": 0}
