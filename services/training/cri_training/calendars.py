"""iCalendar: one event per sign-up and session, so that calendars follow when something changes."""

import datetime as dt
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cri_shared import clock
from icalendar import Calendar, Event, vCalAddress, vText

from cri_training.models import Edition, Sitting

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
BRUSSELS = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True)
class Diary:
    """Whose events they are, and from whom: what every event of a sign-up has in common."""

    sign_up_id: str
    organizer: str
    attendee: str
    edition_url: str


def calendar(diary: Diary, edition: Edition, sittings: list[Sitting], method: Method) -> str:
    """The iCalendar text with these sessions (RFC 5545, RFC 5546).

    The UID is the sign-up's and the session's own, the SEQUENCE is the session's, one more when
    it is called off. PUBLISH, for a file to keep, names nobody.
    """
    made = Calendar()
    made.add("prodid", "-//CRI//training//EN")
    made.add("version", "2.0")
    made.add("method", method)
    for sitting in sittings:
        made.add_component(_event(diary, edition, sitting, method))
    days = [clock.belgian(s.starts_at).date() for s in sittings]
    month = dt.timedelta(days=31)
    made.add_missing_timezones(first_date=min(days) - month, last_date=max(days) + month)
    return str(made.to_ical(), "utf-8")


def _event(diary: Diary, edition: Edition, sitting: Sitting, method: Method) -> Event:
    event = Event()
    host = urlsplit(diary.edition_url).hostname
    event.add("uid", f"{diary.sign_up_id}.{sitting.session_id}@{host}")
    event.add("dtstamp", clock.now())
    event.add("dtstart", sitting.starts_at.astimezone(BRUSSELS))
    event.add("dtend", sitting.ends_at.astimezone(BRUSSELS))
    event.add("summary", edition.title)
    event.add("sequence", sitting.sequence + (method == "CANCEL"))
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("url", diary.edition_url)
    if where := _where(edition):
        event.add("location", where)
    if edition.online_url:
        event.add("description", edition.online_url)
    if method != "PUBLISH":
        _address_people(event, diary, method)
    return event


def _address_people(event: Event, diary: Diary, method: Method) -> None:
    name, address = parseaddr(diary.organizer)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["cn"] = vText(name or address)
    event.add("organizer", organizer)
    attendee = vCalAddress(f"mailto:{diary.attendee}")
    if method == "REQUEST":
        attendee.params["partstat"] = vText("ACCEPTED")
        attendee.params["rsvp"] = vText("FALSE")
    event.add("attendee", attendee)


def _where(edition: Edition) -> str:
    if edition.format == "online":
        return edition.online_url or ""
    return ", ".join(part for part in (edition.venue, edition.town) if part)
