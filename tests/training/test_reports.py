"""Reports tell of people in numbers of which no two single anybody out, on pages and in files."""

import csv
import datetime as dt
import io
import re
import zipfile
from itertools import product

from cri_training.actions.feedback import empty_ballots
from cri_training.models import Ballot, Organisation, Tally
from cri_training.queries.reports import (
    Group,
    Report,
    _cuts_of_group,
    _numbers,
    _told,
    wholes_of,
)
from cri_training.rules.disclosure import FEWEST
from cri_training.rules.reports import ALL, MEASURES, Reached
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from tests.training.conftest import NOW, Training, link_in
from tests.training.test_afterwards import AFTER, held, vote
from tests.training.test_obstacles import answers

QUARTERS = [dt.date(2026, 7, 1), dt.date(2026, 10, 1), dt.date(2027, 1, 1)]
EDITIONS = [("a", QUARTERS[0]), ("b", QUARTERS[0]), ("c", QUARTERS[1]), ("d", QUARTERS[2])]
REACHED = [
    (Reached.CERTIFIED, 6, 1080),
    (Reached.CAME, 5, 210),
    (Reached.SEATED, 5, 0),
    (Reached.WAITING, 5, 0),
]
GROUPS = st.lists(
    st.builds(
        lambda held, role, far, number, sent_by: Group(*held, role, far, number, sent_by, number),
        st.sampled_from(EDITIONS),
        st.sampled_from(["", "legal_aid", "volunteer"]),
        st.sampled_from(list(Reached)),
        st.integers(1, 9),
        st.sampled_from(["", "o1", "o2", "o3"]),
    ),
    max_size=12,
)


HOUSES = {"Voorbeeldhuis": REACHED, "Ander Huis": [(Reached.CAME, 4, 600)]}


def tally(edition_id: str, reached: tuple[Reached, int, int], **of: str) -> Tally:
    """People of whom nothing else is kept: how far they got, how many, and their minutes."""
    far, number, minutes = reached
    told = {"role": "", "organisation_id": ""} | of
    return Tally(edition_id=edition_id, reached=far, number=number, minutes=minutes, **told)


@given(GROUPS)
def test_no_pair_of_numbers_tells_of_fewer_than_five(groups: list[Group]) -> None:
    told = {key for key, number in _numbers(groups).items() if number is not None}
    sets = {key: _members(groups, *key) for key in told}
    for one, other in product(sets.values(), repeat=2):
        if one <= other:
            assert len(other - one) not in range(1, FEWEST)


@given(GROUPS)
def test_what_is_hidden_of_a_whole_is_nobody_or_five_people(groups: list[Group]) -> None:
    numbers = _numbers(groups)
    for (whole, parts), measure in product(wholes_of(groups), MEASURES):
        rest = _members(groups, whole, measure)
        for part in parts:
            if numbers[part, measure] is not None:
                rest -= _members(groups, part, measure)
        if numbers[whole, measure] is not None:
            assert len(rest) not in range(1, FEWEST)


@given(GROUPS)
def test_hours_are_told_of_those_who_came_and_may_be_counted(groups: list[Group]) -> None:
    numbers = _numbers(groups)
    for cut, told in _told(groups).items():
        assert (told.minutes is None) is (numbers[cut, "came"] is None)
        if told.minutes is not None:
            assert told.minutes == sum(
                group.minutes
                for group in groups
                if group.reached in MEASURES["came"] and cut in _cuts_of_group(group)
            )


def _members(groups: list[Group], cut: tuple[str, str], measure: str) -> set[tuple[int, int]]:
    return {
        (n, person)
        for n, group in enumerate(groups)
        for person in range(group.number)
        if group.reached in MEASURES[measure] and cut in _cuts_of_group(group)
    }


def test_numbers_that_are_large_enough_are_told() -> None:
    groups = [
        Group("a", QUARTERS[0], "legal_aid", Reached.CERTIFIED, 8, "o1", 60),
        Group("c", QUARTERS[1], "volunteer", Reached.SEATED, 6),
        Group("c", QUARTERS[1], "volunteer", Reached.WAITING, 5),
    ]
    numbers = _numbers(groups)
    assert [numbers[ALL, one] for one in MEASURES] == [19, 14, 5, 8, 8]
    assert numbers[("role", "legal_aid"), "came"] == 8
    assert numbers[("organisation", "o1"), "certified"] == 8
    assert numbers[("edition", "a"), "waiting"] == 0
    assert _told(groups)["organisation", "o1"].minutes == 60


async def test_a_small_edition_is_told_of_with_the_next_small_one(training: Training) -> None:
    groups = [
        [f"{name}{n}@example.org" for n in range(size)]
        for name, size in (("a", 5), ("b", 3), ("c", 3))
    ]
    closed = await held(training, *groups)
    for (edition, links), mark, told in zip(closed, "412", (5, 5, 11), strict=True):
        for link in links:
            assert (await vote(training, link, useful=mark))[0] == 200
        await training.post(f"/console/editions/{edition}/feedback/close")
        page = (await training.client.get("/console/reports")).text
        assert f"<p>{told} answers</p>" in page
        assert ("1: 3; 2: 3; 3: 0; 4: 5; 5: 0" in page) is (told == 11)
        own = (await training.client.get(f"/console/editions/{edition}/feedback")).text
        assert ("Too few answers." in own) is (mark != "4")
        assert ('class="likert"' in own) is (mark == "4")


async def test_an_answer_on_its_way_while_a_form_closes_is_not_told_alone(
    training: Training,
) -> None:
    edition = await answers(training, *[{"useful": 5}] * 5)
    async with training.rig.service.database.writing() as work:
        work.session.add(Ballot(ticket_hash="0" * 64, edition_id=edition))
    await training.go_to(AFTER + dt.timedelta(days=60))
    url = f"/console/editions/{edition}/feedback"
    assert 'class="likert"' not in (await training.client.get(url)).text
    async with training.rig.service.database.writing() as work:
        await empty_ballots(work, training.rig)
    assert 'class="likert"' in (await training.client.get(url)).text


async def test_a_report_stands_on_a_page_and_in_files(training: Training) -> None:
    surer = {"useful": 5, "sure_before": 2, "sure_now": 4}
    edition = await answers(training, *[surer] * 5, {"useful": 1}, title="=1+1 talks")
    async with training.rig.service.database.writing() as work:
        work.session.add(Organisation(organisation_id="o1", name="=2+2 house", created_at=NOW))
        for reached in REACHED:
            work.session.add(tally(edition, reached, role="volunteer", organisation_id="o1"))
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
    assert "<bdi>=2+2 house</bdi>" in (await training.client.get(url)).text
    table = list(csv.reader(io.StringIO((await training.client.get("/console/reports.csv")).text)))
    everybody = dict(zip(table[0], table[1], strict=True))
    assert (everybody["Asked for a place"], everybody["Had a place"]) == ("21", "16")
    assert (everybody["Waited"], everybody["Came"], everybody["Answers"]) == ("5", "11", "6")
    assert (everybody["Got a certificate"], everybody["Hours attended"]) == ("6", "21.5")
    assert (everybody["useful 5"], everybody["Surer"]) == ("5", "5")
    assert table[-1][:8] == ["Organisation", "'=2+2 house", "21", "16", "5", "11", "6", "21.5"]
    book = await training.client.get("/console/reports.xlsx")
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        texts = parts.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<t>=1+1 talks</t>" in texts
    assert "<t>=2+2 house</t>" in texts
    assert '<c r="D2"><v>16</v></c>' in sheet


def test_editions_and_organisations_stand_by_name_and_periods_in_time() -> None:
    groups = [
        Group(edition, quarter, "", Reached.CAME, 8, organisation)
        for (edition, quarter), organisation in zip(EDITIONS, ("o1", "o2", "o1", "o2"), strict=True)
    ]
    names = {"o1": "Zon", "o2": "étoile", "a": "Vier", "b": "Een", "c": "Drie", "d": "twee"}
    found = Report(_told(groups), {}, names)
    assert [cut[1] for cut in found.of("organisation")] == ["o2", "o1"]
    assert [names[cut[1]] for cut in found.of("edition")] == ["Drie", "Een", "twee", "Vier"]
    assert [cut[1] for cut in found.of("quarter")] == [day.isoformat() for day in QUARTERS]


async def test_a_report_is_a_paper_that_says_the_same(training: Training) -> None:
    surer = {"useful": 5, "sure_before": 2, "sure_now": 4}
    edition = await answers(training, *[surer] * 5, {"useful": 1}, title="#strong[x] $1$")
    await training.post(f"/console/editions/{edition}/feedback/close")
    async with training.rig.service.database.writing() as work:
        for reached in ((Reached.CERTIFIED, 9, 1080), (Reached.CAME, 2, 210)):
            work.session.add(tally(edition, reached))
    url = "/console/reports.pdf"
    assert f'href="{url}?by=all&amp;of="' in (await training.client.get("/console/reports")).text
    answer = await training.client.get(f"{url}?by=edition&of={edition}")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    pdf = PdfReader(io.BytesIO(answer.content))
    assert b"pdfuaid:part" in pdf.trailer["/Root"]["/Metadata"].get_data()
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for words in (
        "Workshops in numbers",
        "#strong[x] $1$",
        "21.5",
        "too few",
        "Surer",
        "6 answers",
    ):
        assert words in text


async def test_an_organisation_reads_of_its_own_people_and_of_no_few(training: Training) -> None:
    edition = await answers(training, {"useful": 5})
    async with training.rig.service.database.writing() as work:
        for one, reached in HOUSES.items():
            work.session.add(Organisation(organisation_id=one, name=one, created_at=NOW))
            for some in reached:
                work.session.add(tally(edition, some, organisation_id=one))
        work.session.add(tally(edition, (Reached.CERTIFIED, 5, 0)))
    pages = [await desk_of(training, one) for one in HOUSES]
    assert "<dt>Came</dt><dd>11</dd>" in pages[0]
    assert "<dt>Hours attended</dt><dd>21.5</dd>" in pages[0]
    assert '<dt>Came</dt><dd><span class="soft">too few</span></dd>' in pages[1]
    assert "Ander Huis" not in pages[0]


async def desk_of(training: Training, organisation_id: str) -> str:
    """The desk of an organisation, as its contact sees it."""
    page = f"/console/organisations/{organisation_id}"
    form_token = await training.token(page, training.client)
    form = {"form_token": form_token, "email": "contact@example.org", "language": "en"}
    assert (await training.post(f"{page}/desk", **form)).status_code == 303
    link = link_in(await training.mail_to("contact@example.org"), "organisation")
    return (await training.public.get(link)).text
