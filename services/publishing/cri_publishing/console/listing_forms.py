"""The form of a contact or programme: what may be typed, and how it becomes facts and back."""

import asyncio
import datetime as dt
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from cri_shared.events.publishing import ContactFacts, ListingText, ProgrammeFacts
from cri_shared.places import COUNTRIES, PUBLIC_LANGUAGES, canonical_language
from cri_shared.privacy.classes import C0, C1
from cri_shared.privacy.gate import (
    PERSONAL,
    Suspect,
    by_kind,
    explained,
    personal,
    said_in,
    unexplained,
)
from cri_shared.web.forms import N_, FormModel, Submitted
from pydantic import Field

from cri_publishing.actions.review import MarkMissing
from cri_publishing.console.fields import Country, Topic
from cri_publishing.models import Facts
from cri_publishing.rules.listing import KINDS, What, fallen_behind, period

_TAG = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_MOST = {"text": 1500, "ask_for": 200, "who_for": 600}
_SHORT = Annotated[str | None, Field(max_length=300), C0]


class ListingForm(FormModel):
    """The facts of a contact or programme; its texts stand in `text_nl`, `ask_for_nl` and so on."""

    edition: Annotated[int, C1] = 0
    name: Annotated[str, Field(max_length=200), C0]
    kind: Annotated[str, C0]
    country: Annotated[Country, C0]
    region: _SHORT = None
    topic_1: Annotated[Topic, C0]
    topic_2: Annotated[Topic | None, C0] = None
    topic_3: Annotated[Topic | None, C0] = None
    spoken: _SHORT = None
    address: _SHORT = None
    phone: _SHORT = None
    email: _SHORT = None
    url: _SHORT = None
    run_by: _SHORT = None
    ends_on: Annotated[dt.date | None, C0] = None
    checked_on: Annotated[dt.date, C0]
    checked_how: Annotated[Literal["phone", "visit", "web"], C0]
    consent: Annotated[Literal["public", "agreed"], C1]
    all_agree: Annotated[bool, C0] = False
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        "country": N_("Choose a country"),
        "topic_1": N_("Choose at least one topic"),
        "kind": N_("Choose one of the options"),
        "consent": N_("Say why this organisation may be shown"),
        "checked_how": N_("Choose how it was checked"),
        "checked_on": N_("Write a date such as 2026-03-12"),
    }


class CheckForm(FormModel):
    """Somebody checked a listing: all is as it was."""

    checked_on: Annotated[dt.date, C0]
    checked_how: Annotated[Literal["phone", "visit", "web"], C0]
    messages = {  # noqa: RUF012
        "checked_on": N_("Write a date such as 2026-03-12"),
        "checked_how": N_("Choose how it was checked"),
    }


class RetireForm(FormModel):
    """Why readers must not see a listing any more."""

    reason: Annotated[Literal["closed", "wrong", "harm", "asked"], C1]
    messages = {"reason": N_("Choose why it is retired")}  # noqa: RUF012


def values_of(facts: Facts, *, edition: int, consent: str) -> dict[str, Any]:
    """The form filled in with what is known."""
    told = facts.model_dump(mode="json", exclude={"texts", "topics", "spoken", "check_by"})
    values = told | {"edition": edition, "consent": consent, "spoken": ", ".join(facts.spoken)}
    for number, topic in enumerate(facts.topics, 1):
        values[f"topic_{number}"] = topic
    for text in facts.texts:
        for part in _MOST:
            values[f"{part}_{text.language}"] = getattr(text, part)
    return {name: "" if value is None else str(value) for name, value in values.items()}


def facts_of_form(
    form: Submitted[ListingForm], what: What, before: Iterable[ListingText] = ()
) -> Facts | None:
    """What a form says; None, with words beside the fields, where it cannot be read.

    `before` are the texts that readers see: those that fall behind them are marked.
    """
    texts, spoken = _texts(form), _spoken(form)
    if form.data is not None and not form.data.all_agree:
        behind = fallen_behind(texts, before)
        texts = tuple(text.model_copy(update={"stale": text.language in behind}) for text in texts)
    data = form.data
    if data is not None and data.kind not in KINDS[what]:
        form.refuse("kind", N_("Choose one of the options"))
    if data is None or form.errors:
        return None
    common: dict[str, Any] = {
        **data.model_dump(include=set(ContactFacts.model_fields) - {"spoken"}),
        "topics": tuple(dict.fromkeys(t for t in (data.topic_1, data.topic_2, data.topic_3) if t)),
        "texts": texts,
        "spoken": spoken,
        "check_by": data.checked_on + period(what),
    }
    if what == What.CONTACT:
        return ContactFacts.model_validate(common)
    return ProgrammeFacts.model_validate(common | {"run_by": data.run_by})


def _texts(form: Submitted[ListingForm]) -> tuple[ListingText, ...]:
    texts = []
    for language in PUBLIC_LANGUAGES:
        said = {part: _typed(form, f"{part}_{language}", most) for part, most in _MOST.items()}
        if said["text"]:
            texts.append(ListingText(language=language, **said))
        elif any(said.values()):
            form.refuse(f"text_{language}", N_("Write what it offers in this language too"))
    if not texts:
        form.refuse("text_en", N_("Write in at least one language what it offers"))
    return tuple(texts)


def _typed(form: Submitted[Any], field: str, most: int) -> Any:
    """What stands in a field without a model; None where nothing does."""
    typed = str(form.values.get(field, "")).replace("\r\n", "\n").strip()
    if len(typed) > most:
        form.refuse(field, N_("This text is too long"))
    return typed[:most] or None


def _spoken(form: Submitted[ListingForm]) -> tuple[str, ...]:
    typed = re.split(r"[\s,;]+", str(form.values.get("spoken", "")).strip())
    tags = [canonical_language(tag) for tag in typed if tag]
    if not all(_TAG.fullmatch(tag) for tag in tags):
        form.refuse("spoken", N_("Write language codes such as “fr, en, fa-AF”"))
    return tuple(dict.fromkeys(tags))


async def people_in(form: Submitted[ListingForm], facts: Facts) -> dict[str, list[Suspect]]:
    """What may belong to a private person, by kind; refuses what nobody said a word about."""
    found = await asyncio.to_thread(lambda: list(_seen(facts)))
    left = unexplained(found, explained(found, said_in(form.values)))
    for kind in by_kind(left):
        form.refuse(f"keep_{kind}", MarkMissing.message)
    return by_kind(found)


def _seen(facts: Facts) -> Iterable[Suspect]:
    about = [facts.region or "", *COUNTRIES[facts.country].names.values()]
    mailbox = re.sub(r"[._-]+", " ", (facts.email or "").split("@")[0]).title()
    runner = facts.run_by if isinstance(facts, ProgrammeFacts) else None
    texts = [("en", words) for words in (facts.name, runner or "", mailbox)]
    for text in facts.texts:
        texts += [(text.language, getattr(text, part) or "") for part in _MOST]
    for language, words in texts:
        yield from (one for one in personal(words, language, about) if one.kind in PERSONAL)
