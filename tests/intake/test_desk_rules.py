"""What an officer must say of a text, and when another one must look at it."""

import pytest
from cri_intake.rules.desk import (
    Decision,
    Said,
    Spotted,
    cue_mark,
    decision_in,
    rewritten,
    why_second,
)
from cri_intake.rules.figures import Line, months
from cri_shared.privacy.detectors import CHECKLIST, Cue
from cri_shared.privacy.gate import Suspect
from cri_shared.privacy.gate_words import REASON_WORDS, Reason

NAME = Spotted(Suspect("name", "Karen", 4, 9, "a person"), "text")
CUE = Cue(0, 4, "only", "unique_office")
ALL_NO = {item.id: "no" for item in CHECKLIST}


def form(**values: str) -> dict[str, str]:
    return {f"{name}_{NAME.mark}": value for name, value in values.items()}


@pytest.mark.parametrize(
    ("values", "decision"),
    [
        (form(do="accept"), Decision("accepted", "iemand")),
        (form(do="replace", **{"with": " a man "}), Decision("replaced", "a man")),
        (form(do="replace", **{"with": "  "}), None),
        (form(do="keep", keep="public_body"), Decision("kept", "public_body")),
        (form(do="keep", keep="place"), None),
        (form(do="keep"), None),
        ({}, None),
    ],
)
def test_a_suspect_gets_one_clear_answer(values: dict[str, str], decision: Decision | None) -> None:
    assert decision_in(values, NAME, "iemand") == decision


def test_what_leaves_beside_the_text_can_only_be_explained() -> None:
    place = Spotted(Suspect("place", "Zorgvlek", 0, 8), "place", "small")
    values = {f"do_{place.mark}": "", f"keep_{place.mark}": "region"}
    del values[f"do_{place.mark}"]
    assert decision_in(values, place, "") == Decision("kept", "region")


def test_that_readers_need_it_keeps_a_town_and_never_a_village() -> None:
    suspect = Suspect("place", "Limete", 0, 6)
    assert Reason.PLACE in Spotted(suspect, "text", "town").reasons
    assert Reason.PLACE not in Spotted(suspect, "text", "small").reasons


def test_every_kind_has_reasons_with_words() -> None:
    for kind in ("name", "phone", "email", "date", "age", "address", "url", "identifier"):
        reasons = Spotted(Suspect(kind, "x", 0, 1), "text").reasons
        assert reasons
        assert set(reasons) <= REASON_WORDS.keys()


def test_other_words_stand_wherever_the_suspect_stood() -> None:
    text = "Ask Karen, or Karen's brother."
    found = [Suspect("name", "Karen", 4, 9), Suspect("name", "Karen", 14, 19)]
    decisions = {found[0].mark: Decision("accepted", "a person")}
    assert rewritten(text, found, decisions) == "Ask a person, or a person's brother."
    assert rewritten(text, found, {found[0].mark: Decision("kept", "other")}) == text


def test_what_was_said_survives_being_sealed() -> None:
    said = Said({"a": "place"}, {"b": ("name", "accepted")}, ALL_NO, ["a", "b"])
    assert Said.from_json(said.to_json()) == said


def test_a_reason_that_is_not_offered_answers_nothing() -> None:
    assert Said(kept={NAME.mark: "place"}).open_suspects([NAME]) == [NAME]
    assert Said(kept={NAME.mark: "ordinary_word"}).open_suspects([NAME]) == []


def test_a_cue_word_asks_again_until_it_was_seen() -> None:
    assert Said(checklist=ALL_NO).unseen([CUE]) == [CUE]
    assert Said(checklist=ALL_NO, shown=[cue_mark(CUE)]).unseen([CUE]) == []
    assert Said(checklist=ALL_NO | {"unique_office": "yes"}).unseen([CUE]) == []


@pytest.mark.parametrize(
    ("sensitivity", "said", "cues", "leaks", "why"),
    [
        ("green", Said(checklist=ALL_NO), [CUE], False, []),
        ("green", Said(checklist=ALL_NO), [], True, ["leaks"]),
        ("amber", Said(checklist=ALL_NO), [], False, []),
        ("amber", Said(checklist=ALL_NO), [CUE], False, ["cues"]),
        ("red", Said(checklist=ALL_NO), [], False, ["red"]),
        ("green", Said(checklist=ALL_NO | {"exact_dates": "yes"}), [], False, ["checklist"]),
        ("green", Said(kept={"a": "other"}), [], False, ["other"]),
    ],
)
def test_who_must_look_and_why(
    sensitivity: str, said: Said, cues: list[Cue], leaks: bool, why: list[str]
) -> None:
    assert why_second(sensitivity, said, cues=cues, leaks=leaks) == why


class TestFigures:
    @pytest.mark.parametrize(
        ("seen", "missed", "recall"),
        [(45, 5, 90), (5, 0, 100), (4, 0, None), (45, 4, None), (0, 6, 0)],
    )
    def test_a_share_is_told_where_no_number_behind_it_is_small(
        self, seen: int, missed: int, recall: int | None
    ) -> None:
        assert Line("name", "nl", {"seen": seen, "missed": missed}).recall == recall

    def test_small_numbers_are_not_told(self) -> None:
        line = Line("name", "nl", {"seen": 5, "missed": 4})
        assert [line.shown(v) for v in ("seen", "missed", "kept")] == [5, None, 0]

    def test_months_come_newest_first_and_add_up(self) -> None:
        rows = [
            ("2026-10", "name", "nl", "kept", 5),
            ("2026-11", "name", "nl", "kept", 2),
            ("2026-11", "phone", "fr", "kept", 3),
            ("2026-11", "phone", "fr", "accepted", 5),
        ]
        newest, oldest = months(rows)
        assert (newest.month, oldest.month) == ("2026-11", "2026-10")
        assert newest.total.numbers["kept"] == 5
        assert newest.total.false_alarms == 50

    def test_a_month_is_told_language_by_language(self) -> None:
        rows = [
            ("2026-11", "name", "nl", "seen", 9),
            ("2026-11", "name", "fr", "seen", 5),
            ("2026-11", "phone", "nl", "seen", 6),
        ]
        (month,) = months(rows)
        told = [(one.language, one.total.numbers["seen"]) for one in month.languages]
        assert told == [("fr", 5), ("nl", 15)]
