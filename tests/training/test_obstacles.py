"""Obstacles: two people read each text, alone; they settle it, and nobody shows in the counts."""

import csv
import datetime as dt
import io
import re
from dataclasses import fields
from typing import Any
from xml.etree.ElementTree import fromstring

import httpx
import pytest
from cri_shared.db import new_id
from cri_shared.events.training import ObstacleCounted
from cri_shared.identity.secrets import token_hash
from cri_shared.identity.staff import Staff
from cri_shared.testing.events import emitted
from cri_shared.testing.identity import sign_in
from cri_training.actions.feedback import Given, answer
from cri_training.models import Ballot, Code, PassageMark, Reading
from cri_training.queries import coding, editions
from cri_training.rules import reports as rules
from sqlalchemy import select

from tests.training.conftest import Training
from tests.training.test_afterwards import AFTER, PEOPLE, held, vote

QDA = "{urn:QDA-XML:codebook:1.0}"
FEAR = "People fear pressure. Nobody knows a price there."


class Coder:
    """A coder in a browser of their own."""

    def __init__(self, client: httpx.AsyncClient, staff: Staff) -> None:
        self.client, self.staff = client, staff

    @classmethod
    async def arrive(cls, training: Training, name: str) -> "Coder":
        client = httpx.AsyncClient(
            transport=training.public._transport, base_url=training.public.base_url
        )
        return cls(client, await sign_in(client, training.app, "coder", name=name))

    async def see(self, path: str) -> str:
        return (await self.client.get(path)).text

    async def post(self, path: str, **fields: object) -> httpx.Response:
        return await self.client.post(path, data={"csrf": self.staff.csrf, **fields})

    async def code(self, title: str, **said: object) -> str:
        page = await self.see("/console/code-book/new")
        token = re.search(r'name="form_token" value="([^"]+)"', page)
        assert token is not None, page
        fields: dict[str, object] = {"title": title, "definition": "Somebody says so.", **said}
        made = await self.post("/console/code-book/new", form_token=token[1], **fields)
        assert made.status_code == 303, made.text
        return made.headers["location"].rpartition("/")[2]

    async def read(self, text: str, *marks: tuple[int, str]) -> None:
        """PassageMark a text and finish with it."""
        for passage, code in marks:
            await self.post(f"{text}/mark", passage=str(passage), code=code)
        for _ in range(2):
            assert (await self.post(f"{text}/finish")).status_code == 303


async def texts(coder: Coder) -> list[str]:
    """The addresses of the texts in a coder's list."""
    return re.findall(r'href="(/console/texts/[\w-]{22})"', await coder.see("/console/texts"))


async def answers(
    training: Training, *written: dict[str, Any], title: str = "", **planned: str
) -> str:
    """An edition that was held, with forms that came back; gives its id."""
    edition = await training.edition(title=title, **planned)
    await training.go_to(AFTER)
    await training.mails()
    nothing = dict.fromkeys(field.name for field in fields(Given))
    async with training.rig.service.database.writing() as work:
        kept = await editions.edition(work.session, edition)
        for one in written:
            ticket = new_id()
            ballot = Ballot(ticket_hash=token_hash(ticket), edition_id=edition)
            work.session.add(ballot)
            await work.session.flush()
            await answer(work, training.rig, kept, ticket, Given(**{**nothing, **one}))
    return edition


async def two_coders(
    training: Training, *written: dict[str, str], title: str = ""
) -> tuple[Coder, Coder]:
    """Two coders, after the form of an edition was closed with these answers."""
    edition = await answers(training, *written, title=title)
    for _ in range(2):
        await training.post(f"/console/editions/{edition}/feedback/close")
    return await Coder.arrive(training, "Ann A."), await Coder.arrive(training, "Bob B.")


async def test_texts_come_after_closing_and_to_coders_alone(training: Training) -> None:
    ((edition, links),) = await held(training, PEOPLE[:1])
    await vote(training, links[0], obstacles=FEAR)
    ann = await Coder.arrive(training, "Ann A.")
    assert "There is nothing to read" in await ann.see("/console/texts")
    for _ in range(2):
        await training.post(f"/console/editions/{edition}/feedback/close")
    assert (await vote(training, links[0], useful="5"))[0] == 409
    (text,) = await texts(ann)
    assert "People fear pressure." in await ann.see(text)
    for path in (text, "/console/texts"):
        assert (await training.client.get(path)).status_code == 403
    assert (await training.client.get("/console/obstacles")).status_code == 200
    assert (await ann.client.get(f"/console/editions/{edition}/participants")).status_code == 403


async def test_what_points_to_a_person_is_left_out(training: Training) -> None:
    ann, _ = await two_coders(
        training, {"obstacles": "Willem Vandenbroucke said no. They fear it. Call 0470 12 34 56."}
    )
    page = await ann.see((await texts(ann))[0])
    assert "They fear it." in page
    assert "[a person]" in page
    for words in ("Vandenbroucke", "0470"):
        assert words not in page


async def test_nobody_sees_what_the_other_marked_until_both_have_finished(
    training: Training,
) -> None:
    ann, bob = await two_coders(training, {"obstacles": FEAR})
    fear, price = await ann.code("Fear of pressure"), await ann.code("No prices")
    (text,) = await texts(ann)
    await ann.read(text, (0, fear), (1, price))
    page = await bob.see(text)
    assert 'class="tag">Fear of pressure' not in page
    await bob.read(text, (0, fear))
    page = await ann.see(text)
    assert re.search(rf'value="0:{fear}" checked', page)
    assert re.search(rf'value="1:{price}">', page)
    for _ in range(2):
        await ann.post(f"{text}/settle", holds=[f"0:{fear}", f"1:{price}"])
    assert "Settled" in await bob.see("/console/texts")
    carol = await Coder.arrive(training, "Carol C.")
    await carol.post(f"{text}/mark", passage="0", code=price)
    async with training.rig.service.database.reading() as session:
        marks = (
            await session.execute(select(PassageMark.turn, PassageMark.passage, PassageMark.code))
        ).all()
    assert sorted(map(tuple, marks)) == sorted(
        [(0, 0, fear), (0, 1, price), (1, 0, fear), (1, 1, price), (2, 0, fear)]
    )
    page = await ann.see("/console/texts/agreement")
    assert re.findall(r"<b>([^<]*|<span[^>]*>[^<]*</span>)</b>", page)[:3] == [
        "1.00",
        "0.00",
        "0.50",
    ]


async def test_what_both_marked_alike_is_settled_by_itself(training: Training) -> None:
    ann, bob = await two_coders(training, {"obstacles": FEAR})
    fear = await ann.code("Fear of pressure")
    (text,) = await texts(ann)
    await ann.post(f"{text}/mark", passage=["0", "1"], code=fear)
    await ann.post(f"{text}/unmark", passage="1", code=fear)
    await ann.read(text)
    await bob.read(text, (0, fear))
    assert "Settled" in await ann.see("/console/texts")


async def test_obstacles_count_from_five_people_on(training: Training) -> None:
    said = [{"obstacles": FEAR, "role": "social_work"}] * 6 + [
        {"useful": "4", "role": "legal_aid"}
    ] * 5
    ann, bob = await two_coders(training, *said)
    fear = await ann.code("Fear of pressure", country="GE")
    price = await ann.code("No prices")
    every = await texts(ann)
    for number, text in enumerate(every):
        for coder in (ann, bob):
            await coder.read(text, (0, fear), *([(1, price)] if number < 4 else []))
        if number < 5:
            assert "Nothing to count yet" in (await training.client.get("/console/obstacles")).text
    page = (await training.client.get("/console/obstacles")).text
    rows = {
        re.sub("<[^>]+>", "", row.partition("</th>")[0]): re.findall(
            r'data-label="([^"]*)">(?:<span[^>]*>)?([^<]+)', row
        )
        for row in page.partition('id="quarter"')[2]
        .partition('id="edition"')[0]
        .split('<th role="rowheader" scope="row">')[1:]
    }
    assert rows["Fear of pressure"] == [("Legal aid", "0"), ("Social work", "6")]
    assert rows["No prices"] == [("Legal aid", "too few"), ("Social work", "too few")]
    assert await _along_by_work(training, page) == {
        ("Fear of pressure", "legal_aid"): "0",
        ("Fear of pressure", "social_work"): "6",
        ("No prices", "legal_aid"): "",
        ("No prices", "social_work"): "",
        ("", "legal_aid"): "5",
        ("", "social_work"): "6",
    }
    assert await emitted(training.rig.service, ObstacleCounted) == []
    for later in (AFTER + dt.timedelta(days=30), AFTER + dt.timedelta(days=31)):
        await training.go_to(later)
        await training.mails()
    (told,) = await emitted(training.rig.service, ObstacleCounted)
    assert (told.code, told.count, told.period) == (fear, 6, dt.date(2026, 10, 1))
    assert (told.country, told.topic, told.replaces) == ("GE", None, ())
    assert rows["People who answered"] == [("Legal aid", "5"), ("Social work", "6")]


async def test_of_settled_texts_the_last_stand_in_the_list_and_all_that_wait(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coding, "SETTLED_SHOWN", 1)
    ann, bob = await two_coders(training, *[{"obstacles": FEAR}] * 4)
    fear = await ann.code("Fear of pressure")
    every = await texts(ann)
    for text in every[:3]:
        for coder in (ann, bob):
            await coder.read(text, (0, fear))
    page = await ann.see("/console/texts")
    listed = re.findall(r'href="(/console/texts/[\w-]{22})"', page)
    assert len(listed) == 2
    assert every[3] in listed
    assert "those of the last workshops stand here, 1 of them" in page
    assert (await ann.see(every[0])).count("Fear of pressure") > 0
    split = await ann.post(f"/console/code-book/{fear}/split", titles="Of police\nOf kin")
    assert split.status_code == 303, split.text
    assert sorted(await texts(ann)) == sorted(every)


async def test_a_page_tells_of_the_editions_whose_forms_closed_last(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "LAST", 2)
    names = ["Zilver", "Goud", "Brons"]
    ann, bob = await two_coders(training, *[{"obstacles": FEAR}] * 5, title=names[0])
    fear = await ann.code("Fear of pressure")
    for text in await texts(ann):
        for coder in (ann, bob):
            await coder.read(text, (0, fear))
    for number, name in enumerate(names[1:], 1):
        day = AFTER + dt.timedelta(days=2 * number)
        on = day.date().isoformat()
        edition = await answers(training, *[{"useful": 4}] * 5, title=name, date_1=on)
        await training.go_to(day + dt.timedelta(days=1))
        await training.mails()
        await training.post(f"/console/editions/{edition}/feedback/close")
    page = (await training.client.get("/console/obstacles")).text
    by_edition = page.partition('id="edition"')[2]
    assert [name in by_edition for name in names] == [False, True, True]
    assert by_edition.index("Goud") < by_edition.index("Brons")
    assert "stand here; all are in the table (CSV)" in page
    table = (await training.client.get("/console/obstacles.csv")).text
    assert all(name in table for name in names)


async def _along_by_work(training: Training, page: str) -> dict[tuple[str, str], str]:
    """The numbers by work in the file behind the link of the page."""
    assert 'href="/console/obstacles.csv" download' in page
    taken = await training.client.get("/console/obstacles.csv")
    lines = csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))
    of = [line for line in lines if line["counted_by"] == "role"]
    return {(line["obstacle"], line["which"]): line["number"] for line in of}


class TestCodeBook:
    async def test_a_code_is_made_once_renamed_and_keeps_its_name_in_events(
        self, training: Training
    ) -> None:
        ann = await Coder.arrive(training, "Ann A.")
        code = await ann.code("Fear", country="GE", topic="health.medication")
        assert code == "fear"
        assert await ann.code("Fear", parent="fear") == "fear-2"
        said = {"title": "Fear of pressure", "definition": "Somebody fears it."}
        for word in ("Saved.", "Nothing changed."):
            answer = await ann.post(f"/console/code-book/{code}", **said)
            assert word in await ann.see(answer.headers["location"])
        page = await ann.see(f"/console/code-book/{code}")
        assert "Renamed; it was called" in page
        assert "“<bdi>Fear</bdi>”" in page
        book = await ann.see("/console/code-book")
        assert book.index(">Fear of pressure<") < book.index(">Fear<")
        for one in (book, page):
            assert '<a href="/console/obstacles" aria-current="page">' in one

    async def test_other_programs_read_names_and_meanings_and_no_examples(
        self, training: Training
    ) -> None:
        coder = await Coder.arrive(training, "Ann A.")
        url = "/console/code-book.qdc"
        assert (await training.client.get(url)).status_code == 404
        assert url not in await coder.see("/console/code-book")
        said = {"definition": "Somebody\x0b says so.", "example": "They said it."}
        fear = await coder.code('Fear <of> "pressure" & co', **said)
        await coder.code("Fear at home", parent=fear, country="AF", topic="housing.rent")
        gone = await coder.code("Fears")
        await coder.post(f"/console/code-book/{gone}/merge", into=fear)
        assert url in await coder.see("/console/code-book")
        answer = await coder.client.get(url)
        assert answer.headers["content-type"] == "application/xml"
        assert "They said it." not in answer.text
        book = fromstring(answer.content)  # noqa: S314 - our own
        assert book.tag == f"{QDA}CodeBook"
        assert [part.tag for part in book] == [f"{QDA}Codes", f"{QDA}Sets"]
        (top,) = book.findall(f"{QDA}Codes/{QDA}Code")
        meaning, child = top
        assert top.get("name") == 'Fear <of> "pressure" & co'
        assert (meaning.tag, meaning.text) == (f"{QDA}Description", "Somebody  says so.")
        assert (child.get("name"), child.get("isCodable")) == ("Fear at home", "true")
        assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", str(child.get("guid")))
        sets = {str(one.get("name")): one for one in book.findall(f"{QDA}Sets/{QDA}Set")}
        assert [one.get("guid") for one in sets["Afghanistan"]] == [child.get("guid")]
        assert len(sets) == 2
        assert (await training.client.get(url)).content == answer.content

    async def test_a_form_with_something_wrong_comes_back(self, training: Training) -> None:
        ann = await Coder.arrive(training, "Ann A.")
        code = await ann.code("Fear")
        child = await ann.code("Fear of police", parent=code)
        for said in (
            {"title": "x", "definition": "Call 0470 12 34 56"},
            {"title": "x", "definition": "", "example": "kept"},
            {"title": "x", "definition": "y", "parent": child},
            {"title": "x", "definition": "y", "parent": code},
            {"title": "x", "definition": "y", "country": "XX"},
            {"title": "x", "definition": "y", "topic": "xx"},
        ):
            answer = await ann.post(f"/console/code-book/{code}", **said)
            assert answer.status_code == 422, said
        for what, said in (
            ("merge", {}),
            ("merge", {"into": code}),
            ("merge", {"into": "none"}),
            ("split", {"titles": "one"}),
            ("split", {"titles": "one\n" + "x" * 81}),
        ):
            answer = await ann.post(f"/console/code-book/{code}/{what}", **said)
            assert answer.status_code == 422, (what, said)

    async def test_a_merged_code_gives_its_passages_to_another(self, training: Training) -> None:
        ann, bob = await two_coders(training, {"obstacles": FEAR})
        one, other = await ann.code("Fear"), await ann.code("Pressure")
        (text,) = await texts(ann)
        await ann.read(text, (0, one), (0, other))
        await bob.read(text, (0, one))
        for _ in range(2):
            assert (await ann.post(f"/console/code-book/{one}/merge", into=other)).is_redirect
        async with training.rig.service.database.reading() as session:
            marks = (await session.execute(select(PassageMark.turn, PassageMark.code))).all()
            merged = await session.get(Code, one)
        assert sorted(map(tuple, marks)) == [(1, other), (2, other)]
        assert merged is not None
        assert (merged.state, merged.merged_into) == ("merged", other)
        assert "Took in" in await bob.see(f"/console/code-book/{other}")
        assert (
            await ann.post(f"/console/code-book/{one}", title="x", definition="y")
        ).status_code == 409

    async def test_after_a_split_texts_are_settled_anew(self, training: Training) -> None:
        ann, bob = await two_coders(training, {"obstacles": FEAR})
        fear = await ann.code("Fear")
        (text,) = await texts(ann)
        for coder in (ann, bob):
            await coder.read(text, (0, fear))
        for _ in range(2):
            answer = await ann.post(f"/console/code-book/{fear}/split", titles="Of police\nOf kin")
            assert answer.is_redirect
        page = await bob.see(text)
        assert 'value="0:of-police"' in page
        assert f'value="0:{fear}"' not in page
        await bob.post(f"{text}/settle", holds="0:of-kin")
        async with training.rig.service.database.reading() as session:
            settled = select(PassageMark.code).where(PassageMark.turn == 0)
            assert list((await session.execute(settled)).scalars()) == ["of-kin"]
            turns = (await session.execute(select(Reading.turn, Reading.finished_on))).all()
        day = dt.date(2026, 12, 16)
        assert sorted(map(tuple, turns)) == [(0, day), (1, day), (2, day)]
