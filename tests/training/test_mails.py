"""Mails and calendars follow what happens, each once, and nothing goes for what is cancelled."""

import datetime as dt
from itertools import count

import pytest
from cri_shared import clock
from icalendar import Calendar

from tests.training.conftest import Training, calendar_of, text_of

EMAIL = "noor@example.org"
WEEK_BEFORE = dt.datetime(2026, 12, 8, 8, 0, tzinfo=dt.UTC)
DAY_BEFORE = dt.datetime(2026, 12, 14, 8, 0, tzinfo=dt.UTC)
TWO_DAYS = {"date_2": "2026-12-22", "start_2": "09:30", "end_2": "12:00"}


def event(body: str) -> dict[str, str]:
    """The one event of a calendar, with its method."""
    calendar = Calendar.from_ical(body)
    (one,) = calendar.walk("VEVENT")
    found = {name: str(one[name]) for name in ("UID", "SEQUENCE", "STATUS", "SUMMARY")}
    return found | {
        "METHOD": str(calendar["METHOD"]),
        "START": one.decoded("DTSTART").isoformat(),
        "ATTENDEE": str(one.get("ATTENDEE")),
        "ORGANIZER": str(one.get("ORGANIZER")),
    }


async def events_to(training: Training, email: str = EMAIL) -> list[dict[str, str]]:
    bodies = [calendar_of(mail) for mail in await training.mails_to(email)]
    return [event(body) for body in bodies if body]


class TestCalendars:
    async def test_a_place_puts_each_session_into_the_calendar(self, training: Training) -> None:
        edition = await training.edition(**TWO_DAYS)
        await training.sign_up(edition, EMAIL)
        events = await events_to(training)
        assert [e["START"] for e in events] == [
            "2026-12-15T14:00:00+01:00",
            "2026-12-22T09:30:00+01:00",
        ]
        assert {e["METHOD"] for e in events} == {"REQUEST"}
        assert len({e["UID"] for e in events}) == 2
        assert {e["ATTENDEE"] for e in events} == {f"mailto:{EMAIL}"}
        assert {e["ORGANIZER"] for e in events} == {"mailto:no-reply@cri.example"}
        mail = next(m for m in await training.mails_to(EMAIL) if calendar_of(m))
        part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
        assert part.get_param("method") == "REQUEST"

    async def test_it_comes_while_the_clock_goes_on(
        self, training: Training, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edition = await training.edition()
        ticks, standing = count(), clock.now()
        going = lambda: standing + dt.timedelta(milliseconds=next(ticks))  # noqa: E731
        monkeypatch.setattr(clock, "now", going)
        await training.sign_up(edition, EMAIL)
        assert len(await events_to(training)) == 1

    async def test_a_moved_session_moves_in_the_calendar(self, training: Training) -> None:
        edition = await training.edition(**TWO_DAYS)
        await training.sign_up(edition, EMAIL)
        before = await events_to(training)
        await training.post(
            f"/console/editions/{edition}/sessions/2", date="2026-12-23", start="10:00", end="12:00"
        )
        after = await events_to(training)
        assert len(after) == 3
        assert after[2]["UID"] == before[1]["UID"]
        assert (after[2]["SEQUENCE"], before[1]["SEQUENCE"]) == ("1", "0")
        assert after[2]["START"] == "2026-12-23T10:00:00+01:00"
        assert (await training.subjects_to(EMAIL))[-1] == "Changed"

    async def test_another_room_reaches_every_calendar(self, training: Training) -> None:
        edition = await training.edition()
        await training.sign_up(edition, EMAIL)
        await training.mails()
        form = {
            "language": "nl",
            "format": "venue",
            "town": "Gent",
            "venue": "Zaal 9",
            "trainers": "Leen D.",
        }
        await training.post(f"/console/editions/{edition}/edit", **form)
        mail = (await training.mails_to(EMAIL))[-1]
        assert event(calendar_of(mail))["SEQUENCE"] == "1"
        assert "Zaal 9" in calendar_of(mail)
        await training.post(f"/console/editions/{edition}/edit", **(form | {"notes": "Tea."}))
        assert len(await events_to(training)) == 2

    async def test_who_cancels_finds_the_event_gone(self, training: Training) -> None:
        edition = await training.edition()
        token = await training.sign_up(edition, EMAIL)
        (invited,) = await events_to(training)
        await training.public.post(f"/en/sign-up/manage/{token}/cancel")
        gone = (await events_to(training))[-1]
        assert gone["METHOD"] == "CANCEL"
        assert gone["STATUS"] == "CANCELLED"
        assert gone["UID"] == invited["UID"]
        assert int(gone["SEQUENCE"]) > int(invited["SEQUENCE"])

    async def test_two_people_have_two_events_and_do_not_see_each_other(
        self, training: Training
    ) -> None:
        edition = await training.edition()
        await training.sign_up(edition, EMAIL)
        await training.sign_up(edition, "other@example.org")
        mine = await events_to(training)
        other = await events_to(training, "other@example.org")
        assert mine[0]["UID"] != other[0]["UID"]
        assert all(EMAIL not in str(mail) for mail in await training.mails_to("other@example.org"))

    async def test_the_file_for_a_calendar_names_nobody(self, training: Training) -> None:
        edition = await training.edition(**TWO_DAYS)
        token = await training.sign_up(edition, EMAIL)
        answer = await training.public.get(f"/en/sign-up/manage/{token}/calendar.ics")
        assert answer.headers["content-type"].startswith("text/calendar")
        calendar = Calendar.from_ical(answer.text)
        assert len(calendar.walk("VEVENT")) == 2
        assert len(calendar.walk("VTIMEZONE")) == 1
        assert EMAIL not in answer.text
        await training.public.post(f"/en/sign-up/manage/{token}/cancel")
        gone = await training.public.get(f"/en/sign-up/manage/{token}/calendar.ics")
        assert gone.status_code == 404


class TestReminders:
    async def test_a_week_and_a_day_before_with_the_way_in(self, training: Training) -> None:
        url = "https://meet.example.org/room"
        edition = await training.edition(format="hybrid", online_url=url)
        await training.sign_up(edition, EMAIL)
        await training.mails()
        for at, word in ((WEEK_BEFORE, "Soon"), (DAY_BEFORE, "Tomorrow")):
            with clock.frozen(at):
                await training.mails()
                assert (await training.subjects_to(EMAIL)).count(word) == 1
                assert url in await training.mail_to(EMAIL)

    async def test_a_reminder_that_comes_late_says_today(self, training: Training) -> None:
        edition = await training.edition()
        await training.sign_up(edition, EMAIL)
        await training.mails()
        with clock.frozen(dt.datetime(2026, 12, 15, 8, 0, tzinfo=dt.UTC)):
            assert (await training.subjects_to(EMAIL))[-1:] == ["Today"]

    async def test_reminders_move_with_the_date(self, training: Training) -> None:
        edition = await training.edition()
        await training.sign_up(edition, EMAIL)
        await training.go_to(WEEK_BEFORE)
        await training.mails()
        moved = {"date": "2027-01-15", "start": "14:00", "end": "17:00"}
        await training.post(f"/console/editions/{edition}/sessions/1", **moved)
        with clock.frozen(DAY_BEFORE):
            assert "Tomorrow" not in await training.subjects_to(EMAIL)
        with clock.frozen(dt.datetime(2027, 1, 8, 8, 0, tzinfo=dt.UTC)):
            assert (await training.subjects_to(EMAIL)).count("Soon") == 2
        with clock.frozen(dt.datetime(2027, 1, 14, 8, 0, tzinfo=dt.UTC)):
            assert (await training.subjects_to(EMAIL)).count("Tomorrow") == 1


class TestCancelledEditions:
    async def test_everybody_hears_why_and_calendars_forget_it(self, training: Training) -> None:
        edition = await training.edition(capacity="1")
        await training.sign_up(edition, EMAIL)
        await training.sign_up(edition, "waiting@example.org")
        await training.mails()
        await training.post(f"/console/editions/{edition}/cancel", reason="The trainer is ill.")
        await training.post(f"/console/editions/{edition}/cancel", reason="Again.")
        assert (await events_to(training))[-1]["METHOD"] == "CANCEL"
        for email in (EMAIL, "waiting@example.org"):
            mails = await training.mails_to(email)
            assert "The trainer is ill." in text_of(mails[-1])
            assert (await training.subjects_to(email)).count("Cancelled") == 1


async def test_mails_speak_the_language_of_the_person(training: Training) -> None:
    edition = await training.edition()
    await training.sign_up(edition, EMAIL, language="fr")
    mail = (await training.mails_to(EMAIL))[-1]
    assert "15 décembre 2026" in text_of(mail)
    assert "/fr/sign-up/manage/" in text_of(mail)
