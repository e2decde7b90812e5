"""Which partner fits a question best, with the reasons in words that staff read."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cri_shared.words import N_

COUNTRY, REGION, TOPICS, LANGUAGE, CAPACITY, RECORD = 30, 15, 20, 15, 10, 10
WHOLE_COUNTRY, EVERY_TOPIC, NO_RECORD = 10, 12, 5
MAX_SCORE = COUNTRY + REGION + TOPICS + LANGUAGE + CAPACITY + RECORD


@dataclass(frozen=True)
class Record:
    """What a partner did with the questions that it was sent last."""

    answered: int = 0
    declined: int = 0
    late: int = 0
    median_days: float | None = None


@dataclass(frozen=True)
class Candidate:
    """What matching knows of a partner: never who it is."""

    partner_id: str
    countries: frozenset[str]
    regions: tuple[str, ...] = ()
    topics: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    capacity: int = 1
    open_assignments: int = 0
    suspended: bool = False
    lacks_pin: bool = False
    agreement_from: dt.date | None = None
    agreement_until: dt.date | None = None
    record: Record = Record()
    declined_this: bool = False
    has_this: bool = False
    taken_back: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a question asks of a partner."""

    country: str
    topics: frozenset[str]
    language: str
    region: str | None = None


@dataclass(frozen=True)
class Reason:
    """One reason for or against: an English sentence, its values, and the points it gives."""

    text: str
    points: int = 0
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """How well a partner fits; `barred` says why it cannot be sent the question at all.

    `by_policy` says whether the policy may choose it without a person: it has room, and nobody
    took this question from it before.
    """

    partner_id: str
    score: int
    reasons: tuple[Reason, ...]
    barred: Reason | None = None
    by_policy: bool = True


def rank(
    wanted: Wanted, candidates: Iterable[Candidate], today: dt.date
) -> tuple[list[Match], list[Match]]:
    """(those who fit, best first; those of that country who are barred, with the reason)."""
    matches = [match(wanted, c, today) for c in candidates if wanted.country in c.countries]
    fitting = sorted(
        (m for m in matches if m.barred is None), key=lambda m: (-m.score, m.partner_id)
    )
    return fitting, sorted((m for m in matches if m.barred), key=lambda m: m.partner_id)


def match(wanted: Wanted, candidate: Candidate, today: dt.date) -> Match:
    """Score one partner from 0 to 100."""
    barred = bar(wanted, candidate, today)
    if barred:
        return Match(candidate.partner_id, 0, (), barred, by_policy=False)
    reasons: tuple[Reason, ...] = (
        Reason(N_("Works in this country"), COUNTRY),
        _region(wanted, candidate),
        _topics(wanted, candidate),
        _language(wanted, candidate),
        _capacity(candidate),
        _record(candidate.record),
    )
    free = candidate.open_assignments < candidate.capacity and not candidate.taken_back
    if candidate.taken_back:
        reasons += (Reason(N_("Had this question before")),)
    score = sum(r.points for r in reasons)
    return Match(candidate.partner_id, score, reasons, by_policy=free)


def bar(wanted: Wanted, candidate: Candidate, today: dt.date) -> Reason | None:
    """Why a partner cannot be sent this question, or None."""
    if wanted.country not in candidate.countries:
        return Reason(N_("Does not work in this country"))
    if candidate.declined_this:
        return Reason(N_("Declined this question"))
    if candidate.has_this:
        return Reason(N_("Has this question already"))
    if candidate.suspended:
        return Reason(N_("Is suspended"))
    if not in_force(candidate.agreement_from, candidate.agreement_until, today):
        return Reason(N_("Has no agreement at present"))
    if candidate.lacks_pin:
        return Reason(N_("Needs a PIN first"))
    return None


def in_force(since: dt.date | None, until: dt.date | None, today: dt.date) -> bool:
    """Whether an agreement holds today; no date means no limit."""
    return (since is None or since <= today) and (until is None or until >= today)


def fits_automatically(best: Match | None, *, threshold: int, sensitivity: str) -> bool:
    """Whether a question may go to its best partner without a person looking first."""
    return (
        best is not None
        and best.barred is None
        and best.by_policy
        and best.score >= threshold
        and sensitivity != "red"
    )


def _region(wanted: Wanted, candidate: Candidate) -> Reason:
    if wanted.region is None:
        return Reason(N_("The question names no region"), REGION)
    if not candidate.regions:
        return Reason(N_("Covers the whole country"), WHOLE_COUNTRY)
    if any(_words(wanted.region) & _words(region) for region in candidate.regions):
        return Reason(N_("Covers this region"), REGION)
    return Reason(N_("Works in other regions"))


def _topics(wanted: Wanted, candidate: Candidate) -> Reason:
    if not candidate.topics:
        return Reason(N_("Takes every topic"), EVERY_TOPIC)
    known = len(wanted.topics & candidate.topics)
    if known == 0:
        return Reason(N_("Does not know these topics"))
    points = round(TOPICS * known / len(wanted.topics))
    values = {"known": known, "all": len(wanted.topics)}
    return Reason(N_("Knows %(known)s of %(all)s topics"), points, values)


def _language(wanted: Wanted, candidate: Candidate) -> Reason:
    if wanted.language in candidate.languages:
        return Reason(N_("Reads the language of the question"), LANGUAGE)
    return Reason(N_("Does not read the language of the question"))


def _capacity(candidate: Candidate) -> Reason:
    free = max(candidate.capacity - candidate.open_assignments, 0)
    if free == 0:
        return Reason(N_("Has no room for another question"))
    points = round(CAPACITY * free / candidate.capacity)
    values = {"free": free, "all": candidate.capacity}
    return Reason(N_("Has room for %(free)s of %(all)s"), points, values)


def _record(record: Record) -> Reason:
    """A partner without a past gets half; declining is no sin, but being late costs."""
    tried = record.answered + record.declined
    if tried == 0:
        return Reason(N_("Has no record yet"), NO_RECORD)
    in_time = max(record.answered - record.late / 2, 0)
    points = round(RECORD * in_time / tried)
    values = {"answered": record.answered, "all": tried}
    return Reason(N_("Answered %(answered)s of the last %(all)s questions"), points, values)


def _words(place: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", place.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return {word for word in re.findall(r"\w+", plain) if len(word) > 2}
