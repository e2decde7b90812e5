"""What a partner's answer holds, and which part of it may leave research."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from cri_shared.places import COUNTRIES, INTERFACE_LANGUAGES
from cri_shared.words import N_

MAX_ROWS = 12
OUTCOMES = ("found", "partly", "conflicting", "not_found")
KINDS = {
    "visit": N_("Visit"),
    "phone": N_("Phone call"),
    "interview": N_("Interview"),
    "web": N_("Website"),
    "law": N_("Law or rule"),
    "document": N_("Document"),
    "media": N_("Press or social media"),
    "experience": N_("Experience of people"),
}


def languages_offered(likely: Sequence[str], country: str) -> list[str]:
    """The languages that a form offers for an answer: likely ones, the country's, ours."""
    known = COUNTRIES.get(country)
    return list(dict.fromkeys((*likely, *(known.languages if known else ()), *INTERFACE_LANGUAGES)))


@dataclass(frozen=True)
class SourceLine:
    """One source as the partner named it; `number` is its row, `quotes` the row it repeats."""

    number: int
    kind: str
    label: str
    consulted_on: dt.date
    public_label: str | None = None
    publisher: str | None = None
    url: str | None = None
    published_on: dt.date | None = None
    primary: bool = True
    quotes: int | None = None
    confidentiality: str = "public"

    @property
    def is_internal(self) -> bool:
        """Whether only its public label and its dates may leave research."""
        return self.confidentiality == "internal"


@dataclass(frozen=True)
class Answer:
    """One answer, whole; `kept` says, by mark, why what may be a person's belongs to it."""

    outcome: str
    text: str
    language: str
    information_date: dt.date
    period_from: dt.date | None = None
    period_to: dt.date | None = None
    sources: tuple[SourceLine, ...] = ()
    tried: str | None = None
    do_not_publish: bool = False
    show_name: bool = False
    kept: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """The form in which it is sealed."""
        return json.dumps(asdict(self), default=lambda day: day.isoformat(), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Answer":
        """Read what `to_json` wrote."""
        raw = json.loads(text)
        lines = tuple(SourceLine(**_dated(SourceLine, line)) for line in raw.pop("sources"))
        return cls(sources=lines, **_dated(cls, raw))


@dataclass(frozen=True)
class PublicSource:
    """A source as the world may see it; `quotes` is an index into the list it stands in."""

    kind: str
    label: str
    consulted_on: dt.date
    publisher: str | None = None
    url: str | None = None
    published_on: dt.date | None = None
    primary: bool = True
    quotes: int | None = None


def public_sources(
    lines: Sequence[SourceLine], *, kind_names: dict[str, str], secret_names: Sequence[str] = ()
) -> list[PublicSource]:
    """What may leave: of an internal source no title, publisher or address, of none a secret name.

    `kind_names` name a kind of source where the partner gave no label for the public.
    """
    index_of = {line.number: index for index, line in enumerate(lines)}
    return [_public(line, index_of, kind_names, secret_names) for line in lines]


def _public(
    line: SourceLine,
    index_of: dict[int, int],
    kind_names: dict[str, str],
    secret_names: Sequence[str],
) -> PublicSource:
    label = line.public_label or (kind_names[line.kind] if line.is_internal else line.label)
    publisher, url = (None, None) if line.is_internal else (line.publisher, line.url)
    return PublicSource(
        kind=line.kind,
        label=label,
        consulted_on=line.consulted_on,
        publisher=None if publisher and names_one_of(publisher, secret_names) else publisher,
        url=url,
        published_on=line.published_on,
        primary=line.primary,
        quotes=index_of.get(line.quotes) if line.quotes is not None else None,
    )


def names_one_of(text: str, names: Sequence[str]) -> bool:
    """Whether a text holds one of these names, whatever its capitals and spaces."""
    plain = " ".join(text.casefold().split())
    return any(" ".join(name.casefold().split()) in plain for name in names if name.strip())


def _dated(kind: Any, raw: dict[str, Any]) -> dict[str, Any]:
    days = {f.name for f in fields(kind) if f.type in (dt.date, dt.date | None)}
    return {
        name: dt.date.fromisoformat(value) if name in days and value else value
        for name, value in raw.items()
    }
