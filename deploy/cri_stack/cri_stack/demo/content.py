"""The demo content and its cast, moved by whole months so that its last day lies in this month."""

import datetime as dt
import json
import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.resources import files
from typing import Any

from cri_shared.places import canonical_language

EVENTS = ("asked_on", "dispatched_on", "answered_on", "published_on")
OUTCOMES = {"partly_found": "partly"}
SOURCE_KINDS = {"case_experience": "experience"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")

# Texts name months; they move with the dates. Only French ones do so without a year beside them:
# "may" is a verb and "آب" is water.
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "ru": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "ar": "كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني "
    "كانون_الأول",
}


@dataclass(frozen=True)
class Question:
    """One question of the content with its dates moved; `cast` holds what the demo adds to it."""

    data: Mapping[str, Any]
    cast: Mapping[str, Any]

    @property
    def ref(self) -> str:
        """Its reference in the content."""
        return str(self.data["ref"])

    def day(self, name: str) -> dt.date:
        """One of its days, by the name it has in the content."""
        for part in (self.data, self.data["assignment"], self.data["answer"]):
            if part.get(name):
                return dt.date.fromisoformat(part[name])
        return dt.date.fromisoformat(self.data["publication"][name])

    @property
    def country(self) -> str:
        """The code of its country."""
        return str(self.data["country"])

    @property
    def topics(self) -> list[str]:
        """Its topics, one to three."""
        return list(self.data["topics"])

    @property
    def asker_role(self) -> str:
        """Who asks, in the words of the public form."""
        return "self" if self.data["asker_role"] == "migrant" else "assisting"

    @property
    def phone(self) -> str:
        """The number that a caller left."""
        numbers = (found["text"] for found in self.data["pii"] if found["kind"] == "phone")
        return next(numbers, "")

    @property
    def partner(self) -> str:
        """The partner who answers it."""
        return str(self.data["assignment"]["partner"])

    @property
    def language(self) -> str:
        """What the asker reads."""
        return canonical_language(str(self.data["language"]))

    @property
    def answer_language(self) -> str:
        """What the partner writes."""
        return canonical_language(str(self.data["answer"]["lang"]))

    @property
    def outcome(self) -> str:
        """The outcome in the words of the events."""
        found = str(self.data["answer"]["outcome"])
        return OUTCOMES.get(found, found)

    @property
    def status(self) -> str:
        """What becomes of it in public: published, withheld, expired."""
        return str(self.data["publication"]["status"])

    @property
    def sensitivity(self) -> str:
        """Green, amber or red."""
        return str(self.data["publication"]["sensitivity"])

    @property
    def sources(self) -> list[dict[str, Any]]:
        """Its sources, their kinds and labels in the words of the events."""
        return [
            {
                **source,
                "kind": SOURCE_KINDS.get(source["kind"], source["kind"]),
                "label": source["public_label"] or source["title"],
            }
            for source in self.data["sources"]
        ]

    @cached_property
    def versions(self) -> dict[str, tuple[str, str]]:
        """Public (question, answer) by language, the language of the answer first."""
        answers = {self.answer_language: self.data["answer"]["text"]}
        answers |= {canonical_language(k): v for k, v in self._public_answers.items()}
        asked = self.data["question_public"]
        questions = {
            **self.cast.get("questions", {}),
            canonical_language(asked["lang"]): asked["text"],
        }
        return {lang: (questions[lang], answers[lang]) for lang in answers if lang in questions}

    @property
    def _public_answers(self) -> dict[str, str]:
        return {**self.data.get("public_answer", {}), **self.cast.get("answers", {})}

    @property
    def reply(self) -> str | None:
        """The answer in the asker's language, where the partner wrote in another."""
        replies = {canonical_language(k): v for k, v in self._public_answers.items()}
        return replies.get(self.language)

    @property
    def secrets(self) -> list[str]:
        """What must never leave the helpdesk."""
        return [found["text"] for found in self.data["pii"]]


@dataclass(frozen=True)
class Content:
    """Everything that is played: questions, partners, and the demo's own cast."""

    questions: list[Question]
    partners: dict[str, dict[str, Any]]
    cast: Mapping[str, Any]
    months: int

    @classmethod
    def load(cls, today: dt.date) -> "Content":
        """The shipped content, moved so that its last day lies in the month of `today`."""
        raw, cast = _shipped("demo.json"), _shipped("cast.json")
        months = _months_between(_last_day(raw), today)
        moved, cast = moved_by(raw, months), moved_by(cast, months)
        partners = {each["id"]: each for each in (*moved["partners"], *cast["partners"])}
        return cls(
            [Question(each, cast["questions"].get(each["ref"], {})) for each in moved["questions"]],
            partners,
            cast,
            months,
        )

    @property
    def first_day(self) -> dt.date:
        """The day on which the platform opens: before the first question."""
        return min(question.day("asked_on") for question in self.questions) - dt.timedelta(days=4)


def _shipped(name: str) -> dict[str, Any]:
    text = files("cri_stack").joinpath(f"data/{name}").read_text()
    shipped: dict[str, Any] = json.loads(text)
    return shipped


def _last_day(raw: dict[str, Any]) -> dt.date:
    days = [
        part[name]
        for question in raw["questions"]
        for part in (question, question["assignment"], question["publication"])
        for name in EVENTS
        if part.get(name)
    ]
    return dt.date.fromisoformat(max(days))


def _months_between(earlier: dt.date, later: dt.date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def month_later(day: dt.date, months: int) -> dt.date:
    """The same day of another month, or that month's last."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def moved_by(value: Any, months: int) -> Any:
    """A value of the content with every day in it, and every month that a text names, moved.

    What an asker wrote is left alone: its years belong to a life, not to the demo.
    """
    if isinstance(value, dict):
        return {
            name: part if name in ("question_raw", "pii") else moved_by(part, months)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [moved_by(part, months) for part in value]
    if not isinstance(value, str) or "://" in value:
        return value
    return _text_moved(_DAY.sub(lambda day: _moved_day(day[0], months), value), months)


def _moved_day(day: str, months: int) -> str:
    return month_later(dt.date.fromisoformat(day), months).isoformat()


def _text_moved(text: str, months: int) -> str:
    for language, names in _MONTHS.items():
        words = [name.replace("_", " ") for name in names.split()]
        choice = "|".join(sorted(words, key=len, reverse=True))
        year = r"(?: (\d{4}))?" if language == "fr" else r" (\d{4})"
        pattern = rf"(?<!\w)({choice}){year}(?!\w)"
        text, count = re.subn(pattern, partial(_moved_month, words=words, months=months), text)
        if count:
            return text
    return text


def _moved_month(found: re.Match[str], *, words: list[str], months: int) -> str:
    index = words.index(found[1])
    years, month = divmod(index + months, 12)
    return f"{words[month]} {int(found[2]) + years}" if found[2] else words[month]
