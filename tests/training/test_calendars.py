"""Calendars: what a REQUEST, a moved one and a CANCEL say, and the hours around a clock change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from cri_training.calendars import Diary, Method, calendar
from cri_training.models import Edition, Sitting
from icalendar import Calendar, Timezone

BRUSSELS = ZoneInfo("Europe/Brussels")
DIARY = Diary("signup", "CRI <cri@example.org>", "noor@example.org", "https://cri.example/x")


def edition(*days: str, sequence: int = 0) -> Edition:
    """An edition from two to five on these days."""
    sittings = []
    for number, day in enumerate(days, 1):
        at = dt.datetime.fromisoformat(f"{day}T14:00").replace(tzinfo=BRUSSELS)
        starts, ends = at.astimezone(dt.UTC), (at + dt.timedelta(hours=3)).astimezone(dt.UTC)
        sittings.append(
            Sitting(
                session_id=f"s{number}",
                number=number,
                starts_at=starts,
                ends_at=ends,
                sequence=sequence,
            )
        )
    return Edition(title="Praten; over, terugkeer", format="venue", town="Gent", sittings=sittings)


def made(held: Edition, method: Method) -> Calendar:
    return Calendar.from_ical(calendar(DIARY, held, held.sittings, method))


@pytest.mark.parametrize(
    ("days", "hours"),
    [
        (("2027-03-27", "2027-03-28", "2027-03-29"), ("13:00", "12:00", "12:00")),
        (("2026-10-24", "2026-10-25", "2026-10-26"), ("12:00", "13:00", "13:00")),
    ],
)
def test_the_zone_in_the_file_gives_the_right_instants_around_a_clock_change(
    days: tuple[str, ...], hours: tuple[str, ...]
) -> None:
    parsed = made(edition(*days), "REQUEST")
    (zone,) = (z for z in parsed.walk("VTIMEZONE") if isinstance(z, Timezone))
    told = zone.to_tz()
    instants = []
    for event in parsed.walk("VEVENT"):
        assert event["DTSTART"].params["TZID"] == zone["TZID"]
        local = event.decoded("DTSTART").replace(tzinfo=None)
        assert local.hour == 14
        instants.append(f"{local.replace(tzinfo=told).astimezone(dt.UTC):%H:%M}")
    assert tuple(instants) == hours


def test_one_person_one_organizer_one_uid_for_each_session() -> None:
    events = made(edition("2026-12-15", "2026-12-22"), "REQUEST").walk("VEVENT")
    assert [str(e["UID"]) for e in events] == ["signup.s1@cri.example", "signup.s2@cri.example"]
    for event in events:
        assert str(event["ATTENDEE"]) == "mailto:noor@example.org"
        assert str(event["ORGANIZER"]) == "mailto:cri@example.org"
        assert event["ORGANIZER"].params["CN"] == "CRI"
        assert str(event["SUMMARY"]) == "Praten; over, terugkeer"


def test_the_sequence_rises_with_a_move_and_once_more_when_it_is_called_off() -> None:
    day = "2026-12-15"
    told = [
        made(edition(day), "REQUEST"),
        made(edition(day, sequence=1), "REQUEST"),
        made(edition(day, sequence=1), "CANCEL"),
    ]
    events = [each.walk("VEVENT")[0] for each in told]
    assert [int(e["SEQUENCE"]) for e in events] == [0, 1, 2]
    assert [str(each["METHOD"]) for each in told] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [str(e["STATUS"]) for e in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert len({str(e["UID"]) for e in events}) == 1
