"""Whatever closes in whatever order, no two reports, of one day or of two, tell of a few people."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product

from cri_training.rules.disclosure import FEWEST, people, tells_of_few
from cri_training.rules.feedback import (
    ANSWERED,
    BEFORE,
    NOW,
    RATED,
    Answer,
    Closed,
    Form,
    thought,
    told,
)
from cri_training.rules.lots import Cut, Lot, lots
from cri_training.rules.reports import ALL, cuts_of
from cri_training.rules.spoken import EVERYBODY, spoken, who_spoke
from hypothesis import example, given
from hypothesis import strategies as st

QUARTERS = [dt.date(2026, 7, 1), dt.date(2026, 10, 1), dt.date(2027, 1, 1)]
MARK = st.sampled_from([None, 1, 5])
FORM = st.builds(
    lambda role, useful, before, now: Form(
        "",
        role,
        Answer(dict.fromkeys(RATED) | {"useful": useful, BEFORE: before, NOW: now}, {}),
    ),
    st.sampled_from([None, "interpreter", "legal_aid", "volunteer"]),
    *[MARK] * 3,
)
EDITION = st.tuples(st.sampled_from(QUARTERS), st.lists(FORM, max_size=14))
CLOSINGS = st.lists(EDITION, max_size=7).map(
    lambda held: [
        Closed(cuts_of(str(n), quarter), forms) for n, (quarter, forms) in enumerate(held)
    ]
)


def form(role: str | None, useful: int | None = 3) -> Form:
    return Form("", role, Answer(dict.fromkeys(RATED) | {"useful": useful}, {}))


def closings(*held: Sequence[Form]) -> list[Closed]:
    return [Closed(cuts_of(str(n), QUARTERS[0]), forms) for n, forms in enumerate(held)]


def beginnings(closed: list[Closed]) -> list[list[Closed]]:
    """What was closed at each report."""
    return [closed[:n] for n in range(len(closed) + 1)]


def isolated(sets: Iterable[int]) -> list[tuple[int, int]]:
    """The pairs, one within the other, that differ by a few people."""
    return [
        (one, other)
        for one, other in combinations({0, *sets}, 2)
        if one & other in (one, other) and tells_of_few((one ^ other).bit_count())
    ]


SPLIT_BY_ROLE = closings(
    [*[form("legal_aid")] * 6, form("volunteer")], [form("legal_aid"), *[form("volunteer")] * 5]
)
NO_ROLE_IS_FEW = closings(
    [*[form("legal_aid")] * 5, *[form("volunteer")] * 5, *[form(None)] * 3], [form(None)] * 9
)


@given(CLOSINGS)
@example(closings([form(None)] * 6, [form(None)] * 3, [form(None)] * 4))
@example(closings([form(None)] * 6, [*[form(None)] * 5, *[form(None, None)] * 4]))
@example(SPLIT_BY_ROLE)
def test_no_two_reports_of_feedback_differ_by_a_few(closed: list[Closed]) -> None:
    seen: dict[str, set[int]] = defaultdict(set)
    for state in beginnings(closed):
        for name, by in told(state).items():
            seen[name] |= set(by.values())
    for sets in seen.values():
        assert isolated(sets) == []


@given(CLOSINGS)
@example(NO_ROLE_IS_FEW)
def test_who_did_not_tell_their_work_is_not_what_is_left(closed: list[Closed]) -> None:
    for name in (ANSWERED, "useful"):
        states = [told(state)[name] for state in beginnings(closed)]
        by: dict[Cut, set[int]] = defaultdict(set)
        for state in states:
            for cut, whose in state.items():
                by[cut].add(whose)
        roles = [sets | {0} for cut, sets in by.items() if cut[0] == "role"]
        for whole, parts in product(by[ALL], product(*roles)):
            if not any(part & ~whole for part in parts):
                rest = whole
                for part in parts:
                    rest &= ~part
                assert not tells_of_few(rest.bit_count())


@given(CLOSINGS)
def test_parts_of_a_whole_leave_nobody_or_five_at_any_two_times(closed: list[Closed]) -> None:
    states = [told(state) for state in beginnings(closed)]
    for name, (one, other) in product([ANSWERED, *RATED], product(states, repeat=2)):
        for cut, kind in product([c for c in one[name] if c[0] != "role"], ("quarter", "edition")):
            whole = rest = one[name][cut]
            for part, whose in other[name].items():
                if part[0] == kind and whose & whole == whose:
                    rest &= ~whose
            assert not tells_of_few(rest.bit_count())


@given(CLOSINGS)
def test_few_wait_and_five_of_one_edition_never_do(closed: list[Closed]) -> None:
    everybody = sum(len(edition.forms) for edition in closed)
    found = thought(closed)
    assert everybody - (found[ALL].answers if ALL in found else 0) < FEWEST
    for edition in closed:
        own = found.get(edition.cuts[-1])
        assert (own.answers if own else 0) == len(edition.forms) * (len(edition.forms) >= FEWEST)


def test_small_ones_are_told_of_in_the_narrowest_total_that_holds_them() -> None:
    year, summer, autumn = ("year", "2026"), ("quarter", "summer"), ("quarter", "autumn")
    arriving = [
        Lot((ALL, year, quarter, ("edition", str(n))), people(range(3 * n, 3 * n + 3)))
        for n, quarter in enumerate((summer, autumn, summer, autumn))
    ]
    assert [lot.cuts for lot in lots(arriving[:2])] == [(ALL, year)]
    assert [lot.cuts for lot in lots([arriving[0], arriving[2]])] == [(ALL, year, summer)]
    assert [lot.people.bit_count() for lot in lots(arriving)] == [6, 6]


def test_a_kind_of_work_is_told_of_once_the_others_are_not_few() -> None:
    role = ("role", "legal_aid")
    first, both = (thought(state) for state in beginnings(SPLIT_BY_ROLE)[1:])
    assert (first[ALL].answers, role in first) == (7, False)
    assert (both[ALL].answers, both[role].answers) == (13, 7)
    assert [("role", "volunteer") in thought(s) for s in beginnings(NO_ROLE_IS_FEW)] == [False] * 3


def test_marks_of_a_question_wait_where_few_gave_one() -> None:
    few = [*[form(None)] * 4, *[form(None, None)] * 3]
    one, two = (thought(state)[ALL] for state in beginnings(closings([form(None)] * 6, few))[1:])
    three = thought(closings([form(None)] * 6, few, few))[ALL]
    scales = [found.marks["useful"] for found in (one, two, three)]
    assert [found.answers for found in (one, two, three)] == [6, 13, 20]
    assert [scale and scale.answers for scale in scales] == [6, 6, 14]


SPOKE = st.lists(st.booleans(), min_size=100, max_size=100)


def said(closed: list[Closed], spoke: list[bool]) -> Mapping[str, int]:
    many = sum(len(edition.forms) for edition in closed)
    return {"fear": people(n for n, one in enumerate(spoke[:many]) if one)}


@given(CLOSINGS, SPOKE, st.integers(0, 7))
def test_no_two_reports_of_obstacles_differ_by_a_few(
    closed: list[Closed], spoke: list[bool], late: int
) -> None:
    seen: dict[str, set[int]] = defaultdict(set)
    for state in beginnings(closed):
        many = sum(len(edition.forms) for edition in state)
        early = sum(len(edition.forms) for edition in state[:late])
        for unsettled in (0, people(range(early, many))):
            sets, _ = who_spoke(state, unsettled, said(state, spoke))
            for (cut, code), whose in sets.items():
                seen[code].add(whose)
                if cut[0] != "role":
                    seen["of those who answered"].add(whose)
            whole = {cut: n for cut, n in spoken(state, unsettled, {}).answers.items()}
            assert all(n is None or n not in range(1, FEWEST) for n in whole.values())
    for found in seen.values():
        assert isolated(found) == []


@given(CLOSINGS, SPOKE)
def test_numbers_of_obstacles_that_stand_together_tell_of_no_few(
    closed: list[Closed], spoke: list[bool]
) -> None:
    yes = said(closed, spoke)
    sets, _ = who_spoke(closed, 0, yes)
    found = spoken(closed, 0, yes)
    by = {EVERYBODY: found.answers, **found.codes}
    shown = [who for (cut, code), who in sets.items() if by[code][cut] is not None]
    assert isolated(shown) == []
