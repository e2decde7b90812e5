"""Counts of feedback are shown from five answers on, and never say who."""

import pytest
from cri_shared.web.gating import pointing_at_people
from cri_training.rules.feedback import Answer, Change, Closed, Counts, Form, Scale, thought
from cri_training.rules.reports import ALL


def answers(number: int, **marks: int | None) -> list[Answer]:
    given: dict[str, int | None] = {"useful": 5, "prepared": 4, "pace": None, **marks}
    return [Answer(given, {"obstacles": True, "remark": False})] * number


def counts(given: list[Answer]) -> Counts | None:
    """What is told of one edition."""
    return thought([Closed((ALL,), [Form(str(n), None, one) for n, one in enumerate(given)])]).get(
        ALL
    )


def test_below_five_answers_nothing_is_said() -> None:
    assert counts(answers(4)) is None
    assert counts([]) is None


def test_from_five_on_there_are_counts() -> None:
    shown = counts(answers(5))
    assert shown is not None
    assert shown.answers == 5
    assert shown.marks["useful"] == Scale((0, 0, 0, 0, 5))
    assert shown.marks["pace"] == Scale((0, 0, 0, 0, 0))
    assert shown.wrote == {"obstacles": 5, "remark": 0}


def test_a_question_with_fewer_than_five_answers_is_not_told() -> None:
    shown = counts([*answers(5), *answers(4, pace=2)])
    assert shown is not None
    assert shown.marks["pace"] is None


def test_who_gives_both_marks_is_a_pair_and_nobody_is_joined() -> None:
    before = counts([*answers(4, sure_before=2, sure_now=4), *answers(9, sure_now=3)])
    after = counts(
        [
            *answers(4, sure_before=2, sure_now=4),
            *answers(2, sure_before=3, sure_now=3),
            *answers(1, sure_before=3, sure_now=1),
        ]
    )
    assert before is not None
    assert after is not None
    assert (before.change, after.change) == (None, Change(surer=4, same=2, less=1))


def test_a_picture_stands_around_its_middle_mark() -> None:
    assert Scale((0, 0, 4, 0, 0)).bars[2] == (25, 50)
    bars = Scale((1, 1, 2, 3, 3)).bars
    assert bars[0][0] == 35
    assert bars[2] == (45, 10)
    assert sum(width for _, width in bars) == 50
    assert Scale((0, 0, 0, 0, 0)).mean == 0
    assert Scale((1, 0, 0, 0, 1)).mean == 3


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
