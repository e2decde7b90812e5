"""The editors' forms: what may be typed, and how it becomes a draft and back."""

import datetime as dt
import re
from dataclasses import replace
from typing import Annotated, Any, Literal

from cri_shared.places import canonical_language
from cri_shared.privacy.classes import C0, C1, C2
from cri_shared.web.forms import N_, FormModel, Submitted
from pydantic import Field, field_validator

from cri_publishing.console.fields import Country, Topic
from cri_publishing.rules.draft import EMBARGO_DAYS, SOURCE_KINDS, Account, Draft, Source, Text

MOST_SOURCES = 15
MOST_ACCOUNTS = 4
MOST_TYPED = 20000
WRITE_A_DATE = N_("Write a date such as 2026-03-12")

LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", max_length=12)]


class EntryForm(FormModel):
    """The text and facts of a draft; it may be saved unfinished."""

    edition: Annotated[int, C1]
    question: Annotated[str | None, Field(max_length=6000), C2] = None
    answer: Annotated[str | None, Field(max_length=MOST_TYPED), C2] = None
    language: Annotated[LanguageTag, C1]
    country: Annotated[Country, C1]
    region: Annotated[str | None, Field(max_length=120), C1] = None
    topic_1: Annotated[Topic, C1]
    topic_2: Annotated[Topic | None, C1] = None
    topic_3: Annotated[Topic | None, C1] = None
    sensitivity: Annotated[Literal["green", "amber", "red"], C1]
    outcome: Annotated[Literal["found", "partly", "conflicting", "not_found"], C1]
    information_date: Annotated[dt.date, C1]
    period_from: Annotated[dt.date | None, C1] = None
    period_to: Annotated[dt.date | None, C1] = None
    tried: Annotated[str | None, Field(max_length=6000), C2] = None
    answered_by: Annotated[str | None, Field(max_length=300), C2] = None
    embargo_days: Annotated[int, C1] = 0
    change_note: Annotated[str | None, Field(max_length=1000), C0] = None
    do: Annotated[Literal["save", "preview", "check", "add_source"], C1] = "save"
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        "country": N_("Choose a country"),
        "topic_1": N_("Choose at least one topic"),
        "language": N_("Choose the language of this text"),
        "information_date": WRITE_A_DATE,
        "period_from": WRITE_A_DATE,
        "period_to": WRITE_A_DATE,
        "embargo_days": N_("Choose one of the options"),
        "answer": N_("Write the answer in at most 20000 characters"),
        "question": N_("Shorten this question"),
    }

    @field_validator("embargo_days")
    @classmethod
    def _is_offered(cls, days: int) -> int:
        if days not in EMBARGO_DAYS:
            raise ValueError("not offered")
        return days


class TextForm(FormModel):
    """A translation."""

    edition: Annotated[int, C1]
    question: Annotated[str | None, Field(max_length=6000), C2] = None
    answer: Annotated[str | None, Field(max_length=MOST_TYPED), C2] = None
    do: Annotated[Literal["save", "preview", "check", "remove"], C1] = "save"
    messages = {  # noqa: RUF012
        "answer": N_("Write the answer in at most 20000 characters"),
        "question": N_("Shorten this question"),
    }


class SubmitForm(FormModel):
    """A draft goes to review; warnings are overruled with a reason."""

    edition: Annotated[int, C1]
    approver: Annotated[str | None, Field(max_length=32), C1] = None
    reason: Annotated[str | None, Field(max_length=1000), C2] = None
    messages = {"reason": N_("Shorten this text")}  # noqa: RUF012


class ApproveForm(FormModel):
    """The state of a text that somebody read and stands for."""

    edition: Annotated[int, C1]


class CommentForm(FormModel):
    """What an editor should change."""

    comment: Annotated[str, Field(min_length=3, max_length=2000), C2]
    messages = {"comment": N_("Write what must change")}  # noqa: RUF012


class LiftForm(FormModel):
    """Why the waiting time ends early."""

    reason: Annotated[str, Field(min_length=3, max_length=1000), C2]
    messages = {"reason": N_("Write why this cannot wait")}  # noqa: RUF012


class MergeForm(FormModel):
    """Which public entry covers this answer too."""

    into: Annotated[str, Field(max_length=200), C0]
    messages = {"into": N_("Write the address or the number of a public entry")}  # noqa: RUF012


class UseForm(FormModel):
    """Which waiting answer renews an entry."""

    research_id: Annotated[str, Field(max_length=64), C1]


class WithdrawForm(FormModel):
    """Why an entry disappears."""

    reason: Annotated[Literal["wrong", "harm", "partner", "law", "double"], C1]
    messages = {"reason": N_("Choose why this entry is withdrawn")}  # noqa: RUF012


def values_of(draft: Draft, edition: int) -> dict[str, Any]:
    """The form filled in with a draft."""
    values: dict[str, Any] = {
        "edition": edition,
        "question": draft.original.question,
        "answer": draft.original.answer,
        "language": draft.original.language,
        **{
            name: getattr(draft, name)
            for name in (
                *("country", "region", "sensitivity", "outcome", "information_date", "period_from"),
                *("period_to", "tried", "answered_by", "embargo_days", "change_note"),
            )
        },
    }
    for index, topic in enumerate(draft.topics, 1):
        values[f"topic_{index}"] = topic
    for index, source in enumerate(draft.sources, 1):
        for name in ("kind", "label", "publisher", "url", "published_on", "consulted_on"):
            values[f"source_{index}_{name}"] = getattr(source, name)
        values[f"source_{index}_primary"] = "yes" if source.primary else ""
        values[f"source_{index}_quotes"] = "" if source.quotes is None else source.quotes + 1
    for index, account in enumerate(draft.accounts, 1):
        for name in ("text", "language", "information_date"):
            values[f"account_{index}_{name}"] = getattr(account, name)
    return {name: "" if value is None else str(value) for name, value in values.items()}


def rows_typed(values: dict[str, Any], what: str) -> int:
    """How many rows of sources or accounts a form holds, up to the last that is not empty."""
    pattern = re.compile(rf"{what}_(\d{{1,2}})_(?:label|url|text|publisher|consulted_on)")
    found = [
        int(match[1])
        for name, value in values.items()
        if (match := pattern.fullmatch(name)) and str(value).strip()
    ]
    return max(found, default=0)


def draft_of_form(form: Submitted[EntryForm], before: Draft, note_language: str) -> Draft | None:
    """The draft that a form says; None, with words beside the fields, where it cannot be read."""
    data = form.data
    sources = _sources(form)
    accounts = _accounts(form)
    if data is None or form.errors:
        return None
    language = canonical_language(data.language)
    original = replace(
        before.original,
        language=language,
        question=data.question or "",
        answer=_lines(data.answer),
    )
    others = tuple(t for t in before.texts[1:] if t.language != language)
    topics = [topic for topic in (data.topic_1, data.topic_2, data.topic_3) if topic]
    return replace(
        before,
        texts=(original, *others),
        country=data.country,
        region=data.region or "",
        topics=tuple(dict.fromkeys(topics)),
        sensitivity=data.sensitivity,
        outcome=data.outcome,
        information_date=data.information_date,
        period_from=data.period_from,
        period_to=data.period_to,
        sources=(*sources, *before.sources[MOST_SOURCES:]),  # those without a row stay
        accounts=(*accounts, *before.accounts[MOST_ACCOUNTS:]),
        tried=_lines(data.tried),
        answered_by=data.answered_by or "",
        embargo_days=data.embargo_days,
        change_note=data.change_note or "",
        note_language=note_language,
    )


def text_of_form(data: TextForm, language: str) -> Text:
    """The translation that a form says."""
    return Text(language, data.question or "", _lines(data.answer))


def _lines(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n")


def _sources(form: Submitted[EntryForm]) -> tuple[Source, ...]:
    sources = []
    for index in range(1, min(rows_typed(form.values, "source"), MOST_SOURCES) + 1):
        row = _Row(form, f"source_{index}")
        kind = row.text("kind")
        sources.append(
            Source(
                kind=kind if kind in SOURCE_KINDS else "document",
                label=row.text("label", most=300),
                publisher=row.text("publisher", most=200),
                url=row.text("url", most=1000),
                published_on=row.date("published_on"),
                consulted_on=row.date("consulted_on"),
                primary=bool(row.text("primary")),
                quotes=row.number("quotes"),
            )
        )
    return _without_empty(sources)


def _without_empty(sources: list[Source]) -> tuple[Source, ...]:
    """Rows without a name and address go; those that repeat a later row still point at it."""
    kept = [index for index, source in enumerate(sources) if source.label or source.url]
    moved = {old: new for new, old in enumerate(kept)}
    return tuple(
        replace(s, quotes=None if s.quotes is None else moved.get(s.quotes, s.quotes))
        for s in (sources[index] for index in kept)
    )


def _accounts(form: Submitted[EntryForm]) -> tuple[Account, ...]:
    accounts = []
    for index in range(1, min(rows_typed(form.values, "account"), MOST_ACCOUNTS) + 1):
        row = _Row(form, f"account_{index}")
        language = row.text("language") or "en"
        text = _lines(row.text("text", most=MOST_TYPED))
        if text:
            accounts.append(Account(text, language, row.date("information_date")))
    return tuple(accounts)


class _Row:
    """One numbered row of a form; what cannot be read is said beside its field."""

    def __init__(self, form: Submitted[EntryForm], prefix: str) -> None:
        self._form, self._prefix = form, prefix

    def text(self, name: str, *, most: int = 60) -> str:
        typed = str(self._form.values.get(f"{self._prefix}_{name}", "")).strip()
        if len(typed) > most:
            self._form.refuse(f"{self._prefix}_{name}", N_("This text is too long"))
        return typed[:most]

    def date(self, name: str) -> dt.date | None:
        typed = self.text(name)
        try:
            return dt.date.fromisoformat(typed) if typed else None
        except ValueError:
            self._form.refuse(f"{self._prefix}_{name}", WRITE_A_DATE)
            return None

    def number(self, name: str) -> int | None:
        typed = self.text(name)
        if not typed:
            return None
        if not typed.isdecimal():
            self._form.refuse(f"{self._prefix}_{name}", N_("Write a number"))
            return None
        return int(typed) - 1
