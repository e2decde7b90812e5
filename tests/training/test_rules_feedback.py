"""Counts of feedback are shown from five answers on, and never say who."""

import pytest
from cri_shared.web.gating import pointing_at_people
from cri_training.rules.feedback import Answer, counts


def answers(number: int) -> list[Answer]:
    marks: dict[str, int | None] = {"useful": 5, "prepared": 4, "pace": None}
    return [Answer(marks, {"obstacles": True, "remark": False})] * number


def test_below_five_answers_nothing_is_said() -> None:
    assert counts(answers(4)) is None
    assert counts([]) is None


def test_from_five_on_there_are_counts() -> None:
    shown = counts(answers(5))
    assert shown is not None
    assert shown.answers == 5
    assert shown.marks["useful"] == [(1, 0), (2, 0), (3, 0), (4, 0), (5, 5)]
    assert sum(number for _, number in shown.marks["pace"]) == 0
    assert shown.wrote == {"obstacles": 5, "remark": 0}


@pytest.mark.parametrize(
    "text",
    [
        "Call me on 0470 12 34 56",
        "write to sofie@example.org",
        "see https://example.org/case",
        "file 8.123.456",
        "Voorbeeldstraat 12",
        "BE68 5390 0754 7034",
    ],
)
async def test_numbers_and_addresses_of_people_are_found(text: str) -> None:
    assert await pointing_at_people(text)


@pytest.mark.parametrize(
    "text",
    [
        "Nobody knows a price there.",
        "People fear that talking is pressure.",
        "Niemand weet dat.",
        "In 2026 I had 12 talks of 2 hours.",
        None,
        "",
    ],
)
async def test_ordinary_words_are_not_refused(text: str | None) -> None:
    assert await pointing_at_people(text) == []
