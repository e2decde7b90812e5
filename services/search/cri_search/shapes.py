"""An entry as programs read it, from the API and in the whole database."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

from cri_shared import clock
from cri_shared.errors import Kind, Refusal
from cri_shared.places.languages import PUBLIC_LANGUAGES
from cri_shared.privacy.classes import C0
from cri_shared.web.i18n import Words
from cri_shared.words import N_
from pydantic import BaseModel, Field

from cri_search.queries.entries import Version, Whole
from cri_search.queries.listings import Listed
from cri_search.rig import Rig
from cri_search.rules.asked import READER
from cri_search.wording import Wording, answered_by, checked_by


class EntryIsWithdrawn(Refusal):
    """A person took the entry back; its content is gone."""

    kind = Kind.NOT_FOUND
    slug = "entry-withdrawn"
    message = N_("This answer was withdrawn.")

    @property
    def status(self) -> int:
        """Gone, and not to be looked for again."""
        return 410


Label = Literal["archived", "due", "partly", "conflicting", "not_found", "single_source"]
ABOUT_LABELS = (
    "what a reader must know first, most serious first: too old to rely on; late for its check; "
    "answered in part; sources disagree; nothing was found; one source only. Show them"
)


class VersionOut(BaseModel):
    """The question and answer in one language; `answer` is Markdown."""

    language: Annotated[str, C0]
    url: Annotated[str, C0]
    question: Annotated[str, C0]
    answer: Annotated[str, C0]
    translated_from: Annotated[str | None, C0]
    stale: Annotated[bool, C0]


class EntryOut(BaseModel):
    """An entry, whole."""

    entry_id: Annotated[str, C0]
    version: Annotated[int, C0]
    state: Annotated[Literal["published", "archived"], C0]
    slug: Annotated[str, C0]
    country: Annotated[str, C0]
    region: Annotated[str | None, C0]
    topics: Annotated[list[str], C0]
    outcome: Annotated[str, C0]
    labels: Annotated[tuple[Label, ...], Field(description=ABOUT_LABELS), C0]
    information_date: Annotated[
        dt.date, Field(description="the day on which the answer was true"), C0
    ]
    review_by: Annotated[dt.date, Field(description="the day of its next check at the latest"), C0]
    published_on: Annotated[dt.date, C0]
    single_source: Annotated[
        bool, Field(description="whether all of it rests on one source that nobody confirmed"), C0
    ]
    tried: Annotated[str | None, Field(description="where nothing was found: what was tried"), C0]
    answered_by: Annotated[
        str | None, Field(description="who answered, where that may be told"), C0
    ]
    languages: list[VersionOut]
    sources: Annotated[list[dict[str, Any]], C0]
    accounts: Annotated[
        list[dict[str, Any]],
        Field(description="where the sources disagree: what each of them says"),
        C0,
    ]
    changes: Annotated[
        list[dict[str, Any]], Field(description="what changed, with its day and why"), C0
    ]


class StandingOut(BaseModel):
    """How an entry stands on the day of asking; it changes without a new version."""

    on: Annotated[dt.date, Field(description="the day of asking"), C0]
    age_days: Annotated[int, Field(description="days since the information date"), C0]
    due: Annotated[bool, Field(description="whether its next check is late"), C0]
    partner: Annotated[
        Literal["available", "none"] | None,
        Field(
            description="whether somebody in the country can look for answers now; "
            "null where that is not known"
        ),
        C0,
    ]


class GradeOut(BaseModel):
    """How far to rely on an answer, in words of the language that it is shown in."""

    age: Annotated[str, Field(description="how long ago it was checked, in words"), C0]
    answered_by: Annotated[
        str, Field(description="the partner's name where it agreed to that, else its label"), C0
    ]
    checked_by: Annotated[str, Field(description="who looked at it before readers saw it"), C0]


class SaidOut(GradeOut):
    """What the entry's page tells its readers in one language about how far to rely on it."""

    language: Annotated[str, C0]
    notes: Annotated[
        list[str], Field(description="what to know before reading it, one for each label"), C0
    ]
    partner: Annotated[str, Field(description="whether the country has a partner, in words"), C0]
    disclaimer: Annotated[str, Field(description="show it with the answer"), C0]


class EntryNow(EntryOut):
    """An entry, whole, with what its page shows of how it stands today."""

    standing: StandingOut
    said: Annotated[
        list[SaidOut],
        Field(description="for each language of the answer, English where we do not speak it"),
    ]


class ListingTextOut(BaseModel):
    """What a contact or programme is, in one language."""

    language: Annotated[str, C0]
    text: Annotated[str, Field(description="what it offers"), C0]
    ask_for: Annotated[str | None, Field(description="the desk to ask for"), C0]
    who_for: Annotated[str | None, Field(description="who can get it"), C0]
    stale: Annotated[bool, Field(description="another language has changed since"), C0]


class ListingOut(BaseModel):
    """An office, an organisation or a programme of a country; none of them belongs to us."""

    listing_id: Annotated[str, C0]
    what: Annotated[Literal["contact", "programme"], C0]
    version: Annotated[int, C0]
    url: Annotated[str, Field(description="the page of its country, for people"), C0]
    kind: Annotated[str, Field(description="what sort of place or help it is"), C0]
    name: Annotated[str, Field(description="as it says it"), C0]
    country: Annotated[str, C0]
    region: Annotated[str | None, C0]
    topics: Annotated[tuple[str, ...], C0]
    spoken: Annotated[
        tuple[str, ...], Field(description="the languages that are spoken there, BCP 47"), C0
    ]
    texts: tuple[ListingTextOut, ...]
    address: Annotated[str | None, C0]
    phone: Annotated[str | None, C0]
    email: Annotated[str | None, C0]
    website: Annotated[str | None, C0]
    run_by: Annotated[
        str | None, Field(description="who gives the help, where it is a programme"), C0
    ]
    ends_on: Annotated[dt.date | None, Field(description="its last day, where it is known"), C0]
    checked_on: Annotated[dt.date, Field(description="the day on which it was true"), C0]
    checked_how: Annotated[Literal["phone", "visit", "web"], C0]
    check_by: Annotated[
        dt.date, Field(description="the day of its next check at the latest: then warn readers"), C0
    ]


class CountryOut(BaseModel):
    """What there is about a country today, as its page tells it."""

    country: Annotated[str, C0]
    url: Annotated[str, C0]
    answers: Annotated[int, Field(description="how many answers a search finds"), C0]
    due: Annotated[int, Field(description="how many of them are late for their check"), C0]
    latest_check: Annotated[dt.date | None, C0]
    partner: Annotated[
        Literal["available", "none"] | None,
        Field(description="whether somebody there can look for answers; null: not known"),
        C0,
    ]
    contacts: list[ListingOut]
    programmes: list[ListingOut]


def listed_out(rig: Rig, one: Listed) -> ListingOut:
    """A contact or programme as programs read it."""
    facts = one.facts.model_dump(exclude={"url"})
    return ListingOut(
        **(facts | {"run_by": one.run_by}),
        listing_id=one.listing_id,
        what=one.what,
        version=one.version,
        url=f"{country_address(rig, one.facts.country)}#{one.what}s",
        website=one.facts.url,
    )


def country_address(rig: Rig, country: str) -> str:
    """Where people read about a country."""
    return f"{rig.settings.public_url}/{READER}/countries/{country}"


def told(rig: Rig, whole: Whole) -> EntryOut:
    """An entry as programs read it."""
    known = whole.entry
    copied = {
        name: getattr(known, name)
        for name in EntryOut.model_fields
        if name not in ("labels", "languages")
    }
    versions = [
        VersionOut(
            language=version.language,
            url=address_of(rig, known.slug, version.language),
            question=version.question,
            answer=version.answer,
            translated_from=version.translated_from,
            stale=version.stale,
        )
        for version in whole.versions
    ]
    return EntryOut(**copied, labels=whole.labels, languages=versions)


class Grading:
    """Says of the answers on one page how old each is and who answered it, in its language."""

    def __init__(self, words: Callable[[str], Words]) -> None:
        self._words = words
        self._today = clock.today()
        self._known: dict[str, tuple[Words, str, str]] = {}

    def of(self, language: str, day: dt.date, partner: str | None) -> dict[str, str]:
        """The fields of a `GradeOut`: `day` is the information date, `partner` a name or None."""
        if language not in self._known:
            own = self.words(language)
            self._known[language] = own, answered_by(own, None), checked_by(own)
        own, somebody, checked = self._known[language]
        age = own.age(day, self._today)
        return {"age": age, "answered_by": partner or somebody, "checked_by": checked}

    def words(self, language: str) -> Words:
        """The words of a language, English where we do not speak it."""
        return self._words(language if language in PUBLIC_LANGUAGES else READER)


def told_now(
    rig: Rig, whole: Whole, partner: str | None, words: Callable[[str], Words]
) -> EntryNow:
    """An entry as programs read it today; `words` gives those of an interface language."""
    day = whole.entry.information_date
    assert day
    today = clock.today()
    standing = StandingOut(
        on=today, age_days=(today - day).days, due="due" in whole.labels, partner=partner
    )
    grading = Grading(words)
    said = [_said(whole, version, partner, grading) for version in whole.versions]
    return EntryNow(**dict(told(rig, whole)), standing=standing, said=said)


def _said(whole: Whole, version: Version, partner: str | None, grading: Grading) -> SaidOut:
    entry, wording = whole.entry, Wording(grading.words(version.language))
    assert entry.information_date
    return SaidOut(
        **grading.of(version.language, entry.information_date, entry.answered_by),
        language=version.language,
        notes=wording.standing(replace(whole, shown=version)),
        partner=wording.partner(partner),
        disclaimer=wording.disclaimer,
    )


def address_of(rig: Rig, slug: str, language: str) -> str:
    """Where people read an entry in a language."""
    base = rig.settings.public_url
    if language in PUBLIC_LANGUAGES:
        return f"{base}/{language}/entries/{slug}"
    return f"{base}/{READER}/entries/{slug}?language={language}"
