"""iCalendar: one event per sign-up and session, so that calendars follow when something changes."""

import datetime as dt
from collections.abc import Sequence
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
    """The iCalendar text with these sessions of somebody (RFC 5545, RFC 5546).

    The UID is the sign-up's and the session's own, the SEQUENCE is the session's, one more when
    it is called off. PUBLISH, for a file to keep, names nobody.
    """
    made = _empty(method)
    host = urlsplit(diary.edition_url).hostname
    for sitting in sittings:
        event = _event(edition, sitting, diary.edition_url)
        event.add("uid", f"{diary.sign_up_id}.{sitting.session_id}@{host}")
        event.add("dtstamp", clock.now())
        event.add("sequence", sitting.sequence + (method == "CANCEL"))
        event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
        event.add("location", _place(edition) or edition.online_url or "")
        if edition.online_url:
            event.add("description", edition.online_url)
        if method != "PUBLISH":
            _address_people(event, diary, method)
        made.add_component(event)
    return _text(made, sittings)


def programme(name: str, editions: Sequence[tuple[Edition, str]], online: str) -> str:
    """Editions with their public addresses as a calendar to subscribe to; it names nobody.

    The way to take part online is for those with a place: here it is only the word `online`. The
    same editions give the same text, so that a subscriber who has it need not fetch it again.
    """
    made = _empty("PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-published-ttl", "PT6H")
    for edition, url in editions:
        for sitting in edition.sittings:
            event = _event(edition, sitting, url)
            event.add("uid", f"{sitting.session_id}@{urlsplit(url).hostname}")
            event.add("dtstamp", edition.scheduled_at or edition.published_at or edition.created_at)
            event.add("sequence", sitting.sequence)
            event.add("status", "CONFIRMED")
            event.add("location", _place(edition) or online)
            made.add_component(event)
    return _text(made, [sitting for edition, _ in editions for sitting in edition.sittings])


def _empty(method: Method) -> Calendar:
    made = Calendar()
    made.add("prodid", "-//CRI//training//EN")
    made.add("version", "2.0")
    made.add("method", method)
    return made


def _text(made: Calendar, sittings: list[Sitting]) -> str:
    days = [clock.belgian(s.starts_at).date() for s in sittings]
    month = dt.timedelta(days=31)
    if days:
        made.add_missing_timezones(first_date=min(days) - month, last_date=max(days) + month)
    return str(made.to_ical(), "utf-8")


def _event(edition: Edition, sitting: Sitting, url: str) -> Event:
    event = Event()
    event.add("dtstart", sitting.starts_at.astimezone(BRUSSELS))
    event.add("dtend", sitting.ends_at.astimezone(BRUSSELS))
    event.add("summary", edition.title)
    event.add("url", url)
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


def _place(edition: Edition) -> str:
    if edition.format == "online":
        return ""
    return ", ".join(part for part in (edition.venue, edition.town) if part)
