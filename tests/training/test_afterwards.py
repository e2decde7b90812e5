"""Feedback is given without a name, and personal data stays sealed."""

import datetime as dt
import re

import pytest
from cri_shared import clock
from cri_shared.testing.disk import files_with, on_disk
from cri_training.models import Ballot, Base, FeedbackAnswer
from sqlalchemy import func, select

from tests.training.conftest import Training, text_of

AFTER = dt.datetime(2026, 12, 16, 9, 0, tzinfo=dt.UTC)
PEOPLE = [f"p{number}@example.org" for number in range(6)]


async def count(training: Training, table: type[Base]) -> int:
    async with training.rig.service.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def held(training: Training, *groups: list[str]) -> list[tuple[str, list[str]]]:
    """Editions that were held with these people, the morning after: ids and feedback links."""
    editions = []
    for people in groups:
        edition = await training.edition(capacity="10")
        editions.append(edition)
        for email in people:
            await training.sign_up(edition, email)
    await training.go_to(AFTER)
    for edition in editions:
        await training.mark_the_rest(edition)
    links: dict[str, str] = {}
    for mail in await training.mails():
        if found := re.search(r"8004(/\w\w/feedback/\S+)", text_of(mail)):
            links[mail["To"]] = found[1]
    return [(e, [links[p] for p in people]) for e, people in zip(editions, groups, strict=True)]


async def vote(training: Training, link: str, **fields: str) -> tuple[int, str]:
    """Send the form behind a link."""
    path, _, ticket = link.rpartition("/")
    answer = await training.public.post(path, data={"ticket": ticket, **fields})
    return answer.status_code, answer.text


class TestFeedback:
    async def test_only_who_came_is_asked_and_once(self, training: Training) -> None:
        edition = await training.edition(capacity="10")
        for email in PEOPLE[:2]:
            await training.sign_up(edition, email)
        await training.go_to(AFTER)
        first, second = await training.on_the_list(edition)
        assert await training.mark(edition, first, "late", minutes="20") == "Saved."
        assert await training.mark(edition, second, "excused") == "Saved."
        await training.mails()
        await training.mails()
        asked = [m for m in await training.mails() if "What did you think" in str(m["Subject"])]
        assert [mail["To"] for mail in asked] == [PEOPLE[0]]
        assert await count(training, Ballot) == 1

    async def test_a_link_answers_once(self, training: Training) -> None:
        ((_, links),) = await held(training, PEOPLE[:1])
        page = await training.public.get(links[0])
        assert "What makes it hard" in page.text
        status, text = await vote(training, links[0], useful="5")
        assert status == 200
        assert "Thank you" in text
        status, text = await vote(training, links[0], useful="1")
        assert status == 409
        assert "Each person can answer once" in text
        assert "This link was used" in (await training.public.get(links[0])).text
        assert await count(training, FeedbackAnswer) == 1
        assert await count(training, Ballot) == 0

    async def test_a_name_comes_back_to_be_taken_out_or_explained(self, training: Training) -> None:
        ((_, links),) = await held(training, PEOPLE[:1])
        remark = "Mrs Fictiveldt of the Zorgvlek should talk more slowly."
        status, text = await vote(training, links[0], remark=remark)
        assert status == 422
        assert remark in text
        marks = re.search(r'name="marks_name" value="([^"]+)"', text)
        assert marks is not None
        assert await count(training, FeedbackAnswer) == 0
        kept = {"keep_name": "public_body", "marks_name": marks[1]}
        status, _ = await vote(training, links[0], remark=f"{remark} 0470 12 34 56", **kept)
        assert status == 422
        assert (await vote(training, links[0], remark=remark, **kept))[0] == 200
        assert await count(training, FeedbackAnswer) == 1

    async def test_a_ticket_of_another_edition_is_not_ours(self, training: Training) -> None:
        (_, links), (_, others) = await held(training, PEOPLE[:1], PEOPLE[1:2])
        mixed = f"{links[0].rpartition('/')[0]}/{others[-1].rpartition('/')[2]}"
        assert (await vote(training, mixed, useful="3"))[0] == 409
        assert (await vote(training, "/en/feedback/unknown/x", useful="3"))[0] == 404

    async def test_without_a_ticket_the_form_is_only_to_read(self, training: Training) -> None:
        ((_, links),) = await held(training, PEOPLE[:1])
        path = links[0].rpartition("/")[0]
        assert "the form to read" in (await training.public.get(path)).text
        assert (await training.public.post(path, data={"useful": "3"})).status_code == 409

    async def test_what_points_to_a_person_is_refused_and_nothing_is_lost(
        self, training: Training
    ) -> None:
        ((_, links),) = await held(training, PEOPLE[:1])
        text = "She said: call me on 0470 12 34 56"
        status, page = await vote(training, links[0], useful="4", obstacles=text)
        assert status == 422
        assert "points to a person: “0470 12 34 56”" in page
        assert text in page
        assert 'name="useful" value="4" checked' in page
        assert await count(training, FeedbackAnswer) == 0
        status, _ = await vote(training, links[0], useful="4", obstacles="She gave a number")
        assert status == 200

    @pytest.mark.parametrize("fields", [{}, {"useful": "6"}, {"remark": "x" * 2001}])
    async def test_an_empty_or_wrong_form_comes_back(
        self, training: Training, fields: dict[str, str]
    ) -> None:
        ((_, links),) = await held(training, PEOPLE[:1])
        assert (await vote(training, links[0], **fields))[0] == 422
        assert await count(training, Ballot) == 1

    @pytest.mark.parametrize("number", [4, 5])
    async def test_counts_are_shown_from_five_answers_on(
        self, training: Training, number: int
    ) -> None:
        ((edition, links),) = await held(training, PEOPLE[:5])
        url = f"/console/editions/{edition}/feedback"
        for link in links[: number - 1]:
            await vote(training, link, useful="5", obstacles="They fear pressure")
        await vote(training, links[number - 1], useful="1")
        page = (await training.client.get(url)).text
        assert "People can answer until" in page
        assert 'class="likert"' not in page
        await training.post(f"{url}/close")
        page = (await training.client.get(url)).text
        assert ("Too few answers." in page) == (number == 4)
        assert ("1: 1; 2: 0; 3: 0; 4: 0; 5: 4" in page) == (number == 5)
        assert "They fear pressure" not in page

    async def test_an_answer_knows_neither_person_nor_hour(self, training: Training) -> None:
        ((_, links),) = await held(training, PEOPLE[:1])
        await vote(training, links[0], useful="5", remark="Thank you")
        async with training.rig.service.database.reading() as session:
            (answer,) = (await session.execute(select(FeedbackAnswer))).scalars()
        columns = {column.name for column in FeedbackAnswer.__table__.columns}
        assert columns == {
            "answer_id",
            "edition_id",
            "answered_on",
            "role",
            "useful",
            "prepared",
            "pace",
            "sure_before",
            "sure_now",
            "obstacles_sealed",
            "remark_sealed",
            "waits",
        }
        assert answer.answered_on == dt.date(2026, 12, 16)
        assert {column.name for column in Ballot.__table__.columns} == {"ticket_hash", "edition_id"}

    async def test_a_form_closes_and_unused_rights_are_forgotten(self, training: Training) -> None:
        ((_, links),) = await held(training, PEOPLE[:1])
        with clock.frozen(AFTER + dt.timedelta(days=29)):
            assert "This form is closed" in (await training.public.get(links[0])).text
            assert (await vote(training, links[0], useful="5"))[0] == 409
            await training.mails()
        assert await count(training, Ballot) == 0


class TestPrivacy:
    async def test_who_signs_up_is_nowhere_in_clear(
        self, training: Training, capfd: pytest.CaptureFixture[str]
    ) -> None:
        edition = await training.edition(capacity="1")
        canaries = {
            "name": "Zebrafinch Canaryname",
            "organisation": "Canaryhouse",
            "needs": "canaryneeds please",
        }
        await training.sign_up(edition, "canarymail@example.org", **canaries)
        token = await training.sign_up(edition, "canarytwo@example.org", **canaries)
        await training.public.post(f"/en/sign-up/manage/{token}/cancel")
        await training.client.get(f"/console/editions/{edition}/participants")
        await training.mails()
        await training.ask(edition, "canarythree@example.org", **canaries)  # its mail waits
        kept = on_disk(training.directory)
        written = b"".join(held for path, held in kept.items() if not path.endswith(".eml"))
        out, err = capfd.readouterr()
        for text in (written.decode("latin-1").lower(), (out + err).lower()):
            assert "canary" not in text

    async def test_secrets_of_links_are_kept_only_as_hashes(self, training: Training) -> None:
        edition = await training.edition()
        token = await training.sign_up(edition, PEOPLE[0])
        kept = files_with(training.directory, token)
        assert [path for path in kept if not path.endswith(".eml")] == []
