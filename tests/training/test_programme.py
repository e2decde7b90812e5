"""The programme: narrowed by its address, a page for each workshop, and calendars of it."""

import datetime as dt

import pytest
from icalendar import Calendar

from tests.training.conftest import Training
from tests.training.test_approving import follow_up

ROOM = "https://meet.example.org/secret-room"
ONLINE = {"format": "online", "online_url": ROOM, "town": ""}


@pytest.fixture
async def three(training: Training) -> dict[str, str]:
    """In Ghent in Dutch in December; online in French in January; hybrid in English, and full."""
    hybrid = {"format": "hybrid", "online_url": ROOM, "date_1": "2027-01-20", "capacity": "1"}
    made = {
        "ghent": await training.edition(capacity="20"),
        "online": await training.edition(**ONLINE, language="fr", date_1="2027-01-12"),
        "hybrid": await training.edition(**hybrid, language="en"),
    }
    await training.sign_up(made["hybrid"], "noor@example.org")
    return made


async def shown(training: Training, made: dict[str, str], query: str) -> set[str]:
    """Which of the editions a list has; its calendar has the very same."""
    page = (await training.public.get(f"/en/workshops{query}")).text
    on_page = {name for name, edition in made.items() if f"/workshops/{edition}" in page}
    feed = (await training.public.get(f"/en/workshops.ics{query}")).text.replace("\r\n ", "")
    assert on_page == {name for name, edition in made.items() if f"/workshops/{edition}" in feed}
    return on_page


class TestTheList:
    async def test_it_says_when_where_with_whom_and_how_full(self, training: Training) -> None:
        await training.edition(capacity="20")
        page = (await training.public.get("/en/workshops")).text
        for words in (
            "15 December 2026",
            "14:00–17:00",
            "Gent",
            "Dutch",
            "Karim B.",
            "Places left",
        ):
            assert words in page

    async def test_the_address_narrows_it(self, training: Training, three: dict[str, str]) -> None:
        for query, expected in (
            ("", {"ghent", "online", "hybrid"}),
            ("?language=fr", {"online"}),
            ("?way=venue", {"ghent", "hybrid"}),
            ("?way=online", {"online", "hybrid"}),
            ("?month=2027-01", {"online", "hybrid"}),
            ("?free=1", {"ghent", "online"}),
            ("?month=2027-01&free=1", {"online"}),
            ("?language=xx&way=boat&month=2031-02&workshop=none", {"ghent", "online", "hybrid"}),
        ):
            assert await shown(training, three, query) == expected, query
        chosen = (await training.public.get("/en/workshops?language=fr&month=2027-01")).text
        assert '<option value="fr" selected>' in chosen
        assert '<option value="2027-01" selected>January 2027' in chosen

    async def test_what_nobody_offers_is_said_with_a_way_back(
        self, training: Training, three: dict[str, str]
    ) -> None:
        page = (await training.public.get("/fr/workshops?language=nl&month=2027-01")).text
        assert "Aucun atelier ne correspond." in page
        assert 'href="/fr/workshops"' in page

    async def test_a_draft_and_what_is_over_are_nobodys_business(self, training: Training) -> None:
        draft, over = await training.draft(), await training.edition()
        made = {"draft": draft, "over": over}
        assert await shown(training, made, "") == {"over"}
        await training.go_to(dt.datetime(2026, 12, 15, 16, 1, tzinfo=dt.UTC))
        assert await shown(training, made, "") == set()
        assert (await training.public.get(f"/en/workshops/{draft}")).status_code == 404
        assert (await training.public.get(f"/en/workshops/{draft}/calendar.ics")).status_code == 404

    async def test_who_has_it_need_not_fetch_it_again(self, training: Training) -> None:
        await training.edition()
        for path in ("/nl/workshops", "/nl/workshops.ics"):
            first = await training.public.get(path)
            tag = {"If-None-Match": first.headers["etag"]}
            assert "max-age=" in first.headers["cache-control"]
            assert (await training.public.get(path, headers=tag)).status_code == 304


class TestAWorkshop:
    async def test_its_page_tells_what_people_learn_and_when(self, training: Training) -> None:
        edition = await training.edition()
        workshop = (await training.stored(edition)).workshop_id
        linked = (await training.public.get(f"/en/workshops/{edition}")).text
        assert f"/en/workshops/about/{workshop}" in linked
        page = (await training.public.get(f"/en/workshops/about/{workshop}")).text
        assert "<li>listen</li>" in page
        assert f"/en/workshops/{edition}" in page
        await training.post(f"/console/editions/{edition}/cancel", reason="Ill")
        gone = (await training.public.get(f"/nl/workshops/about/{workshop}")).text
        assert "Er is op dit moment geen datum gepland." in gone

    async def test_one_that_was_never_public_is_not_found(self, training: Training) -> None:
        workshop = (await training.stored(await training.draft())).workshop_id
        answer = await training.public.get(f"/en/workshops/about/{workshop}")
        assert answer.status_code == 404


class TestCalendars:
    async def test_a_calendar_of_the_programme_names_nobody(
        self, training: Training, three: dict[str, str]
    ) -> None:
        answer = await training.public.get("/fr/workshops.ics")
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        told = Calendar.from_ical(answer.text)
        assert str(told["METHOD"]) == "PUBLISH"
        events = told.walk("VEVENT")
        assert len({str(event["UID"]) for event in events}) == 3
        assert {str(event["LOCATION"]) for event in events} == {
            "Zaal 3, Voorbeeldstraat 1, Gent",
            "En ligne",
        }
        assert all("ATTENDEE" not in event and "ORGANIZER" not in event for event in events)
        assert ROOM not in answer.text
        assert "/fr/workshops/" in answer.text

    async def test_one_edition_as_a_file_follows_its_date(self, training: Training) -> None:
        edition = await training.edition(date_2="2026-12-22", start_2="09:30", end_2="12:00")
        url = f"/en/workshops/{edition}/calendar.ics"
        before = Calendar.from_ical((await training.public.get(url)).text).walk("VEVENT")
        moved = {"date": "2026-12-16", "start": "10:00", "end": "12:00"}
        await training.post(f"/console/editions/{edition}/sessions/1", **moved)
        after = Calendar.from_ical((await training.public.get(url)).text).walk("VEVENT")
        assert [str(e["UID"]) for e in before] == [str(e["UID"]) for e in after]
        assert [int(e["SEQUENCE"]) for e in after] == [1, 0]
        assert after[0].decoded("DTSTART").isoformat() == "2026-12-16T10:00:00+01:00"
        await training.post(f"/console/editions/{edition}/cancel", reason="Ill")
        assert (await training.public.get(url)).status_code == 404

    async def test_an_empty_programme_is_a_calendar_too(self, training: Training) -> None:
        assert Calendar.from_ical((await training.public.get("/en/workshops.ics")).text)


async def test_the_way_to_take_part_online_is_for_those_with_a_place(training: Training) -> None:
    edition = await training.edition(**ONLINE)
    for path in (f"/en/workshops/{edition}", f"/en/workshops/{edition}/calendar.ics"):
        assert ROOM not in (await training.public.get(path)).text
    token = await training.sign_up(edition, "noor@example.org")
    assert ROOM in (await training.public.get(f"/en/sign-up/manage/{token}")).text


async def test_parts_that_follow_each_other_lead_to_each_other(training: Training) -> None:
    first = (await training.stored(await training.edition())).workshop_id
    page = f"/en/workshops/about/{first}"
    assert "belong together" not in (await training.public.get(page)).text
    edition = await follow_up(training, first)
    second = (await training.stored(edition)).workshop_id
    hidden = await training.workshop("Talking about return, part 3")
    form = {"title": "Talking about return, part 3", "summary": "More.", "language": "en"}
    await training.post(f"/console/workshops/{hidden}", **form, requires=second)
    leads = (await training.public.get(page)).text
    assert f'href="/en/workshops/about/{second}"' in leads
    for path in (f"/en/workshops/{edition}", f"/en/workshops/about/{second}"):
        leads = (await training.public.get(path)).text
        assert f'href="/en/workshops/about/{first}"' in leads
        assert leads.index("</strong>") > leads.index(f"about/{first}")
        assert "part 3" not in leads


async def test_an_edition_is_planned_again_with_all_but_its_days(training: Training) -> None:
    edition = await training.edition(notes="Bring lunch.", venue="Zaal 9", capacity="17")
    page = (await training.client.get(f"/console/editions/new?copy={edition}")).text
    for filled in ("Bring lunch.", "Zaal 9", 'value="17"', 'value="14:00"', "Leen D.", "selected"):
        assert filled in page
    assert "2026-12-15" not in page
    assert (await training.client.get("/console/editions/new?copy=none")).status_code == 404
