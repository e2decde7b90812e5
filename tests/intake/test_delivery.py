"""What research tells reaches everybody who asked, and nobody else."""

import datetime as dt
import email
from pathlib import Path

import pytest
from cri_intake.models import ResearchQuestion
from cri_intake.queries.askers import case_of_receipt
from cri_shared import clock
from cri_shared.events import research as r
from cri_shared.events.intake import (
    AnswerDelivered,
    AnswerRated,
    QuestionWithdrawn,
)
from cri_shared.testing.disk import files_with
from cri_shared.testing.events import emitted

from tests.intake.conftest import Intake
from tests.intake.officers import (
    Officer,
    approved,
    case_of,
    cleared,
    draft_in,
    hear,
    posted,
    research_id_of,
)
from tests.intake.test_pages import ask, receipt_on


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: `test_journey` runs the same queries on PostgreSQL."""
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


DUE = dt.date(2026, 12, 10)


def dispatched(research_id: str) -> r.QuestionDispatched:
    return r.QuestionDispatched(research_id=research_id, assignment_id="a", due_on=DUE)


async def mails(intake: Intake) -> list[email.message.Message]:
    await intake.rig.service.clockwork.do_jobs()
    folder = intake.directory / "mail"
    files = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [email.message_from_bytes(f.read_bytes()) for f in files]


async def status(intake: Intake, question_id: str) -> str:
    return (await case_of(intake, question_id)).status


async def web_question(intake: Intake, **changed: str) -> tuple[str, str]:
    """(receipt, question id) of a question from the form."""
    receipt = receipt_on(await ask(intake, "en", **changed))
    async with intake.rig.service.database.reading() as session:
        case = await case_of_receipt(session, intake.rig, receipt.replace(" ", ""))
    assert case is not None
    return receipt, case.question_id


async def open_page(intake: Intake, receipt: str) -> str:
    intake.client.cookies.clear()
    await intake.client.post("/en/follow", data={"receipt": receipt})
    return (await intake.client.get("/en/follow")).text


class TestCourse:
    async def test_a_due_date_is_shown_to_the_asker_and_the_officer(self, intake: Intake) -> None:
        receipt, question_id = await web_question(intake, country="AM")
        officer = await Officer.arrive(intake)
        research_id = await officer.release(question_id)
        assert await status(intake, question_id) == "in_review"
        await hear(intake, dispatched(research_id))
        assert await status(intake, question_id) == "with_partner"
        assert "10 December 2026" in await open_page(intake, receipt)
        assert "10 December 2026" in (await officer.get(f"/{question_id}")).text

    async def test_a_declined_question_says_honestly_that_it_takes_longer(
        self, intake: Intake
    ) -> None:
        receipt, question_id = await web_question(intake, country="AM")
        research_id = await (await Officer.arrive(intake)).release(question_id)
        declined = r.AssignmentDeclined(
            research_id=research_id, assignment_id="a", reason="no_capacity"
        )
        for event in (declined, dispatched(research_id)):  # in the wrong order
            await hear(intake, event)
        page = await open_page(intake, receipt)
        assert "It takes longer than we said" in page
        assert "10 December 2026" not in page
        other = r.QuestionDispatched(research_id=research_id, assignment_id="b", due_on=DUE)
        await hear(intake, other)
        assert "It takes longer" not in await open_page(intake, receipt)

    async def test_a_late_partner_is_overdue_until_there_is_a_later_date(
        self, intake: Intake
    ) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        research_id = await officer.release(question_id)
        ids = {"research_id": research_id, "assignment_id": "a"}
        await hear(intake, r.QuestionDispatched(**ids, due_on=DUE))
        await hear(intake, r.AssignmentOverdue(**ids, due_on=DUE))
        assert question_id in (await officer.get("?view=overdue")).text
        later = DUE + dt.timedelta(days=7)
        await hear(intake, r.QuestionDispatched(**ids, due_on=later))
        await hear(intake, r.AssignmentOverdue(**ids, due_on=DUE))  # redelivered late
        case = await case_of(intake, question_id)
        assert (case.delay, case.due_on) == (None, later)

    async def test_what_is_not_ours_is_ignored(self, intake: Intake) -> None:
        for event in (
            r.QuestionDispatched(research_id="refresh", assignment_id="a", due_on=DUE),
            r.AssignmentDeclined(research_id="refresh", assignment_id="a", reason="other"),
            r.AssignmentOverdue(research_id="refresh", assignment_id="a", due_on=DUE),
            r.QuestionReturned(research_id="refresh", reason="unclear"),
            r.ClarificationAsked(research_id="refresh", clarification_id="c", text="Which?"),
            approved("refresh", entry_id="e"),
            r.QuestionUnanswered(research_id="refresh", reason="expired"),
        ):
            await hear(intake, event)

    async def test_a_returned_text_is_written_anew_under_a_new_id(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        first = await officer.release(question_id)
        await hear(intake, r.QuestionReturned(research_id=first, reason="unsafe_text"))
        page = (await officer.get(f"/{question_id}")).text
        assert "it may tell who asks" in page
        assert "Is insulin of both kinds" in (await officer.get(f"/{question_id}/desk")).text
        shown = await officer.preview(question_id, "Where is insulin sold in the Shirak region?")
        await officer.post(f"/{question_id}/desk/release", draft=draft_in(shown))
        second = await research_id_of(intake, question_id)
        assert second != first
        assert [e.research_id for e in await cleared(intake)] == [first, second]
        await hear(intake, approved(first))  # too late, and not what was asked at last
        assert await status(intake, question_id) == "in_review"

    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            ("no_partner", "nobody in this country"),
            ("refused", "matter of safety"),
            ("expired", "took too long"),
        ],
    )
    async def test_no_answer_is_told_with_its_reason(
        self, intake: Intake, reason: str, words: str
    ) -> None:
        receipt, question_id = await web_question(intake, country="AM")
        research_id = await (await Officer.arrive(intake)).release(question_id)
        event = {"research_id": research_id, "reason": reason}
        await hear(intake, r.QuestionUnanswered.model_validate(event))
        page = await open_page(intake, receipt)
        assert "We have no answer for you" in page
        assert words in page
        assert len(await mails(intake)) == 1


class TestDelivery:
    async def test_whoever_reads_the_language_gets_the_answer_at_once(self, intake: Intake) -> None:
        receipt, question_id = await web_question(intake, country="AM", language="en")
        research_id = await (await Officer.arrive(intake)).release(question_id)
        await hear(intake, approved(research_id))
        await hear(intake, approved(research_id))
        page = await open_page(intake, receipt)
        assert "<strong>free</strong> at the polyclinic" in page
        assert "Two pharmacies" in page
        assert "1 November 2026" in page
        assert await status(intake, question_id) == "answered"
        (said,) = await emitted(intake.rig.service, AnswerDelivered)
        assert (said.research_id, said.delivered_on) == (research_id, clock.today())

    async def test_a_spoken_language_is_enough(self, intake: Intake) -> None:
        question_id = await posted(intake, language="fa-AF", spoken_languages=["en"])
        research_id = await (await Officer.arrive(intake)).release(question_id)
        await hear(intake, approved(research_id))
        assert await status(intake, question_id) == "answered"

    async def test_another_language_waits_for_an_officer(self, intake: Intake) -> None:
        question_id = await posted(intake, language="nl")
        officer = await Officer.arrive(intake)
        research_id = await officer.release(question_id)
        await hear(intake, approved(research_id))
        assert await status(intake, question_id) == "with_partner"
        assert question_id in (await officer.get("?view=deliver")).text
        assert (await intake.get(f"/questions/{question_id}")).json()["answer"] is None
        assert await emitted(intake.rig.service, AnswerDelivered) == []
        path = f"/{question_id}/deliver"
        empty = await officer.post(path, kind="translation", note_language="nl", note=" ")
        assert empty.status_code == 422
        fields = {
            "kind": "translation",
            "note_language": "nl",
            "note": "Beide soorten zijn *gratis*.",
        }
        for _ in range(2):
            assert (await officer.post(path, **fields)).status_code == 303
        answer = (await intake.get(f"/questions/{question_id}")).json()["answer"]
        assert answer["note"]["text"] == "Beide soorten zijn *gratis*."
        assert answer["outcome"] == "found"
        assert research_id not in str(answer)
        assert len(await emitted(intake.rig.service, AnswerDelivered)) == 1

    async def test_it_is_delivered_when_the_last_linked_asker_has_it(self, intake: Intake) -> None:
        first = await posted(intake, 1, language="en")
        second = await posted(intake, 2, language="nl")
        third = await posted(intake, 3, language="nl")
        officer = await Officer.arrive(intake)
        await officer.triaged(first)
        for other in (second, third):
            await officer.post(f"/{other}/take")
            await officer.post(f"/{other}/link", other=first)
        research_id = await officer.release(first)
        await hear(intake, approved(research_id))
        assert [await status(intake, q) for q in (first, second, third)] == [
            "answered",
            "with_partner",
            "with_partner",
        ]
        assert await emitted(intake.rig.service, AnswerDelivered) == []
        fields = {"kind": "translation", "note_language": "nl", "note": "Allebei gratis."}
        await officer.post(f"/{second}/deliver", **fields)
        assert await status(intake, third) == "answered"
        assert len(await emitted(intake.rig.service, AnswerDelivered)) == 1

    async def test_conflicting_accounts_and_what_was_tried_are_shown(self, intake: Intake) -> None:
        receipt, question_id = await web_question(intake, country="AM")
        research_id = await (await Officer.arrive(intake)).release(question_id)
        account = r.Account(text="It takes 60 days.", language="en", information_date=DUE)
        event = approved(
            research_id, outcome="conflicting", accounts=(account,), tried="Three clinics."
        )
        await hear(intake, event)
        page = await open_page(intake, receipt)
        for words in ("different things", "It takes 60 days.", "Three clinics."):
            assert words in page

    async def test_mail_says_that_there_is_news_and_nothing_else(self, intake: Intake) -> None:
        _, question_id = await web_question(
            intake, country="AM", language="fr", spoken_languages="en"
        )
        research_id = await (await Officer.arrive(intake)).release(question_id)
        await hear(intake, approved(research_id))
        (mail,) = await mails(intake)
        text = str(mail)
        assert mail["to"] == "asker@example.org"
        assert "/fr/follow" in text
        for word in ("insulin", "polyclinic", "free", question_id, research_id):
            assert word not in text

    @pytest.mark.parametrize("unsafe", [{"safe_to_write": ""}, {"email": ""}])
    async def test_nobody_is_written_to_where_that_is_not_safe(
        self, intake: Intake, unsafe: dict[str, str]
    ) -> None:
        _, question_id = await web_question(intake, country="AM", **unsafe)
        research_id = await (await Officer.arrive(intake)).release(question_id)
        await hear(intake, approved(research_id))
        assert await mails(intake) == []


class TestRating:
    async def test_an_answer_is_rated_once(self, intake: Intake) -> None:
        receipt, question_id = await web_question(intake, country="AM")
        research_id = await (await Officer.arrive(intake)).release(question_id)
        await open_page(intake, receipt)
        early = await intake.client.post("/en/follow/rate", data={"useful": "yes"})
        assert early.status_code == 303
        await hear(intake, approved(research_id))
        wrong = await intake.client.post("/en/follow/rate", data={"useful": "very"})
        assert wrong.status_code == 422
        for useful in ("partly", "no"):
            await intake.client.post("/en/follow/rate", data={"useful": useful})
        (rated,) = await emitted(intake.rig.service, AnswerRated)
        assert (rated.research_id, rated.useful) == (research_id, "partly")


class TestLeaving:
    async def test_research_hears_when_the_last_linked_asker_leaves(self, intake: Intake) -> None:
        first, lead = await web_question(intake, country="AM")
        second, follower = await web_question(intake, country="AM")
        officer = await Officer.arrive(intake)
        await officer.triaged(lead)
        await officer.post(f"/{follower}/take")
        await officer.post(f"/{follower}/link", other=lead)
        research_id = await officer.release(lead)
        await open_page(intake, first)
        await intake.client.post("/en/follow/withdraw")
        assert await emitted(intake.rig.service, QuestionWithdrawn) == []
        await hear(intake, dispatched(research_id))
        assert await status(intake, follower) == "with_partner"
        assert await status(intake, lead) == "withdrawn"
        await open_page(intake, second)
        await intake.client.post("/en/follow/withdraw")
        (left,) = await emitted(intake.rig.service, QuestionWithdrawn)
        assert left.research_id == research_id

    async def test_a_question_that_never_left_says_nothing(self, intake: Intake) -> None:
        receipt, _ = await web_question(intake)
        await open_page(intake, receipt)
        await intake.client.post("/en/follow/withdraw")
        assert await emitted(intake.rig.service, QuestionWithdrawn) == []

    async def test_the_lead_is_handed_on(self, intake: Intake) -> None:
        first, lead = await web_question(intake, country="AM")
        _, follower = await web_question(intake, country="AM")
        officer = await Officer.arrive(intake)
        await officer.triaged(lead)
        await officer.post(f"/{follower}/take")
        await officer.post(f"/{follower}/link", other=lead)
        await open_page(intake, first)
        await intake.client.post("/en/follow/withdraw")
        assert (await case_of(intake, follower)).linked_to is None
        await officer.release(follower)
        assert len(await cleared(intake)) == 1


async def test_the_delivered_copy_lies_sealed(intake: Intake) -> None:
    question_id = await posted(intake)
    research_id = await (await Officer.arrive(intake)).release(question_id)
    await hear(intake, approved(research_id))
    async with intake.rig.service.database.reading() as session:
        found = await session.get(ResearchQuestion, research_id)
    assert found is not None
    assert found.answer_sealed
    assert files_with(intake.directory, "polyclinic") == []
