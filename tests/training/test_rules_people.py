"""Whatever is settled in whatever order, no two reports of people tell of a few of them."""

import datetime as dt
from collections.abc import Sequence
from itertools import product

from cri_training.rules.disclosure import tells_of_few
from cri_training.rules.lots import Cut
from cri_training.rules.people import Group, Settled, told, who
from cri_training.rules.reports import ALL, MEASURES, Reached, cuts_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.training.test_rules_lots import isolated

QUARTERS = [dt.date(2026, 7, 1), dt.date(2026, 10, 1), dt.date(2027, 1, 1)]
GROUP = st.builds(
    Group,
    st.sampled_from(["", "legal_aid", "volunteer", "interpreter"]),
    st.sampled_from(["", "o1", "o2", "o3"]),
    st.sampled_from(Reached),
    st.integers(1, 9),
    st.integers(0, 900),
)
EDITION = st.tuples(st.sampled_from(QUARTERS), st.lists(GROUP, max_size=6))


def settled(held: Sequence[tuple[dt.date, Sequence[Group]]]) -> list[Settled]:
    return [Settled(cuts_of(str(n), quarter), groups) for n, (quarter, groups) in enumerate(held)]


SETTLED = st.lists(EDITION, max_size=8).map(settled)


# Work and a house that are not told of beside each other are not on the next day either.
GROWN = [
    (
        QUARTERS[0],
        [
            Group("legal_aid", "o1", Reached.CAME, 8),
            Group("legal_aid", "", Reached.CAME, 4),
            Group("volunteer", "", Reached.CAME, 6),
        ],
    ),
    (
        QUARTERS[0],
        [Group("legal_aid", "", Reached.CAME, 8), Group("volunteer", "", Reached.CAME, 6)],
    ),
]


def on_all_days(every: list[Settled]) -> list[dict[tuple[Cut, str], int]]:
    """Whom the report of each day tells of, as one edition after the other is settled."""
    return [who(every[:n]) for n in range(len(every) + 1)]


def of_work_or_house(cut: Cut) -> bool:
    return cut[0] in ("role", "organisation")


@settings(deadline=None)
@given(SETTLED)
@example(settled(GROWN))
def test_no_two_numbers_of_any_two_days_differ_by_a_few(every: list[Settled]) -> None:
    seen: set[int] = set()
    for sets in on_all_days(every):
        seen |= set(sets.values())
    assert isolated(seen) == []


@settings(deadline=None)
@given(SETTLED)
def test_what_is_left_of_a_whole_is_nobody_or_five_at_any_two_days(every: list[Settled]) -> None:
    for (one, other), measure in product(product(on_all_days(every), repeat=2), MEASURES):
        for (whole, counted), people in one.items():
            if counted != measure or of_work_or_house(whole):
                continue
            for by in ("quarter", "edition"):
                rest = people
                for (part, of), those in other.items():
                    if (part[0], of) == (by, measure) and not those & ~people:
                        rest &= ~those
                assert not tells_of_few(rest.bit_count())


@settings(deadline=None)
@given(SETTLED)
def test_who_told_no_work_and_came_from_no_house_is_not_what_is_left(every: list[Settled]) -> None:
    for sets, by in product(on_all_days(every), ("role", "organisation")):
        for measure in MEASURES:
            rest = sets.get((ALL, measure), 0)
            for (cut, of), people in sets.items():
                rest &= ~people if (cut[0], of) == (by, measure) else -1
            assert not tells_of_few(rest.bit_count())


@settings(deadline=None)
@given(SETTLED)
def test_those_who_went_are_not_what_the_numbers_leave(every: list[Settled]) -> None:
    for sets in on_all_days(every):
        for cut in {cut for cut, _ in sets}:
            told_of = [sets.get((cut, one)) for one in ("asked", "confirmed", "waiting")]
            asked, had, waited = (one or 0 for one in told_of)
            assert None in told_of or not tells_of_few((asked & ~had & ~waited).bit_count())


@settings(deadline=None)
@given(SETTLED)
def test_all_numbers_of_a_total_are_of_the_same_editions(every: list[Settled]) -> None:
    for cut, one in told(every).items():
        if of_work_or_house(cut):
            continue
        own = [edition for edition in every if cut in edition.cuts]
        assert one.editions[1] == len(own)
        whole = [g for edition in own for g in edition.groups]
        if one.editions[0] == len(own) and one.people["asked"] is not None:
            for measure, counted in MEASURES.items():
                those = [group for group in whole if group.reached in counted]
                assert one.people[measure] == sum(group.number for group in those)
            assert one.minutes == sum(g.minutes for g in whole if g.reached in MEASURES["came"])


def test_a_kind_of_work_is_told_of_once_neither_it_nor_the_others_are_few() -> None:
    def held(own: int, others: int) -> tuple[dt.date, list[Group]]:
        came = Reached.CAME
        groups = [Group("legal_aid", "", came, own, 60), Group("", "", came, others)]
        return QUARTERS[0], groups

    found = told(settled([held(8, 6)]))
    assert (found["role", "legal_aid"].people["came"], found["role", "legal_aid"].minutes) == (
        8,
        60,
    )
    assert ("role", "legal_aid") not in told(settled([held(8, 3)]))
    assert told(settled([held(8, 3), held(1, 6)]))["role", "legal_aid"].people["came"] == 9
