"""What an asker erases, or time does, is gone: rows, keys, events, and from the others too."""

import csv
import datetime as dt
import io
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from cri_intake.app import create_app
from cri_intake.models import (
    Assignment,
    Case,
    Clarification,
    ErasureRequest,
    IdempotencyRecord,
    Message,
    Release,
    ResearchQuestion,
    ToldErasure,
    messaging,
)
from cri_intake.settings import Settings
from cri_shared import clock
from cri_shared.events import research as r
from cri_shared.events.intake import QuestionErased, QuestionWithdrawn
from cri_shared.events.upkeep import ERASURE_CONFIRMED
from cri_shared.privacy.key_tables import wrapped_keys
from cri_shared.privacy.vault import Erased
from cri_shared.retention.holds import place
from cri_shared.testing.disk import files_with
from cri_shared.testing.events import emitted
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, approved, case_of, hear, posted
from tests.intake.test_delivery import dispatched, open_page, web_question

DAY = dt.timedelta(days=1)
on_each_database = pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
    indirect=True,
)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLite, but for the tests that ask for both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/service.db"
    return str(request.getfixturevalue("postgres_server").create_database())


async def count(intake: Intake, table: type) -> int:
    async with intake.rig.service.database.reading() as session:
        return int((await session.execute(select(func.count()).select_from(table))).scalar_one())


async def duties(intake: Intake) -> None:
    await intake.rig.service.clockwork.do_duties(all_now=True)
    while await intake.rig.service.clockwork.do_jobs():
        pass


async def is_gone(intake: Intake, question_id: str) -> bool:
    await duties(intake)
    async with intake.rig.service.database.reading() as session:
        row = await session.get(Case, question_id)
    try:
        await intake.rig.keys.get("case", question_id)
    except Erased:
        return row is None
    return False


async def along(officer: Officer) -> list[dict[str, str]]:
    """The file of erasures."""
    taken = await officer.client.get("/console/erasures.csv")
    return list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"))))


async def meant(intake: Intake) -> str:
    page = (await intake.client.get("/en/follow/erase")).text
    found = re.search(r'name="meant" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


class TestTheAsker:
    @on_each_database
    async def test_erases_everything_with_one_press_after_being_asked(self, intake: Intake) -> None:
        receipt, question_id = await web_question(intake, country="AM")
        officer = await Officer.arrive(intake)
        research_id = await officer.release(question_id)
        await hear(intake, dispatched(research_id))
        asked = r.ClarificationAsked(research_id=research_id, clarification_id="c", text="Which?")
        await hear(intake, asked)
        assert "Erase your question" in await open_page(intake, receipt)
        page = await meant(intake)
        assert not await is_gone(intake, question_id), "to look changes nothing"
        answer = await intake.client.post("/en/follow/erase", data={"meant": page})
        assert answer.headers["location"] == "/en/follow/erased"
        assert "Nobody can read it" in (await intake.client.get("/en/follow/erased")).text
        assert await is_gone(intake, question_id)
        for table in (Message, Release, ResearchQuestion, Clarification, Assignment):
            assert await count(intake, table) == 0
        with pytest.raises(Erased):
            await intake.rig.keys.get("research", research_id)
        again = await intake.client.post("/en/follow/erase", data={"meant": page})
        assert again.headers["location"] == "/en/follow/erased"
        assert (
            "do not know this number"
            in (await intake.client.post("/en/follow", data={"receipt": receipt})).text
        )
        assert (await officer.get(f"/{question_id}")).status_code == 404

    async def test_the_others_hear_of_it_and_confirm(self, intake: Intake) -> None:
        receipt, question_id = await web_question(intake, country="AM")
        officer = await Officer.arrive(intake)
        research_id = await officer.release(question_id)
        await open_page(intake, receipt)
        await intake.client.post("/en/follow/erase", data={"meant": await meant(intake)})
        outbox = messaging.outbox
        async with intake.rig.service.database.reading() as session:
            rows = (await session.execute(select(outbox).order_by(outbox.c.id))).all()
        left = [row.subject for row in rows if row.erased_at is None]
        assert left == [QuestionErased.subject]
        assert all(row.body == b"" for row in rows if row.erased_at is not None)
        assert [row.about for row in rows if row.erased_at is None] == [research_id]
        page = (await officer.client.get("/console/erasures")).text
        assert research_id in page
        for service, confirmation in ERASURE_CONFIRMED.items():
            await hear(intake, confirmation(research_id=research_id))
            async with intake.rig.service.database.reading() as session:
                told = await session.get(ToldErasure, research_id)
            assert told is not None
            assert getattr(told, f"{service}_at") is not None
        await hear(intake, approved(research_id))
        assert await count(intake, ResearchQuestion) == 0, "what comes late is of no use"
        today = clock.belgian(clock.now()).date().isoformat()
        (line,) = await along(officer)
        assert line == {
            "research_id": research_id,
            "told_on": today,
            "research_on": today,
            "publishing_on": today,
            "overdue": "False",
        }

    async def test_with_a_linked_asker_only_the_own_case_goes(self, intake: Intake) -> None:
        receipt, first = await web_question(intake, country="AM")
        second = await posted(intake, 1, topics=["health.medication"])
        officer = await Officer.arrive(intake)
        await officer.triaged(first)
        await officer.post(f"/{second}/take")
        await officer.post(f"/{second}/link", other=first)
        research_id = await officer.release(first)
        await open_page(intake, receipt)
        await intake.client.post("/en/follow/erase", data={"meant": await meant(intake)})
        assert await is_gone(intake, first)
        assert await emitted(intake.rig.service, QuestionErased) == []
        assert await emitted(intake.rig.service, QuestionWithdrawn) == []
        assert (await case_of(intake, second)).linked_to is None
        await hear(intake, approved(research_id))
        assert (await intake.get(f"/questions/{second}")).json()["answer"] is not None

    async def test_behind_a_page_that_was_closed_nothing_is_erased(self, intake: Intake) -> None:
        receipt, question_id = await web_question(intake, country="AM")
        await open_page(intake, receipt)
        page = await meant(intake)
        await intake.client.post("/en/follow/close")
        for said in ({"meant": page}, {"meant": "forged"}, {}):
            answer = await intake.client.post("/en/follow/erase", data=said)
            assert answer.status_code == 409
        assert (await intake.client.get("/en/follow/erase")).headers["location"] == "/en/follow"
        assert not await is_gone(intake, question_id)

    async def test_what_is_held_waits_and_is_erased_after_the_last_day(
        self, intake: Intake
    ) -> None:
        receipt, question_id = await web_question(intake, country="AM")
        officer = await Officer.arrive(intake)
        until = clock.today() + 10 * DAY
        async with intake.rig.service.database.writing() as work:
            await place(work, question_id, reason="court", until=until, by=officer.staff)
        assert "held for legal reasons" in (await officer.get(f"/{question_id}")).text
        await open_page(intake, receipt)
        said = {"meant": await meant(intake)}
        for _ in range(2):
            answer = await intake.client.post("/en/follow/erase", data=said)
            assert answer.headers["location"] == "/en/follow"
        assert "You asked us to erase this" in (await intake.client.get("/en/follow")).text
        assert not await is_gone(intake, question_id)
        with clock.frozen(clock.now() + 11 * DAY):
            assert await is_gone(intake, question_id)


class TestTwoOfficers:
    @on_each_database
    async def test_one_asks_and_another_erases(self, intake: Intake) -> None:
        question_id = await posted(intake, 1)
        first, second = await Officer.arrive(intake), await Officer.arrive(intake, "Wim V.")
        assert (await first.post(f"/{question_id}/erase")).status_code == 422
        for _ in range(2):
            asked = await first.post(f"/{question_id}/erase", wish="person")
            assert asked.status_code == 303
        assert "Another officer must confirm" in (await first.get(f"/{question_id}/erase")).text
        assert (await first.post(f"/{question_id}/erase/confirm")).status_code == 303
        assert (await first.post(f"/{question_id}/erase/refuse")).status_code == 403
        assert not await is_gone(intake, question_id)
        assert question_id in (await second.client.get("/console/erasures")).text
        assert await along(second) == [], "a question that waits is in no file"
        assert "Erase it for good" in (await second.get(f"/{question_id}/erase")).text
        for _ in range(2):
            done = await second.post(f"/{question_id}/erase/confirm")
            assert done.headers["location"] == "/console/erasures"
        assert await is_gone(intake, question_id)
        assert await count(intake, IdempotencyRecord) == 0
        assert (await intake.get(f"/questions/{question_id}")).status_code == 404

    async def test_an_organisation_asks_and_two_officers_do_it(self, intake: Intake) -> None:
        question_id = await posted(intake, 1)
        headers = {"Authorization": f"Bearer {intake.key}"}
        for _ in range(2):
            answer = await intake.client.delete(f"/api/v1/questions/{question_id}", headers=headers)
            assert (answer.status_code, answer.json()) == (202, {"status": "erasure_requested"})
        other = {"Authorization": f"Bearer {await intake.another_key('Other')}"}
        foreign = await intake.client.delete(f"/api/v1/questions/{question_id}", headers=other)
        assert foreign.status_code == 404
        first, second = await Officer.arrive(intake), await Officer.arrive(intake, "Wim V.")
        assert "I stand for this" in (await first.get(f"/{question_id}/erase")).text
        await first.post(f"/{question_id}/erase/confirm")
        assert not await is_gone(intake, question_id)
        await second.post(f"/{question_id}/erase/confirm")
        assert await is_gone(intake, question_id)

    async def test_the_second_may_let_it_stay(self, intake: Intake) -> None:
        question_id = await posted(intake, 1)
        first, second = await Officer.arrive(intake), await Officer.arrive(intake, "Wim V.")
        await first.post(f"/{question_id}/erase", wish="mistake")
        for _ in range(2):
            stays = await second.post(f"/{question_id}/erase/refuse")
            assert stays.status_code == 303
        assert await count(intake, ErasureRequest) == 0
        nobody = await second.post(f"/{question_id}/erase/confirm")
        assert nobody.status_code == 409
        assert "Nobody asks" in nobody.text
        assert not await is_gone(intake, question_id)

    async def test_what_is_held_cannot_be_erased(self, intake: Intake) -> None:
        question_id = await posted(intake, 1)
        first, second = await Officer.arrive(intake), await Officer.arrive(intake, "Wim V.")
        async with intake.rig.service.database.writing() as work:
            await place(work, question_id, reason="court", until=clock.today(), by=first.staff)
        await first.post(f"/{question_id}/erase", wish="person")
        refused = await second.post(f"/{question_id}/erase/confirm")
        assert refused.status_code == 409
        assert "held for legal reasons" in refused.text
        assert not await is_gone(intake, question_id)


class TestTime:
    @on_each_database
    async def test_an_answered_case_goes_after_its_days_and_research_keeps_its_question(
        self, intake: Intake
    ) -> None:
        _, question_id = await web_question(intake, country="AM")
        research_id = await (await Officer.arrive(intake)).release(question_id)
        await hear(intake, approved(research_id))
        with clock.frozen(clock.now() + 89 * DAY):
            assert not await is_gone(intake, question_id)
        with clock.frozen(clock.now() + 91 * DAY):
            assert await is_gone(intake, question_id)
            assert await count(intake, ResearchQuestion) == 0
        assert await emitted(intake.rig.service, QuestionErased) == []

    async def test_while_many_end_others_may_write_every_few_cases(self, intake: Intake) -> None:
        for number in range(55):
            await posted(intake, number)
        left = [55]

        async def look(session: AsyncSession) -> None:
            counted = await session.execute(select(func.count()).select_from(Case))
            left.append(counted.scalar_one())

        intake.rig.service.database.at_end(look)
        with clock.frozen(clock.now() + 366 * DAY):
            await duties(intake)
        assert left[-1] == 0
        assert max(before - after for before, after in pairwise(left)) <= 25

    async def test_who_wants_to_hear_of_changes_is_kept_for_a_year(self, intake: Intake) -> None:
        receipt, question_id = await web_question(intake, country="AM")
        research_id = await (await Officer.arrive(intake)).release(question_id)
        await hear(intake, approved(research_id))
        assert "tell me when the answer changes" in await open_page(intake, receipt)
        for _ in range(2):
            await intake.client.post("/en/follow/keep")
        assert "Until then we tell you" in (await intake.client.get("/en/follow")).text
        with clock.frozen(clock.now() + 364 * DAY):
            assert not await is_gone(intake, question_id)
        with clock.frozen(clock.now() + 366 * DAY):
            assert await is_gone(intake, question_id)

    async def test_one_that_is_still_open_after_a_year_is_taken_back_first(
        self, intake: Intake
    ) -> None:
        _, question_id = await web_question(intake, country="AM")
        research_id = await (await Officer.arrive(intake)).release(question_id)
        with clock.frozen(clock.now() + 366 * DAY):
            assert await is_gone(intake, question_id)
        (told,) = await emitted(intake.rig.service, QuestionWithdrawn)
        assert told.research_id == research_id

    async def test_what_was_set_aside_goes_after_two_weeks(self, intake: Intake) -> None:
        _, question_id = await web_question(intake, country="AM")
        async with intake.rig.service.database.writing() as work:
            case = await work.session.get(Case, question_id)
            assert case is not None
            case.held = True
        with clock.frozen(clock.now() + 15 * DAY):
            assert await is_gone(intake, question_id)


async def test_a_key_without_a_case_is_swept_up_and_no_other(intake: Intake) -> None:
    question_id = await posted(intake, 1)
    await intake.rig.keys.create("case", "left-behind-by-a-crash")
    with clock.frozen(clock.now() + 8 * DAY):
        await duties(intake)
    assert await intake.rig.keys.get("case", question_id)
    with pytest.raises(Erased):
        await intake.rig.keys.get("case", "left-behind-by-a-crash")


async def secrets_of(intake: Intake, question_id: str, research_id: str) -> set[bytes]:
    """Pieces of what must be gone from the files: the keys as they are kept, the event's body."""
    async with intake.rig.keys._readers.connect() as connection:
        of = wrapped_keys.c.owner_id.in_([question_id, research_id])
        keys = (await connection.execute(select(wrapped_keys.c.wrapped).where(of))).scalars().all()
    async with intake.rig.service.database.reading() as session:
        bodies = (await session.execute(select(messaging.outbox.c.body))).scalars().all()
    assert len(keys) == 2
    return {*keys, *(body[16:48] for body in bodies)}


async def test_erased_means_gone_from_the_files_too(tmp_path: Path) -> None:
    app = create_app(settings_for(Settings, tmp_path))
    async with running(app) as client:
        intake = Intake(app, client, "", tmp_path)
        receipt, question_id = await web_question(intake, country="AM")
        research_id = await (await Officer.arrive(intake)).release(question_id)
        needles = await secrets_of(intake, question_id, research_id)
        assert files_with(tmp_path, *needles), "it can be found"
        await open_page(intake, receipt)
        await intake.client.post("/en/follow/erase", data={"meant": await meant(intake)})
        assert await is_gone(intake, question_id)
        assert files_with(tmp_path, *needles) == []
    assert files_with(tmp_path, *needles) == []


@pytest.mark.parametrize("restored", ["service.db", "intake-keys.db", "both"])
async def test_a_backup_that_is_restored_does_not_bring_it_back(
    tmp_path: Path, restored: str
) -> None:
    live, backup = tmp_path / "live", tmp_path / "backup"
    live.mkdir()
    url = f"sqlite+aiosqlite:///{live}/service.db"
    settings = settings_for(Settings, live, database_url=url)
    app = create_app(settings)
    async with running(app) as client:
        intake = Intake(app, client, "", live)
        receipt, question_id = await web_question(intake, country="AM")
    shutil.copytree(live, backup)
    app = create_app(settings)
    async with running(app) as client:
        intake = Intake(app, client, "", live)
        await open_page(intake, receipt)
        await intake.client.post("/en/follow/erase", data={"meant": await meant(intake)})
        assert await is_gone(intake, question_id)
        listed = await intake.rig.ledger.known()
    for name in ("service.db", "intake-keys.db") if restored == "both" else (restored,):
        for file in live.glob(f"{name}*"):
            file.unlink()
        shutil.copy(backup / name, live)
    app = create_app(settings)
    async with running(app) as client:
        intake = Intake(app, client, "", live)
        if restored == "both":
            assert not await is_gone(intake, question_id)
            assert await intake.rig.ledger.take(listed) == 1
            assert await intake.rig.ledger.take(listed) == 0
        assert await is_gone(intake, question_id)
        assert await intake.rig.ledger.known() == listed
