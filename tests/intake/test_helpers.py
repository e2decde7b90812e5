"""An asker lets an organisation follow a question: by a code, for as long as the asker wants."""

import datetime as dt
import re
import secrets

import httpx
from cri_intake.models import Case, HelperCode
from cri_intake.rules import HELPER_CODE_HOURS
from cri_shared import clock
from cri_shared.web.lanes import Lanes
from sqlalchemy import select

from tests.intake.conftest import Intake, receipt_on
from tests.intake.officers import Officer
from tests.intake.test_pages import ask, token

UNKNOWN = "000 000 000 000"


async def followed(intake: Intake) -> str:
    """A question whose page its asker has open; gives its id."""
    receipt = receipt_on(await ask(intake, "en", email="asker@example.org"))
    await intake.client.post("/en/follow", data={"receipt": receipt})
    async with intake.rig.service.database.reading() as session:
        newest = select(Case.question_id).order_by(Case.received_at.desc()).limit(1)
        return str((await session.execute(newest)).scalar_one())


async def page(intake: Intake) -> str:
    return (await intake.client.get("/en/follow")).text


async def code_for(intake: Intake, may: str = "read", form_token: str = "") -> httpx.Response:
    form = {"may": may, "form_token": form_token or await token(intake, "en")}
    return await intake.client.post("/en/follow/helper", data=form)


def shown(made: httpx.Response) -> str:
    found = re.search(r'class="bigcode"><bdi dir="ltr">([\d ]+)<', made.text)
    assert found is not None, made.text
    return found[1]


async def use(intake: Intake, code: str, key: str | None = None) -> httpx.Response:
    intake.app.state.lanes = Lanes()
    headers = {"Authorization": f"Bearer {key or intake.key}"}
    where = "/api/v1/questions/handed-over"
    return await intake.client.post(where, json={"code": code}, headers=headers)


async def write(intake: Intake, question_id: str) -> httpx.Response:
    where = f"/api/v1/questions/{question_id}/messages"
    key = secrets.token_urlsafe(24)
    headers = {"Authorization": f"Bearer {intake.key}", "Idempotency-Key": key}
    return await intake.client.post(where, json={"text": "I write for them."}, headers=headers)


class TestHandingOver:
    async def test_a_code_lets_one_organisation_follow_and_the_asker_sees_who(
        self, intake: Intake
    ) -> None:
        question_id = await followed(intake)
        assert (await intake.get(f"/questions/{question_id}")).status_code == 404
        code = shown(await code_for(intake))
        assert "A code waits to be used" in await page(intake)
        for _ in range(2):  # the second click says the same
            told = await use(intake, code.replace(" ", "-"))
            assert told.status_code == 200
            assert (told.json()["question_id"], told.json()["handed_over"]) == (question_id, True)
        assert "<bdi>Caritas</bdi>: reads where your question is" in await page(intake)
        other = await intake.another_key("Another house")
        assert (await use(intake, code, other)).json()["type"] == "code-unknown"
        assert (await intake.get(f"/questions/{question_id}", other)).status_code == 404

    async def test_it_reads_status_and_answer_and_never_what_the_asker_wrote(
        self, intake: Intake
    ) -> None:
        question_id = await followed(intake)
        message = {"message": "My sister is Exampla.", "form_token": await token(intake, "en")}
        await intake.client.post("/en/follow/message", data=message)
        await use(intake, shown(await code_for(intake)))
        told = (await intake.get(f"/questions/{question_id}")).text
        assert '"messages":[]' in told
        assert "Goma" not in told
        assert "asker@example.org" not in told
        assert [q["handed_over"] for q in (await intake.get("/questions")).json()["questions"]] == [
            True
        ]
        refused = await write(intake, question_id)
        assert (refused.status_code, refused.json()["type"]) == (403, "helper-may-not")
        where = f"/api/v1/questions/{question_id}"
        headers = {"Authorization": f"Bearer {intake.key}"}
        assert (await intake.client.delete(where, headers=headers)).status_code == 403

    async def test_who_may_write_reads_the_messages_and_writes_in_its_own_name(
        self, intake: Intake
    ) -> None:
        question_id = await followed(intake)
        await use(intake, shown(await code_for(intake, "write")))
        assert (await write(intake, question_id)).status_code == 201
        told = (await intake.get(f"/questions/{question_id}")).json()
        assert [m["author"] for m in told["messages"]] == ["helper"]
        assert '<span class="place"><bdi>Caritas</bdi></span>' in await page(intake)
        officer = await Officer.arrive(intake)
        seen = (await officer.get(f"/{question_id}")).text
        assert "<dt>Follows it for the asker</dt><dd><bdi>Caritas</bdi></dd>" in seen
        assert "<bdi>Caritas</bdi> · Follows the question for the asker" in seen

    async def test_the_asker_ends_it_at_once(self, intake: Intake) -> None:
        question_id = await followed(intake)
        code = shown(await code_for(intake))
        await use(intake, code)
        found = re.search(r'name="organisation_id" value="([\w-]+)"', await page(intake))
        assert found is not None
        for _ in range(2):
            form = {"organisation_id": found[1]}
            ended = await intake.client.post("/en/follow/helper/end", data=form)
            assert ended.status_code == 303
        assert "Caritas" not in await page(intake)
        assert (await intake.get(f"/questions/{question_id}")).status_code == 404
        assert (await use(intake, code)).status_code == 404

    async def test_an_erased_question_takes_codes_and_helpers_along(self, intake: Intake) -> None:
        question_id = await followed(intake)
        await use(intake, shown(await code_for(intake)))
        await code_for(intake)
        await intake.client.post("/en/follow/erase", data={})
        assert (await intake.get(f"/questions/{question_id}")).status_code == 404
        async with intake.rig.service.database.reading() as session:
            assert (await session.execute(select(HelperCode))).first() is None


class TestCodes:
    async def test_the_same_form_shows_the_same_code_until_it_is_used(self, intake: Intake) -> None:
        await followed(intake)
        same = await token(intake, "en")
        code = shown(await code_for(intake, form_token=same))
        assert shown(await code_for(intake, form_token=same)) == code
        await use(intake, code)
        assert (await code_for(intake, form_token=same)).status_code == 303

    async def test_a_new_one_or_a_wish_ends_one_that_waits(self, intake: Intake) -> None:
        await followed(intake)
        first, second = [shown(await code_for(intake)) for _ in range(2)]
        assert (await use(intake, first)).status_code == 404
        await intake.client.post("/en/follow/helper/end", data={})
        assert (await use(intake, second)).status_code == 404
        assert "A code waits" not in await page(intake)

    async def test_it_is_over_after_a_day_and_goes(self, intake: Intake) -> None:
        await followed(intake)
        code = shown(await code_for(intake))
        with clock.frozen(clock.now() + dt.timedelta(hours=HELPER_CODE_HOURS, seconds=1)):
            assert (await use(intake, code)).status_code == 404
            await intake.rig.service.clockwork.do_duties(all_now=True)
        async with intake.rig.service.database.reading() as session:
            assert (await session.execute(select(HelperCode))).first() is None

    async def test_what_is_no_code_looks_like_an_unknown_one(self, intake: Intake) -> None:
        told = {(await use(intake, code)).text for code in (UNKNOWN, "12", "a code", "9" * 30)}
        assert len(told) == 1
        assert "It works once" in told.pop()

    async def test_without_a_choice_the_page_asks_for_one_and_without_a_session_for_the_number(
        self, intake: Intake
    ) -> None:
        await followed(intake)
        asked = await code_for(intake, "everything")
        assert asked.status_code == 422
        assert 'id="may-err"' in asked.text
        intake.client.cookies.clear()
        assert (await code_for(intake)).status_code == 409
