"""Reports tell of people in numbers of which no two single anybody out, on pages and in files."""

import csv
import datetime as dt
import io
import re
import zipfile

import pytest
from cri_shared import clock
from cri_training.actions import tallying
from cri_training.actions.feedback import empty_ballots
from cri_training.models import Ballot, Organisation, Tally
from cri_training.queries.reports import Report
from cri_training.rules import reports as rules
from cri_training.rules.people import Group, Settled, told
from cri_training.rules.reports import Reached, cuts_of
from pypdf import PdfReader
from sqlalchemy import event, select

from tests.plans.recording import recording
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
SIZES = {14: 1, 15: 7, 16: 3}  # people by day of December
HOUSES = {"Voorbeeldhuis": REACHED, "Ander Huis": [(Reached.CAME, 4, 600)]}


def tally(edition_id: str, reached: tuple[Reached, int, int], **of: str) -> Tally:
    """People of whom nothing else is kept: how far they got, how many, and their minutes."""
    far, number, minutes = reached
    told = {"role": "", "organisation_id": ""} | of
    return Tally(edition_id=edition_id, reached=far, number=number, minutes=minutes, **told)


async def people(
    training: Training, edition: str, *groups: tuple[Reached, int, int], **of: str
) -> None:
    """People of an edition who are forgotten already, before it was settled."""
    async with training.rig.service.database.writing() as work:
        for reached in groups:
            work.session.add(tally(edition, reached, **of))


async def complete(training: Training, *editions: str) -> None:
    """Who came to these is all noted, and counted."""
    for edition in editions:
        said = await training.post(f"/console/editions/{edition}/complete")
        assert said.status_code == 303, said.text
    await training.mails()


async def line(training: Training, by: str = "All") -> list[str]:
    """A line of the table: workshops counted and over, people by measure, hours."""
    table = csv.reader(io.StringIO((await training.client.get("/console/reports.csv")).text))
    return next(row[3:11] for row in table if row[0] == by)


async def test_a_small_edition_is_told_of_with_the_next_small_one(training: Training) -> None:
    groups = [
        [f"{name}{n}@example.org" for n in range(size)]
        for name, size in (("a", 5), ("b", 3), ("c", 3))
    ]
    closed = await held(training, *groups)
    for (edition, links), mark, number in zip(closed, "412", (5, 5, 11), strict=True):
        for link in links:
            assert (await vote(training, link, useful=mark))[0] == 200
        await training.post(f"/console/editions/{edition}/feedback/close")
        page = (await training.client.get("/console/reports")).text
        assert f"<p>{number} answers</p>" in page
        assert ("1: 3; 2: 3; 3: 0; 4: 5; 5: 0" in page) is (number == 11)
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


async def test_forms_are_read_once_for_each_more_that_closes(training: Training) -> None:
    database = str(training.rig.service.database.engine.url.database)
    groups = [[f"{name}{n}@example.org" for n in range(5)] for name in "ab"]
    for number, (edition, links) in zip((5, 10), await held(training, *groups), strict=True):
        for link in links:
            assert (await vote(training, link, useful="4", obstacles="They fear it."))[0] == 200
        await training.post(f"/console/editions/{edition}/feedback/close")
        paths = ("reports", "obstacles", f"editions/{edition}/feedback")
        first = [(await training.client.get(f"/console/{path}")).text for path in paths]
        assert f"<p>{number} answers</p>" in first[0]
        assert 'class="likert"' in first[2]
        with recording(database) as found:
            again = [(await training.client.get(f"/console/{path}")).text for path in paths]
        assert [page.count("<td") for page in again] == [page.count("<td") for page in first]
        assert len(found.every) > len(paths)
        assert [sql for sql in found.every if "feedback_answers" in sql] == []


async def test_a_report_stands_on_a_page_and_in_files(training: Training) -> None:
    surer = {"useful": 5, "sure_before": 2, "sure_now": 4}
    edition = await answers(training, *[surer] * 5, {"useful": 1}, title="=1+1 talks")
    async with training.rig.service.database.writing() as work:
        work.session.add(Organisation(organisation_id="o1", name="=2+2 house", created_at=NOW))
    await people(training, edition, *REACHED, role="volunteer", organisation_id="o1")
    await complete(training, edition)
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
    assert (everybody["Workshops counted"], everybody["Workshops over"]) == ("1", "1")
    house = ["Organisation", "'=2+2 house", "", "", "", "21", "16", "5", "11", "6", "21.5"]
    assert table[-1][:11] == house
    book = await training.client.get("/console/reports.xlsx")
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        texts = parts.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<t>=1+1 talks</t>" in texts
    assert "<t>=2+2 house</t>" in texts
    assert '<c r="G2"><v>16</v></c>' in sheet


def test_editions_and_organisations_stand_by_name_and_periods_in_time() -> None:
    settled = [
        Settled(cuts_of(*edition), [Group("", organisation, Reached.CAME, 8)])
        for edition, organisation in zip(EDITIONS, ("o1", "o2", "o1", "o2"), strict=True)
    ]
    days = {"b": dt.date(2026, 9, 2), "d": dt.date(2026, 9, 1)}
    names = {"o1": "Zon", "o2": "étoile", "a": "Vier", "b": "Een", "c": "Drie", "d": "een"}
    found = Report(told(settled), {}, names, days)
    assert [cut[1] for cut in found.of("organisation")] == ["o2", "o1"]
    assert [names[cut[1]] for cut in found.of("edition")] == ["Drie", "een", "Een", "Vier"]
    assert [cut[1] for cut in found.of("quarter")] == [day.isoformat() for day in QUARTERS]


async def test_a_report_is_a_paper_that_says_the_same(training: Training) -> None:
    surer = {"useful": 5, "sure_before": 2, "sure_now": 4}
    other = await training.edition(title="Few")
    edition = await answers(training, *[surer] * 5, {"useful": 1}, title="#strong[x] $1$")
    await training.post(f"/console/editions/{edition}/feedback/close")
    await people(training, edition, (Reached.CERTIFIED, 9, 1080), (Reached.CAME, 5, 210))
    await people(training, other, (Reached.CAME, 3, 210))
    await complete(training, edition, other)
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
        "1 of 2",
        "too few",
        "Surer",
        "6 answers",
    ):
        assert words in text


async def test_a_page_tells_of_the_last_editions_and_a_table_of_all(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "LAST", 2)
    names = ["Zilver", "Goud", "Brons"]
    editions = [await training.edition(title=name) for name in names]
    await training.go_to(AFTER)
    await training.mails()
    for edition in editions:
        await people(training, edition, (Reached.CAME, 8, 480))
        await complete(training, edition)
    database = str(training.rig.service.database.engine.url.database)
    await training.client.get("/console/reports")  # works out what may be told
    with recording(database) as found:
        page = (await training.client.get("/console/reports")).text
    assert [name in page for name in names] == [False, True, True]
    assert "the last 50 stand here; all are in the table (CSV)" in page
    named = [sql for sql in found.every if "editions.title" in sql]
    assert named
    assert all("editions.edition_id IN" in sql for sql in named)
    chosen = f"?by=edition&of={editions[0]}"
    assert "Zilver" in (await training.client.get(f"/console/reports{chosen}")).text
    for query, shown in (("", [False, True, True]), (chosen, [True] * 3)):
        paper = await training.client.get(f"/console/reports.pdf{query}")
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
        assert [name in text for name in names] == shown
    table = (await training.client.get("/console/reports.csv")).text
    assert all(name in table for name in names)


async def test_an_organisation_reads_of_its_own_people_and_of_no_few(training: Training) -> None:
    edition = await answers(training, {"useful": 5})
    for one, reached in HOUSES.items():
        async with training.rig.service.database.writing() as work:
            work.session.add(Organisation(organisation_id=one, name=one, created_at=NOW))
        await people(training, edition, *reached, organisation_id=one)
    await people(training, edition, *((far, 5, 0) for far in Reached))
    assert "Nothing can be told yet" in await desk_of(training, "Voorbeeldhuis")
    await complete(training, edition)
    pages = [await desk_of(training, one) for one in HOUSES]
    assert "<dt>Came</dt><dd>11</dd>" in pages[0]
    assert "<dt>Hours attended</dt><dd>21.5</dd>" in pages[0]
    assert "Nothing can be told yet" in pages[1]
    assert "Ander Huis" not in pages[0]


async def desk_of(training: Training, organisation_id: str) -> str:
    """The desk of an organisation, as its contact sees it."""
    page = f"/console/organisations/{organisation_id}"
    form_token = await training.token(page, training.client)
    form = {"form_token": form_token, "email": "contact@example.org", "language": "en"}
    assert (await training.post(f"{page}/desk", **form)).status_code == 303
    link = link_in(await training.mail_to("contact@example.org"), "organisation")
    return (await training.public.get(link)).text


async def test_people_are_counted_when_attendance_is_complete_and_never_again(
    training: Training,
) -> None:
    ((edition, _),) = await held(training, [f"p{number}@example.org" for number in range(6)])
    await training.post(f"/console/editions/{edition}/certificates")
    here = f"/console/editions/{edition}/attendance/1"
    assert "are counted for the reports on" in (await training.client.get(here)).text
    assert await line(training) == ["0", "0", "", "", "", "", "", ""]
    await complete(training, edition)
    told_of = ["1", "1", "6", "6", "0", "6", "6", "18.0"]
    assert await line(training) == told_of
    assert "no report" in (await training.client.get(here)).text
    first = (await training.on_the_list(edition))[0]
    await training.mark(edition, first, "absent", reason="A mistake")
    walked_in = {"nonce": "n" * 16, "name": "Ann A.", "organisation": "Voorbeeldhuis"}
    await training.post(f"{here}/walk-in", **walked_in)
    await complete(training, edition)
    assert await line(training) == told_of
    ends = (await training.stored(edition)).ends_at
    await training.go_to(ends + dt.timedelta(days=61))
    await training.mails()
    assert await line(training) == told_of


async def test_editions_are_counted_some_weeks_after_they_ended_in_that_order(
    training: Training,
) -> None:
    names = [[f"{name}{number}@example.org" for number in range(3)] for name in "ab"]
    late, early = [
        await training.edition(capacity="10", date_1=day) for day in ("2026-12-16", "2026-12-15")
    ]
    for edition, emails in zip((late, early), names, strict=True):
        for email in emails:
            await training.sign_up(edition, email)
    await training.go_to(AFTER + dt.timedelta(days=1))
    for edition in (late, early):
        await training.mark_the_rest(edition)
    assert (await training.post(f"/console/editions/{early}/complete")).status_code == 303
    await training.mails()
    assert await line(training) == ["0", "1", "", "", "", "", "", ""]
    await training.go_to(AFTER + dt.timedelta(days=29))
    await training.mails()
    assert await line(training) == ["2", "2", "6", "6", "0", "6", "0", "18.0"]
    orders = [(await training.stored(edition)).counted_no for edition in (early, late)]
    assert orders == [1, 2]


async def test_each_edition_is_counted_by_itself_and_what_is_too_much_for_one_turn_in_the_next(
    training_on_each: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    training, engine = training_on_each, training_on_each.rig.service.database.engine
    names = {day: [f"{day}.{n}@example.org" for n in range(size)] for day, size in SIZES.items()}
    editions = []
    for day, emails in names.items():
        editions.append(await training.edition(capacity="10", date_1=f"2026-12-{day}"))
        for email in emails:
            await training.sign_up(editions[-1], email)
    await training.go_to(AFTER + dt.timedelta(days=2))
    for edition in editions:
        await training.mark_the_rest(edition)
    sent: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *told: sent.append(told[2]))
    monkeypatch.setattr(tallying, "AT_ONCE", 1)
    counted, statements = [], []
    with clock.frozen(AFTER + dt.timedelta(days=30)):
        for _ in range(len(editions) + 1):
            sent.clear()
            await tallying.settle(training.rig)
            statements.append(len(sent))
            counted.append([(await training.stored(one)).counted_no for one in editions])
    assert counted == [[1, None, None], [1, 2, None], [1, 2, 3], [1, 2, 3]]
    assert statements[0] == statements[1] == statements[2], "one look for all people of an edition"
    async with training.rig.service.database.reading() as session:
        tallies = (await session.execute(select(Tally))).scalars().all()
    numbers = {one.edition_id: (one.reached, one.number, one.minutes) for one in tallies}
    whole = [("came", size, size * 180) for size in SIZES.values()]
    assert [numbers[one] for one in editions] == whole


async def test_nobody_is_counted_before_the_last_session_is_over(training: Training) -> None:
    edition = await training.edition()
    answer = await training.post(f"/console/editions/{edition}/complete")
    assert answer.status_code == 409
    assert "when the last session is over" in answer.text
    assert (await training.stored(edition)).complete_at is None


async def test_what_was_called_off_is_in_no_report(training: Training) -> None:
    edition = await training.edition(capacity="10")
    for number in range(6):
        await training.sign_up(edition, f"p{number}@example.org")
    root = f"/console/editions/{edition}"
    assert (await training.post(f"{root}/cancel", reason="The trainer is ill.")).status_code == 303
    for days in (29, 61):  # when it would be counted, and when its people are forgotten
        await training.go_to(AFTER + dt.timedelta(days=days))
        await training.mails()
        assert await line(training) == ["0", "0", "", "", "", "", "", ""]


async def test_where_a_few_stayed_away_a_workshop_waits_for_others(training: Training) -> None:
    editions = [await training.edition() for _ in range(3)]
    await training.go_to(AFTER)
    await training.mails()
    for edition, away in zip(editions, (0, 2, 3), strict=True):
        await people(training, edition, (Reached.CERTIFIED, 8, 480), (Reached.SEATED, away, 0))
    counted = []
    for edition in editions:
        await complete(training, edition)
        counted.append((await line(training))[:6])
    assert counted == [
        ["1", "1", "8", "8", "0", "8"],
        ["1", "2", "8", "8", "0", "8"],
        ["3", "3", "29", "29", "0", "24"],
    ]
    page = (await training.client.get("/console/reports")).text
    assert '<td role="cell" class="num" data-label="Workshops counted">3 of 3</td>' in page
