"""Who fits a question: the scores as a table, and what holds for every partner there may be."""

import datetime as dt

import pytest
from cri_research.rules.matching import (
    MAX_SCORE,
    Candidate,
    Match,
    Record,
    Wanted,
    fits_automatically,
    match,
    rank,
)
from hypothesis import given, settings
from hypothesis import strategies as st

TODAY = dt.date(2026, 3, 5)
WANTED = Wanted("AM", frozenset({"health.medication", "health.access"}), "en", "Shirak (Gyumri)")


def candidate(**changed: object) -> Candidate:
    return Candidate(**{"partner_id": "p", "countries": frozenset({"AM"}), **changed})  # type: ignore[arg-type]


class TestScores:
    @pytest.mark.parametrize(
        ("changed", "score"),
        [
            ({}, 30 + 10 + 12 + 0 + 10 + 5),
            ({"regions": ("Shirak",)}, 30 + 15 + 12 + 0 + 10 + 5),
            ({"regions": ("shírak province",)}, 30 + 15 + 12 + 0 + 10 + 5),
            ({"regions": ("Lori",)}, 30 + 0 + 12 + 0 + 10 + 5),
            ({"languages": frozenset({"en"})}, 30 + 10 + 12 + 15 + 10 + 5),
            ({"topics": frozenset({"health.access"})}, 30 + 10 + 10 + 0 + 10 + 5),
            ({"topics": frozenset({"housing.rent"})}, 30 + 10 + 0 + 0 + 10 + 5),
            ({"capacity": 2, "open_assignments": 1}, 30 + 10 + 12 + 0 + 5 + 5),
            ({"capacity": 1, "open_assignments": 1}, 30 + 10 + 12 + 0 + 0 + 5),
            ({"record": Record(answered=4)}, 30 + 10 + 12 + 0 + 10 + 10),
            ({"record": Record(answered=2, declined=2)}, 30 + 10 + 12 + 0 + 10 + 5),
            ({"record": Record(answered=2, late=2)}, 30 + 10 + 12 + 0 + 10 + 5),
        ],
    )
    def test_each_reason_gives_its_points(self, changed: dict[str, object], score: int) -> None:
        found = match(WANTED, candidate(**changed), TODAY)
        assert found.score == score
        assert found.score == sum(r.points for r in found.reasons)

    def test_a_question_about_no_region_costs_nobody_points(self) -> None:
        anywhere = Wanted("AM", WANTED.topics, "en")
        assert match(anywhere, candidate(regions=("Lori",)), TODAY).score == 30 + 15 + 12 + 10 + 5


class TestBars:
    @pytest.mark.parametrize(
        ("changed", "why"),
        [
            ({"countries": frozenset({"GE"})}, "Does not work in this country"),
            ({"declined_this": True}, "Declined this question"),
            ({"has_this": True}, "Has this question already"),
            ({"suspended": True}, "Is suspended"),
            ({"lacks_pin": True}, "Needs a PIN first"),
            ({"agreement_from": dt.date(2026, 3, 6)}, "Has no agreement at present"),
            ({"agreement_until": dt.date(2026, 3, 4)}, "Has no agreement at present"),
        ],
    )
    def test_who_cannot_be_sent_it_and_why(self, changed: dict[str, object], why: str) -> None:
        barred = match(WANTED, candidate(**changed), TODAY).barred
        assert barred is not None
        assert barred.text == why

    def test_an_agreement_holds_on_its_first_and_last_day(self) -> None:
        day = {"agreement_from": TODAY, "agreement_until": TODAY}
        assert match(WANTED, candidate(**day), TODAY).barred is None

    def test_a_partner_of_another_country_is_not_even_listed(self) -> None:
        fitting, barred = rank(WANTED, [candidate(countries=frozenset({"GE"}))], TODAY)
        assert (fitting, barred) == ([], [])


class TestThePolicy:
    GOOD = Match("p", 80, ())

    @pytest.mark.parametrize(
        ("best", "sensitivity", "goes"),
        [
            (GOOD, "green", True),
            (GOOD, "amber", True),
            (GOOD, "red", False),
            (Match("p", 59, ()), "green", False),
            (Match("p", 60, ()), "green", True),
            (Match("p", 99, (), by_policy=False), "green", False),
            (None, "green", False),
        ],
    )
    def test_only_a_good_match_for_a_harmless_question_goes_alone(
        self, best: Match | None, sensitivity: str, goes: bool
    ) -> None:
        assert fits_automatically(best, threshold=60, sensitivity=sensitivity) is goes

    def test_nobody_gets_more_than_it_can_take_or_what_was_taken_from_it(self) -> None:
        full = candidate(capacity=1, open_assignments=1)
        assert not match(WANTED, full, TODAY).by_policy
        assert not match(WANTED, candidate(taken_back=True), TODAY).by_policy


codes = st.sampled_from(["AM", "GE", "CD"])
topics = st.frozensets(st.sampled_from(["health.medication", "health.access", "housing.rent"]))
candidates = st.builds(
    Candidate,
    partner_id=st.text("abc", min_size=1, max_size=6),
    countries=st.frozensets(codes, min_size=1),
    regions=st.lists(st.sampled_from(["Shirak", "Lori", "Goma"]), max_size=2).map(tuple),
    topics=topics,
    languages=st.frozensets(st.sampled_from(["en", "fr", "ru"])),
    capacity=st.integers(1, 9),
    open_assignments=st.integers(0, 12),
    suspended=st.booleans(),
    lacks_pin=st.booleans(),
    record=st.builds(
        Record, answered=st.integers(0, 9), declined=st.integers(0, 9), late=st.integers(0, 9)
    ),
    declined_this=st.booleans(),
    has_this=st.booleans(),
    taken_back=st.booleans(),
)
questions = st.builds(
    Wanted,
    country=codes,
    topics=topics.filter(bool),
    language=st.sampled_from(["en", "fr", "sq"]),
    region=st.none() | st.sampled_from(["Shirak (Gyumri)", "Goma"]),
)


class TestWhatAlwaysHolds:
    @settings(max_examples=200)
    @given(questions, st.lists(candidates, max_size=8, unique_by=lambda c: c.partner_id))
    def test_nobody_is_suggested_who_must_not_be_asked(
        self, wanted: Wanted, everybody: list[Candidate]
    ) -> None:
        by_id = {c.partner_id: c for c in everybody}
        fitting, barred = rank(wanted, everybody, TODAY)
        for found in fitting:
            one = by_id[found.partner_id]
            assert wanted.country in one.countries
            bars = (one.suspended, one.declined_this, one.has_this, one.lacks_pin)
            assert not any(bars)
            assert 0 <= found.score <= MAX_SCORE == 100
        assert not {m.partner_id for m in fitting} & {m.partner_id for m in barred}
        assert [m.score for m in fitting] == sorted((m.score for m in fitting), reverse=True)

    @settings(max_examples=200)
    @given(questions, st.lists(candidates, max_size=8, unique_by=lambda c: c.partner_id))
    def test_the_order_of_the_registry_does_not_matter(
        self, wanted: Wanted, everybody: list[Candidate]
    ) -> None:
        assert rank(wanted, everybody, TODAY) == rank(wanted, everybody[::-1], TODAY)

    @settings(max_examples=200)
    @given(questions, candidates)
    def test_knowing_more_never_costs_points(self, wanted: Wanted, one: Candidate) -> None:
        if not one.topics:
            return
        wiser = Candidate(
            **{
                **{f: getattr(one, f) for f in one.__dataclass_fields__},
                "topics": one.topics | wanted.topics,
                "languages": one.languages | {wanted.language},
            }
        )
        assert match(wanted, wiser, TODAY).score >= match(wanted, one, TODAY).score
