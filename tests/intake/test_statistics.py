"""Statistics: numbers that nobody can be found in, and that outlive the cases they count."""

import datetime as dt

import pytest
from cri_intake.rules.statistics import Counted, keys_of, months_until, shown
from cri_shared import clock

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, case_of, posted

WEEK = dt.timedelta(days=7)


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [
        ({"a": 9, "b": 5}, {"a": 9, "b": 5}),
        ({"a": 9, "b": 4, "c": 1}, {"a": 9, "b": None, "c": None}),
        ({"a": 9, "b": 6, "c": 4}, {"a": 9, "b": None, "c": None}),  # 4 would follow from the sum
        ({"a": 0, "b": 5}, {"b": 5}),
        ({"a": 3}, {"a": None}),
    ],
)
def test_what_may_be_shown(numbers: dict[str, int], wanted: dict[str, int | None]) -> None:
    assert shown(numbers) == wanted


def test_months_go_over_the_year() -> None:
    assert months_until(dt.date(2027, 1, 31), 3) == ["2026-11", "2026-12", "2027-01"]


def test_a_case_counts_once_for_each_measure() -> None:
    case = Counted(
        dt.date(2026, 11, 26), "AM", ("a.b", "c.d"), "web", "nl", "answered", 6, "partly"
    )
    keys = list(keys_of(case))
    assert {(measure, code) for _, measure, code in keys} >= {
        ("topic", "a.b"),
        ("topic", "c.d"),
        ("days", "to10"),
        ("useful", "partly"),
    }
    assert {month for month, _, _ in keys} == {"2026-11"}
    assert len(keys) == 9


async def test_the_page_and_the_file_say_the_same_before_and_after_cases_are_erased(
    intake: Intake,
) -> None:
    now = dt.datetime(2026, 11, 26, 10, tzinfo=dt.UTC)
    with clock.frozen(now):
        ids = [await posted(intake, n) for n in range(6)]
        await posted(intake, 6, country="NP")
        officer = await Officer.arrive(intake)
        for question_id in ids[:5]:
            await officer.post(f"/{question_id}/take")
            await officer.post(f"/{question_id}/refuse", reason="tracing", words="No.")
        before = (await officer.client.get("/console/statistics.csv")).text
        for line in ("came,2026-11,7", "became,refused,<5", "became,open,<5", "country,NP,<5"):
            assert line in before
        page = (await officer.client.get("/console/statistics")).text
        assert '<b class="num">7</b>' in page
        assert "too few to be shown" in page
    with clock.frozen(now + 53 * WEEK):
        await intake.rig.service.clockwork.do_duties(all_now=True)
        with pytest.raises(AssertionError):
            await case_of(intake, ids[0])
    with clock.frozen(now + WEEK):
        auditor = await Officer.arrive(intake, "An A.", "auditor")
        answer = await auditor.client.get("/console/statistics.csv")
        assert answer.headers["content-type"].startswith("text/csv")
        day = clock.today().isoformat()
        assert f'filename="statistics-{day}.csv"' in answer.headers["content-disposition"]
        after = answer.text
        assert "came,2026-11,7" in after
        assert "country,AM,<5" in after
