"""What the check finds in an answer, and what may leave of its sources."""

import datetime as dt
from dataclasses import replace

import pytest
from cri_research.rules.answers import KINDS, Answer, SourceLine, public_sources
from cri_research.rules.completeness import findings
from cri_research.rules.people import Seen, leaving, look_at, still_open
from cri_shared.privacy.gate import said_in
from cri_shared.privacy.leakcheck import CaseFacts

TODAY = dt.date(2026, 3, 14)
VISIT = SourceLine(1, "visit", "Visit to three pharmacies", dt.date(2026, 3, 13))
NURSE = SourceLine(
    2,
    "interview",
    "Nurse Anahit",
    dt.date(2026, 3, 12),
    public_label="A health worker",
    publisher="Polyclinic Twelve",
    confidentiality="internal",
)
GOOD = Answer(
    outcome="found",
    text="Both types were in stock. One month costs 21,000 dram (March 2026).",
    language="en",
    information_date=dt.date(2026, 3, 13),
    sources=(VISIT, NURSE),
)


def codes(answer: Answer, *, names: tuple[str, ...] = ()) -> dict[str, str]:
    seen = look_at([answer], ["Armenia"], CaseFacts(other=names))
    found = findings(answer, ["health.medication"], TODAY, seen)
    return {f.code: f.level for f in found}


def test_a_good_answer_has_no_findings() -> None:
    assert codes(GOOD) == {}


@pytest.mark.parametrize(
    ("changed", "code", "level"),
    [
        ({"sources": ()}, "no-source", "stop"),
        ({"sources": (VISIT,)}, "single-source", "look"),
        ({"sources": (VISIT, replace(NURSE, quotes=1))}, "single-source", "look"),
        ({"sources": (replace(VISIT, kind="media"),)}, "media-only", "stop"),
        ({"sources": (replace(VISIT, primary=False),)}, "second-hand", "look"),
        ({"sources": (VISIT, replace(NURSE, public_label=None))}, "no-public-label", "stop"),
        ({"sources": (VISIT, replace(NURSE, kind="web"))}, "undated-source", "look"),
        ({"information_date": dt.date(2026, 3, 15)}, "future", "stop"),
        ({"information_date": dt.date(2025, 3, 15)}, "stale", "look"),
        (
            {"text": "One month costs 21,000 dram. It was seen in March 2026."},
            "undated-price",
            "look",
        ),
        ({"text": "Un mois coûte 35 dollars."}, "undated-price", "look"),
        ({"text": "Een maand kost € 12."}, "undated-price", "look"),
        ({"text": "Insulin is currently there."}, "undated-word", "look"),
        ({"text": "L’insuline est actuellement en stock."}, "undated-word", "look"),
        ({"text": "De insuline is momenteel op."}, "undated-word", "look"),
        ({"text": "We could not find the price."}, "outcome-found", "look"),
        ({"outcome": "not_found"}, "tried", "stop"),
        ({"outcome": "partly"}, "tried", "stop"),
        (
            {"outcome": "not_found", "tried": "Calls", "text": "x" * 300},
            "outcome-not-found",
            "look",
        ),
        ({"do_not_publish": True}, "do-not-publish", "look"),
        ({"text": "Ask anahit@clinic.example."}, "personal-email", "stop"),
        ({"text": "Call +374 10 123456 before you go."}, "personal-phone", "stop"),
    ],
)
def test_each_lack_is_found(changed: dict[str, object], code: str, level: str) -> None:
    assert codes(replace(GOOD, **changed)).get(code) == level  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "The fee was 100 000 francs in February 2026.",
        "They wait 12 to 20 days.",
        "Snow is on the ground; the nowhere road is open.",
        "Rent was 350 to 480 euro in February 2026.",
    ],
)
def test_ordinary_sentences_are_left_alone(text: str) -> None:
    assert codes(replace(GOOD, text=text)) == {}


def test_who_must_not_be_named_must_not_be_named() -> None:
    answer = replace(GOOD, text="We at  ararat return DESK went there.")
    assert codes(answer, names=("Ararat Return Desk",))["names-partner"] == "stop"
    labelled = replace(GOOD, sources=(replace(VISIT, label="Ararat Return Desk visit"), NURSE))
    assert codes(labelled, names=("Ararat Return Desk",))["names-partner"] == "stop"
    inside = replace(GOOD, sources=(VISIT, replace(NURSE, label="Ararat Return Desk nurse")))
    assert codes(inside, names=("Ararat Return Desk",)) == {}


class TestPeople:
    def test_only_words_that_leave_are_looked_at(self) -> None:
        assert [name for name, _ in leaving(GOOD)] == [
            "text",
            "source_1_label",
            "source_2_public_label",
        ]

    def test_what_may_be_a_persons_is_asked_about_by_field(self) -> None:
        answer = replace(
            GOOD, text="a@b.example or +374 10 123456", tried="Asked Doctor Fictivian."
        )
        seen = look_at([answer], [], CaseFacts())
        found = {name: [one.kind for one in group] for name, group in still_open(answer, seen, {})}
        assert found == {"text": ["email", "phone"], "tried": ["name"]}

    def test_a_reason_must_fit_the_kind(self) -> None:
        answer = replace(GOOD, text="Call +374 10 123456 before you go.")
        seen = look_at([answer], [], CaseFacts())
        (phone,) = seen.within(answer)
        assert list(still_open(answer, seen, {phone.mark: "place"}))
        said = said_in({"keep_phone": "public_body", "marks_phone": phone.mark})
        assert not list(still_open(answer, seen, said))
        levels = {
            f.code: f.level for f in findings(answer, ["health.medication"], TODAY, seen, said)
        }
        assert levels["personal-phone"] == "look"

    def test_words_that_nobody_looked_at_stop_the_answer(self) -> None:
        found = findings(GOOD, ["health.medication"], TODAY, Seen())
        assert [f.code for f in found] == ["not-looked-at"]

    def test_an_individual_is_known_by_a_name_in_any_order(self) -> None:
        answer = replace(GOOD, text="We at FICTIVIAN, Zvartnots went there.")
        seen = look_at([answer], [], CaseFacts(names=("Zvartnots Fictivian",)))
        assert "names-partner" in {
            f.code for f in findings(answer, ["health.medication"], TODAY, seen)
        }


class TestWhatMayLeave:
    def test_of_an_internal_source_only_its_label_its_kind_and_its_dates(self) -> None:
        (_, public) = public_sources(GOOD.sources, kind_names=KINDS)
        assert (public.label, public.publisher, public.url) == ("A health worker", None, None)
        assert public.consulted_on == NURSE.consulted_on

    def test_without_a_label_the_kind_must_do(self) -> None:
        lines = [replace(NURSE, public_label=None)]
        assert public_sources(lines, kind_names=KINDS)[0].label == "Interview"

    def test_a_publisher_that_is_the_hidden_partner_is_left_out(self) -> None:
        lines = [replace(VISIT, publisher="Ararat Return Desk")]
        assert public_sources(lines, kind_names=KINDS)[0].publisher == "Ararat Return Desk"
        hidden = public_sources(lines, kind_names=KINDS, secret_names=["Ararat Return Desk"])
        assert hidden[0].publisher is None

    def test_a_repeated_source_is_named_by_its_place_in_the_list(self) -> None:
        lines = [replace(VISIT, number=3), replace(NURSE, number=5, quotes=3)]
        assert [s.quotes for s in public_sources(lines, kind_names=KINDS)] == [None, 0]


def test_an_answer_comes_back_from_its_seal_as_it_went_in() -> None:
    assert Answer.from_json(GOOD.to_json()) == GOOD
    whole = replace(GOOD, period_from=TODAY, period_to=TODAY, tried="x", do_not_publish=True)
    assert Answer.from_json(whole.to_json()) == whole
