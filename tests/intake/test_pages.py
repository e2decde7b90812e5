"""A person asks with an old phone: nothing typed is lost, nothing is asked twice."""

import asyncio
import datetime as dt
import re
import threading
from pathlib import Path

import pytest
from cri_intake.actions import askers as actions_of_askers
from cri_intake.models import Case
from cri_intake.queries import askers
from cri_shared import clock
from cri_shared.privacy.receipts import format_receipt, new_receipt, slow_verifier
from cri_shared.testing.attempts import refused_at
from cri_shared.testing.waiting import eventually
from cri_shared.web.lanes import Lanes, Turns
from sqlalchemy import func, select

from tests.intake.conftest import Intake, receipt_on


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: `test_journey` runs the same queries on PostgreSQL."""
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


GOOD = {
    "country": "CD",
    "question": "Combien coûte la dialyse à Goma, chez le docteur Exemplu ?",
    "role": "self",
    "email": "asker@example.org",
    "safe_to_write": "yes",
    "consent": "yes",
}


async def token(intake: Intake, lang: str = "fr") -> str:
    page = await intake.client.get(f"/{lang}/ask")
    found = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


async def ask(intake: Intake, lang: str = "fr", **changed: str) -> str:
    """The page that follows the form."""
    form = {**GOOD, "form_token": await token(intake, lang), **changed}
    return (await intake.client.post(f"/{lang}/ask", data=form)).text


async def cases(intake: Intake) -> int:
    async with intake.rig.service.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(Case))).scalar_one()


class TestAsking:
    async def test_the_form_is_small_and_pages_with_a_secret_stay_plain(
        self, intake: Intake
    ) -> None:
        packed = {"accept-encoding": "gzip"}
        form = await intake.client.get("/fr/ask", headers=packed)
        assert form.headers["content-encoding"] == "gzip"
        assert int(form.headers["content-length"]) < 10_000
        known = await intake.client.get("/fr/follow", headers={**packed, "cookie": "cri_intake=x"})
        assert "content-encoding" not in known.headers

    async def test_a_question_gets_a_number_that_opens_it(self, intake: Intake) -> None:
        receipt = receipt_on(await ask(intake))
        opened = await intake.client.post("/fr/follow", data={"receipt": receipt})
        assert opened.status_code == 303
        page = await intake.client.get("/fr/follow")
        assert "dialyse à Goma" in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"

    @pytest.mark.parametrize("lang", ["nl", "fr", "en"])
    async def test_errors_stand_beside_their_fields_and_keep_what_was_typed(
        self, intake: Intake, lang: str
    ) -> None:
        form = {**GOOD, "form_token": await token(intake, lang), "country": "", "consent": ""}
        answer = await intake.client.post(f"/{lang}/ask", data=form)
        assert answer.status_code == 422
        assert 'id="country-err"' in answer.text
        assert 'id="consent-err"' in answer.text
        assert "chez le docteur Exemplu" in answer.text
        assert "asker@example.org" in answer.text
        assert await cases(intake) == 0

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("question", "hm"),
            ("question", "x" * 6001),
            ("role", "king"),
            ("needed_by", "2020-01-01"),
            ("needed_by", "tomorrow"),
            ("country", "QQ"),
            ("email", "no-address"),
        ],
    )
    async def test_each_wrong_field_is_explained(
        self, intake: Intake, field: str, typed: str
    ) -> None:
        form = {**GOOD, "form_token": await token(intake, "en"), field: typed}
        answer = await intake.client.post("/en/ask", data=form)
        assert answer.status_code == 422
        assert "There is a problem" in answer.text
        assert await cases(intake) == 0

    async def test_all_that_is_wrong_is_said_at_once(self, intake: Intake) -> None:
        form = {
            **GOOD,
            "form_token": await token(intake, "en"),
            "country": "",
            "email": "no-address",
        }
        answer = await intake.client.post("/en/ask", data=form)
        assert {"country-err", "email-err"} <= set(re.findall(r'id="([a-z]+-err)"', answer.text))

    async def test_sending_the_form_twice_asks_once(self, intake: Intake) -> None:
        same = await token(intake, "en")
        form = {**GOOD, "form_token": same}
        first = await intake.client.post("/en/ask", data=form)
        second = await intake.client.post("/en/ask", data=form)
        assert first.status_code == 201
        assert "recorded your question once" in second.text
        assert receipt_on(second.text) == receipt_on(first.text)
        assert await cases(intake) == 1

    async def test_a_number_that_was_kept_is_shown_no_more(self, intake: Intake) -> None:
        form = {**GOOD, "form_token": await token(intake, "en")}
        await intake.client.post("/en/ask", data=form)
        await intake.client.post("/en/ask/saved", data={"form_token": form["form_token"]})
        again = await intake.client.post("/en/ask", data=form)
        assert "It is shown no more" in again.text
        assert "bigcode" not in again.text

    async def test_a_number_is_not_shown_again_to_who_comes_later(self, intake: Intake) -> None:
        form = {**GOOD, "form_token": await token(intake, "en")}
        await intake.client.post("/en/ask", data=form)
        with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
            again = await intake.client.post("/en/ask", data=form)
        assert "It is shown no more" in again.text
        assert "bigcode" not in again.text

    async def test_a_form_that_is_not_ours_or_too_old_comes_back_filled_in(
        self, intake: Intake
    ) -> None:
        forged = await intake.client.post("/en/ask", data={**GOOD, "form_token": "forged"})
        assert forged.status_code == 422
        assert "chez le docteur" in forged.text
        assert 'value="forged"' not in forged.text

    async def test_after_a_day_a_form_asks_nothing_and_comes_back_ready_to_be_sent(
        self, intake: Intake
    ) -> None:
        form = {**GOOD, "form_token": await token(intake)}
        with clock.frozen(clock.now() + dt.timedelta(hours=24, seconds=2)):
            late = await intake.client.post("/fr/ask", data=form)
            assert late.status_code == 422
            assert "chez le docteur" in late.text
            assert "trop longtemps" in late.text
            assert await cases(intake) == 0
            fresh = re.search(r'name="form_token" value="([^"]+)"', late.text)
            assert fresh is not None
            again = await intake.client.post("/fr/ask", data={**GOOD, "form_token": fresh[1]})
        assert again.status_code == 201
        assert await cases(intake) == 1

    async def test_a_question_that_was_sent_is_not_sent_once_more_a_day_later(
        self, intake: Intake
    ) -> None:
        form = {**GOOD, "form_token": await token(intake)}
        assert (await intake.client.post("/fr/ask", data=form)).status_code == 201
        with clock.frozen(clock.now() + dt.timedelta(days=2)):
            assert (await intake.client.post("/fr/ask", data=form)).status_code == 422
        assert await cases(intake) == 1

    async def test_a_robot_that_fills_in_everything_asks_nothing(self, intake: Intake) -> None:
        page = await ask(intake, "en", website="http://spam.example")
        assert "There is a problem" in page
        assert await cases(intake) == 0

    async def test_words_from_a_search_are_in_the_form_and_nowhere_else(
        self, intake: Intake
    ) -> None:
        words = {"country": "IQ", "question": "welding <b>certificate</b>"}
        page = await intake.client.post("/nl/ask/start", data=words)
        assert "welding &lt;b&gt;certificate&lt;/b&gt;" in page.text
        assert '<option value="IQ" selected>' in page.text
        assert await cases(intake) == 0

    async def test_an_unknown_language_is_an_unknown_page(self, intake: Intake) -> None:
        assert (await intake.client.get("/xx/ask")).status_code == 404

    async def test_only_the_bare_address_looks_at_the_browsers_language(
        self, intake: Intake
    ) -> None:
        wish = {"Accept-Language": "nl-BE,nl;q=0.9"}
        answer = await intake.client.get("/", headers=wish)
        assert answer.headers["location"] == "/nl/"
        assert answer.headers["vary"] == "Accept-Language"


class TestFollowing:
    @pytest.mark.parametrize("typed", ["", "123", "000 000 000 000 000 000", "abc", "1" * 30])
    async def test_a_number_that_opens_nothing_is_explained_and_kept(
        self, intake: Intake, typed: str
    ) -> None:
        answer = await intake.client.post("/en/follow", data={"receipt": typed})
        assert answer.status_code == 422
        assert 'id="receipt-err"' in answer.text

    async def test_arabic_digits_and_dashes_are_understood(self, intake: Intake) -> None:
        receipt = receipt_on(await ask(intake)).replace(" ", "-")
        arabic = receipt.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
        opened = await intake.client.post("/en/follow", data={"receipt": arabic})
        assert opened.status_code == 303

    async def test_a_number_still_opens_after_its_verifier_was_hardened(
        self, intake: Intake
    ) -> None:
        receipt = receipt_on(await ask(intake))
        await intake.rig.service.clockwork.do_duties(all_now=True)
        async with intake.rig.service.database.reading() as session:
            slow = (await session.execute(select(Case.receipt_is_slow))).scalars().all()
        assert slow == [True]
        opened = await intake.client.post("/en/follow", data={"receipt": receipt})
        assert opened.status_code == 303

    async def test_a_question_is_recorded_while_numbers_are_hardened(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun, go_on = threading.Event(), threading.Event()

        def held_up(quick: bytes, salt: bytes) -> bytes:
            begun.set()
            go_on.wait()
            return slow_verifier(quick, salt)

        monkeypatch.setattr(actions_of_askers, "slow_verifier", held_up)
        await ask(intake)
        duties = asyncio.create_task(intake.rig.service.clockwork.do_duties(all_now=True))
        try:
            await eventually(begun.is_set, what="the hardening of a number")
            asked = await asyncio.wait_for(ask(intake), 30)
        finally:
            go_on.set()
            await duties
        assert receipt_on(asked)
        async with intake.rig.service.database.reading() as session:
            slow = (await session.execute(select(Case.receipt_is_slow))).scalars().all()
        assert sorted(slow) == [False, True]

    async def test_of_many_numbers_no_more_are_hardened_than_there_is_time_for(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(actions_of_askers, "HARDENING_SECONDS", 0.0)
        for _ in range(3):
            await ask(intake)
        hardened = []
        for _ in range(3):
            await intake.rig.service.clockwork.do_duties(all_now=True)
            async with intake.rig.service.database.reading() as session:
                slow = select(func.count()).where(Case.receipt_is_slow)
                hardened.append((await session.execute(slow)).scalar_one())
        assert hardened == [1, 2, 3]

    async def test_wrong_right_and_ended_numbers_get_the_same_work_and_words(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        worked: list[bytes] = []

        def counted(quick: bytes, salt: bytes) -> bytes:
            worked.append(quick)
            return slow_verifier(quick, salt)

        monkeypatch.setattr(askers, "slow_verifier", counted)
        right, ended = [receipt_on(await ask(intake)) for _ in range(2)]
        async with intake.rig.service.database.writing() as work:
            case = await askers.case_of_receipt(work.session, intake.rig, ended.replace(" ", ""))
            await work.session.delete(case)
        worked.clear()
        pages = []
        for number in (ended, format_receipt(new_receipt()), right):
            answer = await intake.client.post("/en/follow", data={"receipt": number})
            pages.append(answer.text.replace(number, "…"))
        assert len(worked) == 3
        assert pages[0] == pages[1]
        assert "We do not know this number" in pages[0]
        assert await refused_at(intake.rig.service) == {("receipt.unknown", "unknown"): 2}

    async def opened(self, intake: Intake) -> None:
        receipt = receipt_on(await ask(intake))
        await intake.client.post("/en/follow", data={"receipt": receipt})

    async def test_messages_are_added_and_an_empty_one_is_not(self, intake: Intake) -> None:
        await self.opened(intake)
        words = {"message": "Please hurry", "form_token": await token(intake)}
        post = intake.client.post
        empty = await post("/en/follow/message", data=words | {"message": " "})
        assert empty.status_code == 422
        for _ in range(2):
            assert (await post("/en/follow/message", data=words)).status_code == 303
        page = await intake.client.get("/en/follow")
        assert page.text.count("Please hurry") == 1
        assert "Please hurry" in (await intake.client.get("/en/follow")).text

    async def test_a_question_can_be_taken_back(self, intake: Intake) -> None:
        await self.opened(intake)
        for _click in range(2):
            assert (await intake.client.post("/en/follow/withdraw")).status_code == 303
            assert "Nobody works on it" in (await intake.client.get("/en/follow")).text

    async def test_a_closed_page_shows_nothing_to_the_next_person(self, intake: Intake) -> None:
        await self.opened(intake)
        kept = dict(intake.client.cookies)
        await intake.client.post("/en/follow/close")
        intake.client.cookies.update(kept)
        assert "dialyse" not in (await intake.client.get("/en/follow")).text

    async def test_a_page_left_open_closes_after_half_an_hour(self, intake: Intake) -> None:
        await self.opened(intake)
        with clock.frozen(clock.now() + dt.timedelta(minutes=31)):
            assert "dialyse" not in (await intake.client.get("/en/follow")).text
            words = {"message": "hello", "form_token": await token(intake)}
            late = await intake.client.post("/en/follow/message", data=words)
            assert late.status_code == 409


async def test_every_answer_carries_the_security_headers(intake: Intake) -> None:
    for path in ("/en/ask", "/xx/none", "/api/v1/countries", "/health/live", "/console/sign-in"):
        headers = (await intake.client.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


async def test_static_files_are_kept_for_ever_under_a_hash(intake: Intake) -> None:
    page = await intake.client.get("/en/ask")
    found = re.search(r'href="(/static/[^"]+cri\.css)"', page.text)
    assert found is not None
    style = await intake.client.get(found[1])
    assert style.status_code == 200
    assert "immutable" in style.headers["cache-control"]


class TestPace:
    async def test_guessing_numbers_has_a_pace_and_who_is_asked_to_wait_keeps_what_was_typed(
        self, intake: Intake
    ) -> None:
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        intake.app.state.lanes = Lanes(1, Turns(lambda: 1000.0), sleep)
        numbers = [new_receipt() for _ in range(30)]
        answers = [
            await intake.client.post("/en/follow", data={"receipt": number}) for number in numbers
        ]
        wrong = [answer for answer in answers if answer.status_code == 422]
        late = [answer for answer in answers if answer.status_code == 503]
        assert (len(wrong), len(late)) == (26, 4)  # 20 at once, and what fits into 20 seconds
        assert waits == [3.0, 6.0, 9.0, 12.0, 15.0, 18.0]
        assert all(answer.headers["retry-after"] for answer in late)
        assert numbers[-1] in late[-1].text

    async def test_numbers_with_a_slip_of_the_finger_do_not_count(self, intake: Intake) -> None:
        for _ in range(40):
            typed = await intake.client.post("/en/follow", data={"receipt": "123 456 789 012"})
            assert "too short" in typed.text
        unknown = await intake.client.post("/en/follow", data={"receipt": new_receipt()})
        assert unknown.status_code == 422


class TestLateness:
    async def test_a_promise_that_is_not_kept_is_said_and_so_is_that_nothing_need_be_done(
        self, intake: Intake
    ) -> None:
        receipt = receipt_on(await ask(intake, "en"))
        with clock.frozen(clock.now() + dt.timedelta(days=7)):
            await intake.client.post("/en/follow", data={"receipt": receipt})
            page = (await intake.client.get("/en/follow")).text
        assert "and have not yet. We are sorry." in page
        assert "You do not have to do anything." in page

    async def test_a_day_that_has_passed_is_promised_no_more(self, intake: Intake) -> None:
        receipt = receipt_on(await ask(intake, "en"))
        async with intake.rig.service.database.writing() as work:
            case = (await work.session.execute(select(Case))).scalar_one()
            case.read_at = clock.now()
            case.due_on = clock.today() - dt.timedelta(days=1)
            case._touch()
        await intake.client.post("/en/follow", data={"receipt": receipt})
        page = (await intake.client.get("/en/follow")).text
        assert "It takes longer than we said." in page
        assert "We expect it around" not in page
