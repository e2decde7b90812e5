"""What an editor works on: the texts, sources and facts of one version of an entry, as values."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace
from typing import Annotated

from cri_shared.privacy.classes import C1, C2

SOURCE_KINDS = ("visit", "phone", "interview", "web", "law", "document", "media", "experience")
OUTCOMES = ("found", "partly", "conflicting", "not_found")
SENSITIVITIES = ("green", "amber", "red")
EMBARGO_DAYS = (0, 30, 91, 182)
DEFAULT_EMBARGO_DAYS = 30


@dataclass(frozen=True)
class Source:
    """One source as the public will see it; a draft's source may still lack something."""

    kind: Annotated[str, C2]
    label: Annotated[str, C2] = ""
    publisher: Annotated[str, C2] = ""
    url: Annotated[str, C2] = ""
    published_on: Annotated[dt.date | None, C1] = None
    consulted_on: Annotated[dt.date | None, C1] = None
    primary: Annotated[bool, C1] = True
    quotes: Annotated[int | None, C1] = None  # the index, from 0, of the source that it repeats


@dataclass(frozen=True)
class Account:
    """One version of the facts, where people in the country contradict each other."""

    text: Annotated[str, C2]
    language: Annotated[str, C1]
    information_date: Annotated[dt.date | None, C1] = None


@dataclass(frozen=True)
class Text:
    """The public question and answer in one language.

    `translates` is the fingerprint of the original that a translation was made from.
    """

    language: Annotated[str, C1]
    question: Annotated[str, C2] = ""
    answer: Annotated[str, C2] = ""
    translates: Annotated[str | None, C1] = None
    version: Annotated[int | None, C1] = None  # of the entry, in which it was last written

    @property
    def fingerprint(self) -> str:
        """Changes whenever the words change."""
        return hashlib.sha256(f"{self.question}\0{self.answer}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Draft:
    """Everything that one version of an entry says; the first of `texts` is the original."""

    country: Annotated[str, C1]
    topics: Annotated[tuple[str, ...], C1]
    outcome: Annotated[str, C1]
    information_date: Annotated[dt.date, C1]
    texts: tuple[Text, ...]
    region: Annotated[str, C1] = ""
    sensitivity: Annotated[str, C1] = "green"
    period_from: Annotated[dt.date | None, C1] = None
    period_to: Annotated[dt.date | None, C1] = None
    sources: tuple[Source, ...] = ()
    accounts: tuple[Account, ...] = ()
    tried: Annotated[str, C2] = ""
    answered_by: Annotated[str, C2] = ""
    change_note: Annotated[str, C2] = ""
    note_language: Annotated[str, C1] = "en"
    embargo_days: Annotated[int, C1] = DEFAULT_EMBARGO_DAYS

    @property
    def original(self) -> Text:
        """The text that the others translate."""
        return self.texts[0]

    def text_in(self, language: str) -> Text | None:
        """The text in a language, if there is one."""
        return next((text for text in self.texts if text.language == language), None)

    def with_text(self, text: Text) -> "Draft":
        """The draft with a translation of its original, as that reads now."""
        bound = replace(text, translates=self.original.fingerprint)
        others = tuple(t for t in self.texts if t.language != text.language)
        return replace(self, texts=(*others, bound))

    def is_stale(self, text: Text) -> bool:
        """Whether the original has changed since a translation was made."""
        return text is not self.original and text.translates != self.original.fingerprint

    def is_single_source(self) -> bool:
        """Whether fewer than two sources are independent of each other."""
        return independent(self.sources) < 2


def independent(sources: tuple[Source, ...]) -> int:
    """How many sources do not repeat another one: what has the same origin counts once."""
    return len({_origin(index, sources) for index in range(len(sources))})


def _origin(index: int, sources: tuple[Source, ...]) -> int:
    path = [index]
    while (quoted := sources[path[-1]].quotes) is not None and 0 <= quoted < len(sources):
        if quoted in path:
            return min(path[path.index(quoted) :])
        path.append(quoted)
    return path[-1]


@dataclass(frozen=True)
class Found:
    """What a detector saw in a field of a draft."""

    field: str
    kind: str
    text: str
    language: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What the rules must know beside the draft itself."""

    today: dt.date
    number: int = 1  # of the version: a first publication, or a revision
    renews: bool = False  # whether it brings a newer information date
    last_checked: dt.date | None = None  # the newest check that is recorded, where it is known
    found: tuple[Found, ...] = field(default=())
    changed_on: dt.date | None = None  # the newest change in the country, where it touches this
