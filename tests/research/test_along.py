"""The board as a file for spreadsheets: what is due, and neither words nor partners."""

import csv
import datetime as dt
import io

from cri_shared import clock

from tests.research.conftest import PARTNER, TEXT, Research
from tests.research.test_nudges import sent


async def test_a_view_of_the_board_is_taken_along_without_words_and_partners(
    research_on: Research,
) -> None:
    research = research_on
    partners = [await research.add_partner(), await research.add_partner(name="Second")]
    today = clock.today()
    wanted = {"topics": ("health.medication", "health.access"), "sensitivity": "red"}
    late = await research.clear(**wanted, needed_by=today + dt.timedelta(days=30))
    soon = await research.clear(sensitivity="red")
    for partner_id, days in zip(partners, (9, 5), strict=True):
        due_on = (today + dt.timedelta(days=days)).isoformat()
        fields = {"partner": partner_id, "due_on": due_on, "reason": "Near the clinic"}
        await research.post(f"/console/questions/{soon}/dispatch", **fields)
    page = await research.see("/console/questions?country=AM")
    assert 'href="/console/questions.csv?view=open&amp;country=AM"' in page
    assert page.index(soon) < page.index(late)
    taken = await research.client.get("/console/questions.csv?view=open&country=AM")
    first, second = csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))
    assert [line["research_id"].removeprefix("'") for line in (first, second)] == [soon, late]
    assert (first["status"], first["due_on"]) == (
        "with_partner",
        (today + dt.timedelta(days=5)).isoformat(),
    )
    assert (second["due_on"], second["topics"]) == ("", "health.medication health.access")
    assert TEXT not in taken.text
    assert PARTNER["name"] not in taken.text
    narrowed = await research.client.get("/console/questions.csv?view=overdue&desk=nobody")
    assert narrowed.text.count("\n") == 1


async def test_countries_are_taken_along_with_their_partners_and_desks(research: Research) -> None:
    await research.add_partner()
    desk = research.staff.staff_id
    await research.post("/console/countries/AM", desk=desk, automatic="no")
    assert 'href="/console/countries.csv" download' in await research.see("/console/countries")
    taken = await research.client.get("/console/countries.csv")
    lines = csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))
    by_code = {line["country"]: line for line in lines}
    assert by_code["AM"] == {
        "country": "AM",
        "country_name": "Armenia",
        "partners": "1",
        "desk": research.staff.name,
        "sends_itself": "False",
    }
    assert (by_code["NP"]["partners"], by_code["NP"]["desk"]) == ("0", "")
    assert PARTNER["name"] not in taken.text


async def test_what_leaves_by_itself_is_taken_along_without_partners(
    research_on: Research,
) -> None:
    research = research_on
    _, event = await sent(research)
    plan = f"/console/assignments/{event.assignment_id}/plan"
    await research.post(plan, nudge="due", decision="hold")
    assert 'href="/console/reminders.csv" download' in await research.see("/console/reminders")
    taken = await research.client.get("/console/reminders.csv")
    lines = list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"))))
    by_message = {line["message"]: line for line in lines}
    assert list(by_message) == ["before", "due", "overdue", "after", "escalate"]
    assert by_message["due"] == {
        "assignment_id": event.assignment_id,
        "research_id": event.research_id,
        "message": "due",
        "leaves_on": "",
        "usual_on": event.due_on.isoformat(),
        "country": "AM",
        "topics": "health.medication",
        "due_on": event.due_on.isoformat(),
    }
    assert by_message["before"]["leaves_on"] == by_message["before"]["usual_on"]
    assert PARTNER["name"] not in taken.text
    assert TEXT not in taken.text
