"""How long a contact or programme stays good, and what must be so before readers see it."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Protocol

from cri_shared.places import review_days
from cri_shared.words import N_

Broken = tuple[str, str]  # a field of the form, and the English sentence that says what is wrong

_PHONE = re.compile(r"\+\d[\d ()./-]{5,24}")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+")


class Told(Protocol):
    """What the rules look at of a listing."""

    @property
    def address(self) -> str | None:
        """Where one can go."""

    @property
    def phone(self) -> str | None:
        """Its telephone number."""

    @property
    def email(self) -> str | None:
        """Its e-mail address."""

    @property
    def url(self) -> str | None:
        """Its website."""

    @property
    def checked_on(self) -> dt.date:
        """The day on which it was true."""

    @property
    def check_by(self) -> dt.date:
        """The day of its next check at the latest."""

    @property
    def ends_on(self) -> dt.date | None:
        """Its last day."""


class What(StrEnum):
    """The two sorts of listing; each has its own event and its own period."""

    CONTACT = "contact"
    PROGRAMME = "programme"


class Consent(StrEnum):
    """Why an organisation may be shown: it tells this to everybody, or it agreed to it here."""

    PUBLIC = "public"
    AGREED = "agreed"


KINDS = {
    What.CONTACT: ("authority", "service", "organisation", "international", "embassy"),
    What.PROGRAMME: ("money", "goods", "training", "business", "care"),
}
# The topics whose period a check is good for: domain research, section 3.
_PERIOD = {
    What.CONTACT: "reintegration.organisations",
    What.PROGRAMME: "reintegration.programmes",
}


def period(what: str) -> dt.timedelta:
    """How long a check is good."""
    return dt.timedelta(days=review_days([_PERIOD[What(what)]]))


def leaves_on(facts: Told, what: str) -> dt.date:
    """The day on which readers stop seeing it: at twice its period, or after its last day."""
    too_old = facts.checked_on + 2 * period(what)
    return min(too_old, facts.ends_on + dt.timedelta(days=1)) if facts.ends_on else too_old


class Text(Protocol):
    """What a listing says in one language."""

    @property
    def language(self) -> str:
        """Its tag."""

    @property
    def text(self) -> str:
        """What it offers."""

    @property
    def ask_for(self) -> str | None:
        """The desk to ask for."""

    @property
    def who_for(self) -> str | None:
        """Who can get it."""

    @property
    def stale(self) -> bool:
        """Whether it has fallen behind."""


def fallen_behind(texts: Iterable[Text], before: Iterable[Text]) -> set[str]:
    """The languages that say what they said before, while another says something else now.

    `before` is what readers see. What had fallen behind stays so until it is written anew, and
    then follows: the others do not fall behind it.
    """
    known = {text.language: text for text in before}
    same = {
        text.language: _words(text) == _words(known[text.language])
        for text in texts
        if text.language in known
    }
    changed = any(not kept and not known[tag].stale for tag, kept in same.items())
    return {tag for tag, kept in same.items() if kept and (changed or known[tag].stale)}


def _words(text: Text) -> tuple[str | None, ...]:
    return text.text, text.ask_for, text.who_for


def broken(facts: Told, consent: str, today: dt.date) -> Iterator[Broken]:
    """Everything that stands against showing a listing to readers."""
    if not (facts.address or facts.phone or facts.email or facts.url):
        yield "phone", N_("Fill in at least one way to reach them")
    if facts.phone and not _PHONE.fullmatch(facts.phone):
        yield "phone", N_("Write the number with + and the number of the country")
    if facts.email and not _EMAIL.fullmatch(facts.email):
        yield "email", N_("Write an e-mail address such as info@example.org")
    if facts.url and not facts.url.startswith(("https://", "http://")):
        yield "url", N_("Write the whole address, with https://")
    if consent == Consent.PUBLIC and not facts.url:
        yield "url", N_("Write the page on which they tell this to everybody")
    yield from _days(facts, today)


def _days(facts: Told, today: dt.date) -> Iterator[Broken]:
    if facts.checked_on > today:
        yield "checked_on", N_("This day lies in the future")
    elif facts.check_by < today:
        yield "checked_on", N_("This check is too old. Check it again first.")
    if facts.ends_on and facts.ends_on < today:
        yield "ends_on", N_("This programme has ended")
