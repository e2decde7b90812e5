"""Runs the rules over a draft, with what the privacy detectors see in its texts."""

import asyncio
import datetime as dt
import re
from collections.abc import Iterator

from cri_shared import clock
from cri_shared.places import COUNTRIES
from cri_shared.privacy.detectors import cities_in, cues
from cri_shared.privacy.gate import personal

from cri_publishing.rules.checks import Problem, check
from cri_publishing.rules.draft import Draft, Found, Surroundings

_RARE = frozenset({"unique_office", "known_relative", "unique_event"})
_IN_LABELS = frozenset({"email", "phone", "iban"})


async def problems_of(
    draft: Draft,
    *,
    number: int,
    renews: bool,
    last_checked: dt.date | None = None,
    changed_on: dt.date | None = None,
) -> list[Problem]:
    """Everything that stands against publishing a draft; detectors run in a thread."""
    found = await asyncio.to_thread(lambda: tuple(_found(draft)))
    today = clock.today()
    return check(draft, Surroundings(today, number, renews, last_checked, found, changed_on))


def quick_problems(draft: Draft, *, number: int, renews: bool) -> list[Problem]:
    """The same without the detectors: for a text that was checked and has not changed since."""
    return check(draft, Surroundings(clock.today(), number, renews))


def _about(draft: Draft) -> list[str]:
    """The names of the place that an answer is about."""
    country = COUNTRIES[draft.country].names.values() if draft.country in COUNTRIES else ()
    return [draft.region, *country]


def _found(draft: Draft) -> Iterator[Found]:
    about = _about(draft)
    for field, text, written_in, translation in _fields(draft):
        for kind, words in _seen(text, written_in, about):
            if not field.startswith("source_") or kind in _IN_LABELS:
                yield Found(field, kind, words, translation)


def _fields(draft: Draft) -> Iterator[tuple[str, str, str, str]]:
    """(field, its text, the language it is written in, the translation it belongs to)."""
    for text in draft.texts:
        translation = "" if text is draft.original else text.language
        yield "question", text.question, text.language, translation
        yield "answer", text.answer, text.language, translation
    own = draft.original.language
    yield "tried", draft.tried, own, ""
    for index, account in enumerate(draft.accounts, 1):
        yield f"account_{index}_text", account.text, account.language, ""
    for index, source in enumerate(draft.sources, 1):
        yield f"source_{index}_label", source.label, own, ""
        yield f"source_{index}_publisher", source.publisher, own, ""


def _seen(text: str, written_in: str, about: list[str]) -> Iterator[tuple[str, str]]:
    """(kind, words) of everything in a text that may tell who it is about."""
    if not text:
        return
    found = personal(text, written_in, about)
    for suspect in found:
        yield suspect.kind, suspect.text
    places = [suspect.start for suspect in found if suspect.kind == "place"]
    places += cities_in(text, written_in)
    for cue in cues(text):
        if cue.item in _RARE and any(_in_one_sentence(text, cue.start, place) for place in places):
            yield "rare", cue.text


def _in_one_sentence(text: str, one: int, other: int) -> bool:
    start, end = sorted((one, other))
    return not re.search(r"[.!?؟]\s", text[start:end])
