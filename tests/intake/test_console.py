"""Officers find, take, triage, refuse, refer and link; nobody else reads what an asker wrote."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from cri_intake.models import Case, Message, Reveal
from cri_shared import clock
from sqlalchemy import func, select

from tests.intake.conftest import Intake, receipt_on
from tests.intake.officers import Officer, case_of, cleared, draft_in, posted
from tests.intake.test_delivery import mails, open_page, web_question


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: `test_journey` runs the same queries on PostgreSQL."""
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


class TestDoors:
    @pytest.mark.parametrize("role", ["auditor", "operator", "coordinator", "editor", "trainer"])
    async def test_only_officers_come_in(self, intake: Intake, role: str) -> None:
        question_id = await posted(intake)
        other = await Officer.arrive(intake, role=role)
        for path in ("", "/new", f"/{question_id}", f"/{question_id}/desk"):
            assert (await other.get(path)).status_code == 403
        for path in ("take", "reveal", "triage", "message", "desk/preview", "deliver"):
            assert (await other.post(f"/{question_id}/{path}", why="safety")).status_code == 403

    async def test_whoever_is_not_signed_in_is_sent_to_the_door(self, intake: Intake) -> None:
        answer = await intake.client.get("/console/questions")
        assert answer.headers["location"] == "/console/sign-in"

    async def test_a_form_from_elsewhere_changes_nothing(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        assert (await officer.post(f"/{question_id}/take", csrf="forged")).status_code == 403
        assert (await case_of(intake, question_id)).officer_id is None

    async def test_unknown_questions_are_unknown(self, intake: Intake) -> None:
        officer = await Officer.arrive(intake)
        assert (await officer.get("/no-such-question")).status_code == 404
        for path in ("take", "reveal", "desk/preview", "message"):
            fields = {"why": "desk", "text": "A good long text.", "language": "en", "message": "x"}
            fields |= {"form_token": await officer.form_token("/new")}
            answer = await officer.post(f"/no-such-question/{path}", **fields)
            assert answer.status_code == 404, path


class TestWordsAreCovered:
    async def test_they_are_shown_to_the_officer_who_says_why(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.post(f"/{question_id}/take")
        covered = (await officer.get(f"/{question_id}")).text
        for secret in ("Examplyan", "karen@example.org", "OUR-REF-77"):
            assert secret not in covered
        assert (await officer.post(f"/{question_id}/reveal")).status_code == 422
        assert (await officer.post(f"/{question_id}/reveal", why="triage")).status_code == 303
        shown = (await officer.get(f"/{question_id}")).text
        for secret in ("Examplyan", "karen@example.org", "OUR-REF-77"):
            assert secret in shown
        assert "Looked at the words of the asker: To see what the question is about" in shown

    async def test_they_are_covered_again_after_a_quarter_of_an_hour(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.post(f"/{question_id}/take")
        await officer.post(f"/{question_id}/reveal", why="triage")
        with clock.frozen(clock.now() + dt.timedelta(minutes=16)):
            assert "Examplyan" not in (await officer.get(f"/{question_id}")).text

    async def test_another_officer_does_not_see_them(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        other = await Officer.arrive(intake, "Karim B.")
        await officer.post(f"/{question_id}/take")
        await officer.post(f"/{question_id}/reveal", why="triage")
        assert "Examplyan" not in (await other.get(f"/{question_id}")).text
        assert (await other.post(f"/{question_id}/reveal", why="triage")).status_code == 404
        async with intake.rig.service.database.reading() as session:
            count = select(func.count()).select_from(Reveal)
            assert (await session.execute(count)).scalar_one() == 1

    async def test_a_second_officer_may_look_while_a_text_waits(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        other = await Officer.arrive(intake, "Karim B.")
        await officer.triaged(question_id, sensitivity="red")
        draft = draft_in(await officer.preview(question_id))
        await officer.post(f"/{question_id}/desk/release", draft=draft)
        assert (await other.post(f"/{question_id}/reveal", why="second")).status_code == 303
        assert "Examplyan" in (await other.get(f"/{question_id}/desk")).text


class TestTriage:
    async def test_urgency_and_sensitivity_come_from_the_facts(self, intake: Intake) -> None:
        soon = (clock.today() + dt.timedelta(days=5)).isoformat()
        question_id = await posted(intake, needed_by=soon)
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id, topic="groups.women", topic_2="health.medication")
        case = await case_of(intake, question_id)
        assert (case.urgency, case.sensitivity) == ("urgent", "amber")
        assert case.topics == ["groups.women", "health.medication"]
        await officer.triaged(question_id, urgency="normal", sensitivity="red")
        case = await case_of(intake, question_id)
        assert (case.urgency, case.sensitivity) == ("normal", "red")

    @pytest.mark.parametrize(
        "wrong", [{"country": "ZZ"}, {"topic": ""}, {"topic": "health.magic"}, {"urgency": "now"}]
    )
    async def test_what_is_wrong_is_said_beside_it(
        self, intake: Intake, wrong: dict[str, str]
    ) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.post(f"/{question_id}/take")
        fields = {"country": "AM", "topic": "health.medication", "region": "Gyumri"} | wrong
        answer = await officer.post(f"/{question_id}/triage", **fields)
        assert answer.status_code == 422
        assert f'id="{next(iter(wrong))}-err"' in answer.text
        assert 'value="Gyumri"' in answer.text

    async def test_only_the_officer_who_took_it_may(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        fields = {"country": "AM", "topic": "health.medication"}
        assert (await officer.post(f"/{question_id}/triage", **fields)).status_code == 404
        other = await Officer.arrive(intake, "Karim B.")
        await other.post(f"/{question_id}/take")
        assert (await officer.post(f"/{question_id}/triage", **fields)).status_code == 404
        await officer.post(f"/{question_id}/take")
        assert (await officer.post(f"/{question_id}/triage", **fields)).status_code == 303

    async def test_once_research_has_it_nothing_changes(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.release(question_id)
        fields = {"country": "NP", "topic": "health.medication"}
        assert (await officer.post(f"/{question_id}/triage", **fields)).status_code == 409


class TestEnding:
    async def test_a_refusal_reaches_the_asker_with_its_words(self, intake: Intake) -> None:
        receipt, question_id = await web_question(intake)
        officer = await Officer.arrive(intake)
        await officer.post(f"/{question_id}/take")
        path = f"/{question_id}/refuse"
        assert (await officer.post(path, reason="tracing")).status_code == 422
        assert (await officer.post(path, reason="boring", words="No")).status_code == 422
        words = "The Red Cross can look for your brother."
        for _ in range(2):
            assert (await officer.post(path, reason="tracing", words=words)).status_code == 303
        case = await case_of(intake, question_id)
        assert (case.status, case.ending) == ("refused", "tracing")
        page = await open_page(intake, receipt)
        assert page.count(words) == 1
        assert "We cannot look for an answer" in page
        assert len(await mails(intake)) == 1

    async def test_a_referral_closes_it(self, intake: Intake) -> None:
        receipt, question_id = await web_question(intake)
        officer = await Officer.arrive(intake)
        await officer.post(f"/{question_id}/take")
        path = f"/{question_id}/refer"
        assert (await officer.post(path, referral=" ")).status_code == 422
        assert (await officer.post(path, referral="Call Fedasil.")).status_code == 303
        page = await open_page(intake, receipt)
        assert "Somebody else can help you better" in page
        assert "Call Fedasil." in page
        assert (await officer.preview(question_id)).status_code == 409
        assert await cleared(intake) == []


class TestLinking:
    async def test_only_the_same_country_and_open_ones(self, intake: Intake) -> None:
        first, nepal = await posted(intake, 1), await posted(intake, 2, country="NP")
        officer = await Officer.arrive(intake)
        await officer.post(f"/{first}/take")
        assert (await officer.post(f"/{first}/link", other=nepal)).status_code == 409
        assert (await officer.post(f"/{first}/link", other=first)).status_code == 409
        assert (await officer.post(f"/{first}/link", other="nobody")).status_code == 404
        assert (await officer.post(f"/{first}/link")).status_code == 422

    async def test_the_likest_ones_are_offered_without_their_words(self, intake: Intake) -> None:
        first = await posted(intake, 1)
        same = await posted(intake, 2, text="He asks whether there is insulin in Gyumri. Secretly.")
        officer = await Officer.arrive(intake)
        await officer.post(f"/{first}/take")
        page = (await officer.get(f"/{first}")).text
        assert f'value="{same}"' in page
        assert "Secretly" not in page

    async def test_whoever_joins_late_gets_the_same_answer(self, intake: Intake) -> None:
        first, second = await posted(intake, 1), await posted(intake, 2)
        officer = await Officer.arrive(intake)
        await officer.release(first)
        await officer.post(f"/{second}/take")
        assert (await officer.post(f"/{second}/link", other=first)).status_code == 303
        assert (await case_of(intake, second)).released_at is not None
        assert len(await cleared(intake)) == 1


class TestMessages:
    async def test_a_message_sent_twice_is_one_message(self, intake: Intake) -> None:
        _, question_id = await web_question(intake)
        officer = await Officer.arrive(intake)
        await officer.post(f"/{question_id}/take")
        fields = {"message": "Hello", "form_token": await officer.form_token(f"/{question_id}")}
        for _ in range(2):
            sent = await officer.post(f"/{question_id}/message", **fields)
            assert sent.status_code == 303
        async with intake.rig.service.database.reading() as session:
            count = select(func.count()).select_from(Message)
            assert (await session.execute(count)).scalar_one() == 1
        assert len(await mails(intake)) == 1

    async def test_words_that_may_be_somebody_elses_are_looked_at_first(
        self, intake: Intake
    ) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.post(f"/{question_id}/take")
        token = await officer.form_token(f"/{question_id}")
        own = "Karen Examplyan, we wrote to karen@example.org."
        for text, status in (
            (f"{own} Call Zvartnots Fictivian on 0470 12 34 56.", 422),
            (own, 303),
        ):
            fields = {"message": text, "form_token": token}
            sent = await officer.post(f"/{question_id}/message", **fields)
            assert sent.status_code == status, text
            if status == 422:
                assert text in sent.text
                assert "“0470 12 34 56”" in sent.text
                assert "“Karen" not in sent.text
                marks = re.search(r'name="looked_at" value="([^"]+)"', sent.text)
                assert marks is not None
                token = await officer.form_token(f"/{question_id}")
                fields |= {"looked": "yes", "looked_at": marks[1], "form_token": token}
                other = fields | {"message": f"{text} Or 0470 65 43 21."}
                assert (await officer.post(f"/{question_id}/message", **other)).status_code == 422
                done = await officer.post(f"/{question_id}/message", **fields)
                assert done.status_code == 303
                token = await officer.form_token(f"/{question_id}")

    async def test_an_empty_one_is_explained(self, intake: Intake) -> None:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        await officer.post(f"/{question_id}/take")
        token = await officer.form_token(f"/{question_id}")
        answer = await officer.post(f"/{question_id}/message", message=" ", form_token=token)
        assert answer.status_code == 422
        assert 'id="message-err"' in answer.text


class TestPhone:
    CALL: dict[str, Any] = {  # noqa: RUF012
        "country": "AM",
        "region": "Gyumri",
        "question": "Is there insulin in Gyumri?",
        "topic": "health.medication",
        "language": "fr",
        "spoken_languages": ["hy", "ru"],
        "role": "self",
        "phone": "+32 470 00 00 00",
        "safe_to_call": "yes",
        "reference": "CALL-9",
        "consent": "yes",
    }

    async def test_a_call_is_recorded_once_and_its_number_shown_to_a_second_click(
        self, intake: Intake
    ) -> None:
        officer = await Officer.arrive(intake)
        call = self.CALL | {"form_token": await officer.form_token("/new")}
        first = await officer.post("/new", **call)
        assert first.status_code == 201
        second = await officer.post("/new", **call)
        assert second.status_code == 200
        assert receipt_on(second.text) == receipt_on(first.text)
        with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
            late = await officer.post("/new", **call)
        assert "bigcode" not in late.text
        async with intake.rig.service.database.reading() as session:
            (case,) = (await session.execute(select(Case))).scalars().all()
        assert (case.channel, case.language) == ("phone", "fr")
        assert case.spoken_languages == ["hy", "ru"]
        assert case.topics == ["health.medication"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("country", ""),
            ("country", "QQ"),
            ("question", ""),
            ("needed_by", "2020-01-01"),
            ("email", "nobody"),
            ("consent", ""),
        ],
    )
    async def test_what_was_typed_is_kept(self, intake: Intake, field: str, value: str) -> None:
        officer = await Officer.arrive(intake)
        call = self.CALL | {"form_token": await officer.form_token("/new"), field: value}
        answer = await officer.post("/new", **call)
        assert answer.status_code == 422
        assert f'id="{field}-err"' in answer.text
        assert "CALL-9" in answer.text
        assert 'value="hy" checked' in answer.text
