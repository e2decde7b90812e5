"""The directory of those who can help where we cannot, and how askers read of them."""

import csv
import datetime as dt
import io
import re
from typing import Any

import httpx
from cri_shared import clock

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, posted

SHELTER = {
    "name": "A shelter",
    "place": "Ghent",
    "helps_nl": "Een bed voor de nacht.",
    "helps_en": "A bed for the night.",
    "spoken_languages": ["nl", "ar"],
    "phone": "09 000 00 00",
    "site": "https://shelter.example",
}


async def _send(officer: Officer, path: str = "/new", **fields: Any) -> httpx.Response:
    data = {"csrf": officer.staff.csrf} | fields
    return await officer.client.post(f"/console/referrals{path}", data=data)


async def _added(officer: Officer, **changed: Any) -> str:
    """Add somebody with two clicks; gives the id."""
    form = (await officer.client.get("/console/referrals/new")).text
    token = re.search(r'name="form_token" value="([^"]+)"', form)[1]  # type: ignore[index]
    for _click in range(2):
        done = await _send(officer, **(SHELTER | changed), form_token=token)
        assert done.status_code == 303, done.text
    page = (await officer.client.get("/console/referrals")).text
    found = re.findall(r'href="/console/referrals/([\w-]{16,40})"', page)
    assert len(found) == 1
    return str(found[0])


async def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(
    intake: Intake,
) -> None:
    officer = await Officer.arrive(intake)
    answer = await _send(officer, place="Ghent", site="shelter.example", email="nobody")
    assert answer.status_code == 422
    for said in ("Write the name of the organisation", "begins with https://", "with an @"):
        assert said in answer.text
    answer = await _send(officer, name="A shelter", place="Ghent")
    assert "Write in one language at least" in answer.text
    assert "Write at least one way to reach them" in answer.text
    assert 'value="Ghent"' in answer.text


async def test_it_is_checked_taken_out_and_put_back(intake: Intake) -> None:
    officer = await Officer.arrive(intake)
    one = await _added(officer)
    with clock.frozen(clock.now() + dt.timedelta(days=200)):
        officer = await Officer.arrive(intake, "Karim B.")
        assert "Look again" in (await officer.client.get("/console/referrals")).text
        await _send(officer, f"/{one}/checked")
        page = (await officer.client.get("/console/referrals")).text
        assert "Look again" not in page
        assert "Karim B." in page
    for _click in range(2):
        assert (await _send(officer, f"/{one}/leave")).status_code == 303
    question_id = await posted(intake)
    await officer.post(f"/{question_id}/take")
    assert "A shelter" not in (await officer.get(f"/{question_id}")).text
    await _send(officer, f"/{one}/return")
    assert "A shelter" in (await officer.get(f"/{question_id}")).text
    changed = await _send(officer, f"/{one}", **(SHELTER | {"name": "Another shelter"}))
    assert changed.status_code == 303
    assert "Another shelter" in (await officer.get(f"/{question_id}")).text
    assert (await officer.client.get("/console/referrals/unknown")).status_code == 404


async def test_an_asker_is_sent_there_in_their_own_language(intake: Intake) -> None:
    officer = await Officer.arrive(intake)
    one = await _added(officer)
    question_id = await posted(intake, language="nl")
    await officer.post(f"/{question_id}/take")
    told = "A shelter (Ghent)\nEen bed voor de nacht.\n09 000 00 00\nhttps://shelter.example"
    begun = await officer.post(f"/{question_id}/refer/begin", helper=one, referral="Dag.")
    assert f"Dag.\n\n{told}</textarea>" in begun.text
    in_message = await officer.post(f"/{question_id}/message/begin", ready=one)
    assert f"{told}</textarea>" in in_message.text
    nobody = await officer.post(f"/{question_id}/refer/begin", helper="where", referral="Dag.")
    assert nobody.status_code == 422
    assert "Dag.</textarea>" in nobody.text


async def test_the_directory_is_taken_along(intake: Intake) -> None:
    officer = await Officer.arrive(intake)
    await _added(officer)
    page = (await officer.client.get("/console/referrals")).text
    assert 'href="/console/referrals.csv" download' in page
    taken = await officer.client.get("/console/referrals.csv")
    (line,) = csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))
    assert (line["name"], line["languages"], line["left_at"]) == ("A shelter", "nl ar", "")
    assert SHELTER["helps_nl"] not in taken.text
