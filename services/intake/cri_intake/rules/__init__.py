"""Intake's decisions that need no I/O: what may be asked, who may read what, what comes next."""

import datetime as dt
import ipaddress
from collections.abc import Callable, Collection, Iterable, Sequence
from enum import StrEnum

MAX_TEXT = 6000
MIN_TEXT = 10
REPLAY_DAYS = 3
KEY_LIFE_DAYS = 180
LIVE_KEYS = 2  # of one organisation: the new one and the one that it takes the place of
WARN_DAYS = (30, 7)  # before a key ends
COUNTED_FORM_DAYS = 2  # longer than a form is good
COUNTED_DAYS = 2  # of the questions that came in with a key
SHOWN_AGAIN_MINUTES = 10  # a receipt, to whoever sends the form again
CONSENT_VERSION = "2026-1"
READ_WITHIN_DAYS = 2  # working days, as the page after asking promises
TOLD_DAYS = 90  # that the others were told to erase something
CONFIRM_DAYS = 7  # within which they confirm it
REVEAL_MINUTES = 15
REVEALS_A_DAY = 50  # by one person, of which the lead of the helpdesk is told
VIEWING = dt.timedelta(hours=12)  # that it is known who opened a question
MOST_VIEWS = 20  # that an officer saves
UNUSED_VIEW_DAYS = 365  # that a saved view stays which nobody opens
OPEN_MINUTES = 10  # in which a colleague counts as being at it
ASKER_SESSION = dt.timedelta(minutes=30)
HELPER_CODE_HOURS = 24  # for the organisation that an asker tells it to
MAX_TOPICS = 3


class Scope(StrEnum):
    """What an API key may be used for."""

    WRITE = "questions:write"
    CASES = "cases:read-own"
    ANSWERS = "answers:read-own"


class Status(StrEnum):
    """Where a question is, in the words of the API."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    CLARIFICATION_NEEDED = "clarification_needed"
    WITH_PARTNER = "with_partner"
    ANSWERED = "answered"
    CLOSED = "closed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


OPEN = frozenset(
    {Status.RECEIVED, Status.IN_REVIEW, Status.CLARIFICATION_NEEDED, Status.WITH_PARTNER}
)

# The four steps that an asker sees, and the statuses that have reached each of them.
STEPS = (
    frozenset(Status),
    frozenset(Status) - {Status.RECEIVED},
    frozenset({Status.CLARIFICATION_NEEDED, Status.WITH_PARTNER, Status.ANSWERED}),
    frozenset({Status.ANSWERED}),
)

CHANNELS = ("web", "phone", "api")
URGENCIES = ("urgent", "soon", "normal")
# Why a question is not given to research (the codes that are told, in kind words, to the asker).
REFUSALS = ("tracing", "document_check", "wanted", "outside", "other_help")
# Why an officer looks at what an asker wrote.
REVEAL_REASONS = ("triage", "desk", "reply", "second", "delivery", "safety")
# Why an answered question is kept for longer (the asker reads it, in words).
EXTENSIONS = ("checking", "follow_up", "procedure", "asked")
# Why something the leak check found does not tell who asks.
FALSE_ALARMS = ("ordinary_word", "place", "public_body", "other")

_SOON_DAYS = 21
_URGENT_DAYS = 7


def current_step(status: Status) -> int:
    """The step (0 to 3) at which an asker sees a question."""
    return max(index for index, reached in enumerate(STEPS) if status in reached)


def urgency_of(needed_by: dt.date | None, today: dt.date) -> str:
    """How urgent a question is when the answer is needed by a day: normal, soon or urgent."""
    if needed_by is None:
        return "normal"
    days = (needed_by - today).days
    return "urgent" if days <= _URGENT_DAYS else "soon" if days <= _SOON_DAYS else "normal"


def expected(
    turns: Iterable[tuple[dt.date | None, str | None, dt.date | None]],
) -> tuple[dt.date | None, str | None]:
    """(due date, delay) from every partner's (due date, reason for declining, due date passed).

    The order in which they became known does not matter: a declined turn counts no more, and a
    passed due date only until there is a later one.
    """
    turns = list(turns)
    running = [(due, passed) for due, declined, passed in turns if due and not declined]
    if not running:
        return None, "declined" if any(declined for _, declined, _ in turns) else None
    due = max(due for due, _ in running)
    late = all(passed is not None and passed >= due for due, passed in running)
    return due, "late" if late else None


def reads(language: str, spoken: Iterable[str], answer_language: str) -> bool:
    """Whether an asker reads the language of an answer."""
    return answer_language in (language, *spoken)


def working_days(
    start: dt.date,
    end: dt.date,
    pauses: Sequence[tuple[dt.date, dt.date]],
    is_working: Callable[[dt.date], bool],
) -> int:
    """Working days after `start` up to and with `end` on which the clock of a case ran.

    A pause stops the clock on the days after it began, up to and with the day it ended.
    """
    count, day = 0, start
    while day < end:
        day += dt.timedelta(days=1)
        paused = any(began < day <= ended for began, ended in pauses)
        count += is_working(day) and not paused
    return count


_ENOUGH = 0.45


def resemblance(
    wanted: Collection[str], question: Collection[str], answer: Collection[str]
) -> float:
    """How well a public answer (its stems) fits a question (its stems), 0 to 1.

    A word in the question counts whole, one that only the answer has counts half.
    """
    if not wanted:
        return 0.0
    in_question = set(wanted) & set(question)
    in_answer = (set(wanted) & set(answer)) - in_question
    return (len(in_question) + len(in_answer) / 2) / len(set(wanted))


def is_worth_showing(score: float, wanted: Collection[str]) -> bool:
    """Whether a public answer is near enough to be shown to somebody who asks.

    Long questions tell much that no public answer holds, so they need a smaller share.
    """
    few = max(len(set(wanted)), 1)
    return score >= min(_ENOUGH, 2 / few + 0.1)


def networks_of(text: str) -> list[str]:
    """The addresses and networks (CIDR) in a text, by spaces, commas or lines.

    Raises `ValueError` for anything else.
    """
    return [str(ipaddress.ip_network(one)) for one in text.replace(",", " ").split()]


def is_from(address: str, networks: Collection[str]) -> bool:
    """Whether an address lies in one of the networks; without any, all may come."""
    if not networks:
        return True
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(here, ipaddress.IPv6Address) and here.ipv4_mapped:
        here = here.ipv4_mapped
    return any(here in ipaddress.ip_network(network) for network in networks)


def warning_due(days_left: float, warned: int | None) -> int | None:
    """Of which of `WARN_DAYS` an organisation is to be told now; only the latest one is.

    `days_left` is how long a key still lives and `warned` what was told of it before.
    """
    due = [days for days in WARN_DAYS if days_left <= days]
    return min(due) if due and (warned is None or min(due) < warned) else None
