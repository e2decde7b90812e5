"""A person who writes while a disk is full reads so, keeps every word, and sends it again."""

import asyncio
import re
from html import unescape
from typing import Any

import httpx
import pytest
from cri_shared.testing.waiting import eventually

from tests.faults.crowd import Crowd
from tests.faults.house import House
from tests.faults.kinds.fault import Fault, struck
from tests.faults.kinds.full import DiskFull, FilesLimited
from tests.faults.people import posting
from tests.faults.play import settled
from tests.faults.verdict import look

pytestmark = [pytest.mark.journey, pytest.mark.nats]

QUESTION = "Combien coûte la dialyse à Goma ?\r\nEt y a-t-il <assez> de machines ?"
FORM = {"country": "CD", "question": QUESTION, "role": "self", "consent": "yes"}


@pytest.fixture(params=[DiskFull(), FilesLimited("intake")], ids=lambda one: one.name)
def full(request: pytest.FixtureRequest, house_on_sqlite: House) -> Fault:
    fault: Fault = request.param
    if isinstance(fault, DiskFull) and not house_on_sqlite.disks["house"].mounted:
        pytest.skip("this machine does not let us mount a small file system")
    return fault


def fields_on(page: str) -> dict[str, str]:
    """What the form on a page sends when its button is pressed, as a browser reads it."""
    areas = re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in [*areas, *hidden]}


async def released(house: House, question_id: str) -> None:
    """Release a question, and see that it and everything before it arrived once."""
    crowd = await Crowd.gather(house, 1)
    async with house.kept():
        await crowd.release(question_id)
        verdict = await settled(house)
    assert (verdict.lost, verdict.doubled) == ([], [])
    await crowd.leave()


async def test_what_was_typed_in_the_form_lies_on_the_page_and_is_recorded_when_sent_again(
    house_on_sqlite: House, full: Fault
) -> None:
    house = house_on_sqlite
    url = f"{house.intake.url}/fr/ask"
    async with httpx.AsyncClient(timeout=30) as browser:
        token = fields_on((await browser.get(url)).text)["form_token"]
        async with struck(house, full):
            refused = await browser.post(url, data=FORM | {"form_token": token})
            assert refused.status_code == 503
            assert "Send it again" not in refused.text, "it is said in the language of the page"
            kept = fields_on(refused.text)
            assert kept == FORM | {"form_token": token}
        async with house.kept():
            sent = await browser.post(url, data=kept)
        assert sent.status_code == 201, sent.text
        assert (await browser.post(url, data=kept)).status_code == 200, "sent twice, asked once"
    (question_id,) = set((await look(house)).cases) - set(house.posted)
    house.posted.append(question_id)
    await released(house, question_id)


async def test_a_program_is_told_so_as_a_problem_and_asks_once_in_the_end(
    house_on_sqlite: House, full: Fault
) -> None:
    house = house_on_sqlite
    async with httpx.AsyncClient(timeout=30) as program:
        request = posting(house.key, next(house.numbers))
        async with struck(house, full):
            refused = await program.post(house.intake.url + "/api/v1/questions", **request)
        problem: dict[str, Any] = refused.json()
        assert refused.headers["content-type"] == "application/problem+json"
        assert (refused.status_code, problem["type"]) == (503, "unavailable")
        answer = await program.post(house.intake.url + "/api/v1/questions", **request)
    assert answer.status_code == 201, answer.text
    house.posted.append(answer.json()["question_id"])
    await released(house, house.posted[-1])


async def test_a_secret_that_was_typed_is_on_no_page(house_on_sqlite: House, full: Fault) -> None:
    house = house_on_sqlite
    officer = await house.staff("intake", "officer", "forgetful")
    typed = {"email": "forgetful@staff.example", "password": "wrong horse", "code": "123456"}
    async with httpx.AsyncClient(timeout=30) as browser, struck(house, full):
        refused = await browser.post(f"{house.intake.url}/console/sign-in", data=typed)
    assert refused.status_code == 503
    assert "wrong horse" not in refused.text
    await officer.close()


async def test_who_releases_a_question_meanwhile_succeeds_once_there_is_room(
    house_on_sqlite: House, full: Fault
) -> None:
    house = house_on_sqlite
    crowd = await Crowd.gather(house, 2)
    async with house.kept():
        first, second = await crowd.post(), await crowd.post()
        await crowd.release(first)
        async with struck(house, full):
            working = asyncio.create_task(crowd.release(second))
            await eventually(lambda: crowd.tries_in_vain["503"] > 2, what="tries in vain")
        await working
        verdict = await settled(house)
    assert (verdict.lost, verdict.doubled) == ([], [])
    assert set(crowd.tries_in_vain) == {"503"}, "nobody saw anything else fail"
    await crowd.leave()
