"""The trainers' forms, and how typed days and hours become instants."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from cri_shared import clock
from cri_shared.privacy.classes import C0, C1
from cri_shared.web.forms import N_, FormModel, Submitted
from pydantic import Field

from cri_training.actions.editions import About, Times
from cri_training.models import Edition
from cri_training.rules.certificates import USUAL_PERCENT
from cri_training.rules.states import MAX_SESSIONS

BRUSSELS = ZoneInfo("Europe/Brussels")
Language = Literal["nl", "fr", "en", "de", "ar"]
LANGUAGES = ("nl", "fr", "en", "de", "ar")


class WorkshopForm(FormModel):
    """A template."""

    title: Annotated[str, Field(max_length=160), C0]
    summary: Annotated[str, Field(max_length=4000), C0]
    language: Annotated[Language, C0]
    certificate_percent: Annotated[int, Field(ge=1, le=100), C0] = USUAL_PERCENT
    requires: Annotated[str | None, Field(max_length=32), C0] = None
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        "certificate_percent": N_("Write a number from 1 to 100"),
        ("title", "missing"): N_("Write a title"),
        ("summary", "missing"): N_("Write what people learn"),
        ("language", "missing"): N_("Choose a language"),
    }


class EditionForm(FormModel):
    """An edition; its sessions are numbered fields beside these."""

    workshop: Annotated[str | None, Field(max_length=32), C0] = None
    title: Annotated[str | None, Field(max_length=160), C0] = None
    language: Annotated[Language, C0]
    format: Annotated[Literal["venue", "online", "hybrid"], C0]
    town: Annotated[str | None, Field(max_length=80), C0] = None
    venue: Annotated[str | None, Field(max_length=300), C0] = None
    online_url: Annotated[str | None, Field(max_length=500, pattern="^https://"), C1] = None
    trainers: Annotated[str, Field(max_length=600), C0]
    notes: Annotated[str | None, Field(max_length=4000), C0] = None
    needs_approval: Annotated[Literal["yes"] | None, C0] = None
    capacity: Annotated[int | None, Field(ge=1, le=300), C1] = None
    sign_up_until: Annotated[dt.date | None, C0] = None
    messages = {  # noqa: RUF012
        ("language", "missing"): N_("Choose a language"),
        ("format", "missing"): N_("Choose how people take part"),
        ("online_url", "string_pattern_mismatch"): N_("Write a link that begins with https://"),
        ("trainers", "missing"): N_("Write at least one trainer"),
        "capacity": N_("Write a number of places from 1 to 300"),
    }


class CapacityForm(FormModel):
    """Another number of places."""

    capacity: Annotated[int, Field(ge=1, le=300), C1]
    messages = {"capacity": N_("Write a number of places from 1 to 300")}  # noqa: RUF012


class CancelForm(FormModel):
    """Why it is called off, in words for those who signed up."""

    reason: Annotated[str, Field(max_length=500), C0]
    messages = {("reason", "missing"): N_("Write why, for those who signed up")}  # noqa: RUF012


class SessionForm(FormModel):
    """Another time for one session."""

    date: Annotated[dt.date, C0]
    start: Annotated[dt.time, C0]
    end: Annotated[dt.time, C0]
    messages = {  # noqa: RUF012
        "date": N_("Write a date such as 2026-03-12"),
        "start": N_("Write a time such as 14:00"),
        "end": N_("Write a time such as 14:00"),
    }


def session_times(form: Submitted[Any]) -> Times:
    """The sessions of a form in order; what is wrong is said beside its row."""
    times = []
    for number in range(1, MAX_SESSIONS + 1):
        typed = [str(form.values.get(f"{part}_{number}", "")) for part in ("date", "start", "end")]
        if not any(value.strip() for value in typed):
            continue
        try:
            times.append(between(*_parsed(typed)))
        except ValueError:
            message = N_("Write a day, a beginning and a later end for this session")
            form.refuse(f"date_{number}", message)
    if not times and not any(name.startswith("date_") for name in form.errors):
        form.refuse("date_1", N_("Write the day and the hours of at least one session"))
    return sorted(times)


def _parsed(typed: list[str]) -> tuple[dt.date, dt.time, dt.time]:
    day, start, end = (value.strip() for value in typed)
    return dt.date.fromisoformat(day), dt.time.fromisoformat(start), dt.time.fromisoformat(end)


def between(day: dt.date, start: dt.time, end: dt.time) -> tuple[dt.datetime, dt.datetime]:
    """The instants of hours of a Belgian day; raises ValueError where the end comes first."""
    begins = dt.datetime.combine(day, start.replace(tzinfo=None), BRUSSELS).astimezone(dt.UTC)
    ends = dt.datetime.combine(day, end.replace(tzinfo=None), BRUSSELS).astimezone(dt.UTC)
    if ends <= begins:
        raise ValueError("a session ends after it begins")
    return begins, ends


def about(form: Submitted[EditionForm], first: dt.datetime | None, title: str) -> About | None:
    """What a form says about an edition; None where something is wrong, said beside it."""
    data = form.data
    if data is None:
        return None
    if data.format != "online" and not data.town:
        form.refuse("town", N_("Write the town"))
    if data.format != "venue" and not data.online_url:
        form.refuse("online_url", N_("Write a link that begins with https://"))
    until = last_instant(data.sign_up_until, first) if first else None
    if until is None and first:
        form.refuse("sign_up_until", N_("Choose a day that is not after the first session"))
    if form.errors or until is None:
        return None
    return About(
        title=data.title or title,
        language=data.language,
        format=data.format,
        town=data.town,
        venue=data.venue,
        online_url=data.online_url,
        trainers=[name.strip() for name in data.trainers.splitlines() if name.strip()],
        notes=data.notes,
        sign_up_until=until,
        needs_approval=data.needs_approval is not None,
    )


def last_instant(day: dt.date | None, first: dt.datetime) -> dt.datetime | None:
    """The end of the last day to sign up, or the first session; None for a day after that."""
    if day is None:
        return first
    if day > clock.belgian(first).date():
        return None
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), BRUSSELS)
    return min(midnight.astimezone(dt.UTC), first)


def filled_in(edition: Edition) -> Mapping[str, Any]:
    """An edition as its form shows it."""
    values: dict[str, Any] = {
        name: getattr(edition, name)
        for name in (
            "title",
            "language",
            "format",
            "town",
            "venue",
            "online_url",
            "notes",
            "needs_approval",
            "capacity",
        )
    }
    values["workshop"] = edition.workshop_id
    values["trainers"] = "\n".join(edition.trainers)
    if edition.sign_up_until != edition.starts_at:
        last = clock.belgian(edition.sign_up_until - dt.timedelta(seconds=1))
        values["sign_up_until"] = last.date().isoformat()
    for sitting in edition.sittings:
        start, end = clock.belgian(sitting.starts_at), clock.belgian(sitting.ends_at)
        values[f"date_{sitting.number}"] = start.date().isoformat()
        values[f"start_{sitting.number}"] = f"{start:%H:%M}"
        values[f"end_{sitting.number}"] = f"{end:%H:%M}"
    return values


def without_days(filled: Mapping[str, Any]) -> dict[str, Any]:
    """The same form for other days: the hours stay, because they are mostly the same."""
    return {
        name: value
        for name, value in filled.items()
        if name != "sign_up_until" and not name.startswith("date_")
    }
