"""Reports tell of people in numbers of which no two single anybody out, on pages and in files."""

import csv
import datetime as dt
import io
import re
import zipfile
from itertools import product

from cri_training.models import Tally
from cri_training.queries.reports import ALL, Group, _numbers, cuts_of
from cri_training.rules.disclosure import FEWEST
from cri_training.rules.reports import MEASURES, Reached
from hypothesis import given
from hypothesis import strategies as st

from tests.training.conftest import Training
from tests.training.test_obstacles import answers

QUARTERS = [dt.date(2026, 7, 1), dt.date(2026, 10, 1), dt.date(2027, 1, 1)]
EDITIONS = [("a", QUARTERS[0]), ("b", QUARTERS[0]), ("c", QUARTERS[1]), ("d", QUARTERS[2])]
GROUPS = st.lists(
    st.builds(
        lambda held, role, far, number: Group(*held, role, far, number),
        st.sampled_from(EDITIONS),
        st.sampled_from(["", "legal_aid", "volunteer"]),
        st.sampled_from(list(Reached)),
        st.integers(1, 9),
    ),
    max_size=12,
)


@given(GROUPS)
def test_no_pair_of_numbers_tells_of_fewer_than_five(groups: list[Group]) -> None:
    told = {key for key, number in _numbers(groups).items() if number is not None}
    sets = {key: _members(groups, *key) for key in told}
    for one, other in product(sets.values(), repeat=2):
        if one <= other:
            assert len(other - one) not in range(1, FEWEST)


def _members(groups: list[Group], cut: tuple[str, str], measure: str) -> set[tuple[int, int]]:
    return {
        (n, person)
        for n, group in enumerate(groups)
        for person in range(group.number)
        if group.reached in MEASURES[measure]
        and cut in cuts_of(group.edition_id, group.quarter, group.role)
    }


def test_numbers_that_are_large_enough_are_told() -> None:
    groups = [
        Group("a", QUARTERS[0], "legal_aid", Reached.CAME, 8),
        Group("c", QUARTERS[1], "volunteer", Reached.SEATED, 6),
        Group("c", QUARTERS[1], "volunteer", Reached.WAITING, 5),
    ]
    numbers = _numbers(groups)
    assert [numbers[ALL, one] for one in MEASURES] == [19, 14, 5, 8]
    assert numbers[("role", "legal_aid"), "came"] == 8
    assert numbers[("edition", "a"), "waiting"] == 0


async def test_a_report_stands_on_a_page_and_in_files(training: Training) -> None:
    surer = {"useful": 5, "sure_before": 2, "sure_now": 4}
    edition = await answers(training, *[surer] * 5, {"useful": 1}, title="=1+1 talks")
    async with training.rig.service.database.writing() as work:
        for far, number in ((Reached.CAME, 7), (Reached.SEATED, 5), (Reached.WAITING, 5)):
            work.session.add(
                Tally(edition_id=edition, role="volunteer", reached=far, number=number)
            )
    url = f"/console/reports?by=edition&of={edition}"
    assert 'class="likert"' not in (await training.client.get(url)).text
    await training.post(f"/console/editions/{edition}/feedback/close")
    for page in (
        (await training.client.get(url)).text,
        (await training.client.get(f"/console/editions/{edition}/feedback")).text,
    ):
        assert page.count('class="likert"') == 5
        assert "1: 1; 2: 0; 3: 0; 4: 0; 5: 5" in page
        assert re.search(r"<dt>Surer</dt><dd>5</dd>", page)
    table = list(csv.reader(io.StringIO((await training.client.get("/console/reports.csv")).text)))
    everybody = dict(zip(table[0], table[1], strict=True))
    assert (everybody["Asked for a place"], everybody["Had a place"]) == ("17", "12")
    assert (everybody["Waited"], everybody["Came"], everybody["Answers"]) == ("5", "7", "6")
    assert (everybody["useful 5"], everybody["Surer"]) == ("5", "5")
    book = await training.client.get("/console/reports.xlsx")
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        texts = parts.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<t>=1+1 talks</t>" in texts
    assert '<c r="D2"><v>12</v></c>' in sheet
