"""The rules a draft must satisfy before readers may see it, each with its own sentence."""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cri_shared.places import COUNTRIES, TOPICS
from cri_shared.places.topics import sensitivity_of
from cri_shared.privacy.gate import Suspect
from cri_shared.words import N_

from cri_publishing.rules.draft import SENSITIVITIES, Draft, Found, Source, Surroundings
from cri_publishing.rules.life import dates
from cri_publishing.rules.words import opinions, time_words, undated_amounts

MAX_QUESTION = 250
MIN_QUESTION = 15
MIN_ANSWER = 40
MAX_ANSWER = 20000
RECOMMENDED_ANSWER = 800  # so long it prints on one A4, with three sources and two notes
MAX_NOTE = 300
MAX_BYTES = 150_000  # of all languages together: an event carries them all

_QUESTION = (
    N_("Write the question as one full sentence"),
    N_("Shorten the question to at most %(most)s characters"),
)
_ANSWER = (
    N_("Write the answer in at least one full sentence"),
    N_("Shorten the answer to at most %(most)s characters"),
)


class Level(StrEnum):
    """What a problem asks of the editor: mend it, say whose it is, give a reason, or know it."""

    BLOCK = "block"
    MARK = "mark"
    CONFIRM = "confirm"
    NOTE = "note"


@dataclass(frozen=True)
class Problem:
    """One broken rule: an English sentence with its values, and the field where it is mended."""

    code: str
    field: str
    message: str
    level: Level = Level.BLOCK
    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    language: str | None = None  # of the translation that the field is in


def check(draft: Draft, about: Surroundings) -> list[Problem]:
    """Everything that stands against publishing a draft, in the order of the form."""
    found = [
        *_texts(draft),
        *_size(draft),
        *_wording(draft),
        *_facts(draft, about),
        *_dates(draft, about),
        *_sources(draft, about),
        *_outcome(draft),
        *_change(draft, about),
        *_personal(about.found),
    ]
    return list({(p.code, p.field, p.language, str(p.values)): p for p in found}.values())


def blocking(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that no reason can overcome."""
    return [problem for problem in problems if problem.level == Level.BLOCK]


def to_confirm(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that an editor may overrule with a reason."""
    return [problem for problem in problems if problem.level == Level.CONFIRM]


def to_mark(problems: Iterable[Problem]) -> list[Suspect]:
    """What may stay only where an editor says that it is public, and why."""
    return [
        Suspect(p.code.removeprefix(_PERSONAL_CODE), str(p.values["words"]), 0, 0)
        for p in problems
        if p.level == Level.MARK
    ]


def _texts(draft: Draft) -> Iterator[Problem]:
    for text in draft.texts:
        language = None if text is draft.original else text.language
        for name, words, (least, most), (short, long) in (
            ("question", text.question, (MIN_QUESTION, MAX_QUESTION), _QUESTION),
            ("answer", text.answer, (MIN_ANSWER, MAX_ANSWER), _ANSWER),
        ):
            if len(words) < least:
                yield Problem(f"{name}-short", name, short, language=language)
            elif len(words) > most:
                values = {"most": most}
                yield Problem(f"{name}-long", name, long, values=values, language=language)
        if len(text.answer) > RECOMMENDED_ANSWER:
            message = N_(
                "This answer is longer than %(most)s characters. It is hard to read on a phone and "
                "takes more than one sheet of paper."
            )
            values = {"most": RECOMMENDED_ANSWER}
            yield Problem("answer-wordy", "answer", message, Level.NOTE, values, language)
        if draft.is_stale(text):
            message = N_(
                "The original has changed since this translation was made. "
                "Readers will see that it is out of date."
            )
            yield Problem("translation-stale", "answer", message, Level.NOTE, language=language)


def _size(draft: Draft) -> Iterator[Problem]:
    texts = [draft.tried, *(account.text for account in draft.accounts)]
    texts += [words for text in draft.texts for words in (text.question, text.answer)]
    if sum(len(words.encode()) for words in texts) > MAX_BYTES:
        message = N_("All languages together are too long. Shorten the answers.")
        yield Problem("entry-too-large", "answer", message)


def _wording(draft: Draft) -> Iterator[Problem]:
    for text in draft.texts:
        language = None if text is draft.original else text.language

        def say(code: str, message: str, words: str, language: str | None = language) -> Problem:
            return Problem(code, "answer", message, Level.CONFIRM, {"words": words}, language)

        for words in time_words(text.answer, text.language):
            message = N_("“%(words)s” is soon untrue. Write the month instead.")
            yield say("time-word", message, words)
        for words in undated_amounts(text.answer):
            message = N_("“%(words)s” has no date. Write in which month it was so.")
            yield say("undated-amount", message, words)
        for words in opinions(text.answer):
            message = N_(
                "“%(words)s” sounds like advice or an opinion. An answer tells facts, "
                "and never whether to return."
            )
            yield say("opinion", message, words)


def _facts(draft: Draft, about: Surroundings) -> Iterator[Problem]:
    if draft.country not in COUNTRIES:
        yield Problem("country-unknown", "country", N_("Choose a country"))
    if not draft.topics or set(draft.topics) - TOPICS.keys():
        yield Problem("topic-missing", "topic_1", N_("Choose at least one topic"))
        return
    if draft.sensitivity == "red":
        message = N_("Red is never published. Choose another level, or do not publish this.")
        yield Problem("sensitivity-red", "sensitivity", message)
    expected = sensitivity_of(draft.topics)
    if SENSITIVITIES.index(draft.sensitivity) < SENSITIVITIES.index(expected):
        message = N_("The topics are usually more sensitive than the level that you chose.")
        yield Problem("sensitivity-low", "sensitivity", message, Level.CONFIRM)


def _dates(draft: Draft, about: Surroundings) -> Iterator[Problem]:
    if draft.information_date > about.today:
        message = N_("The information date lies in the future. Choose the day of the last check.")
        yield Problem("information-future", "information_date", message)
    elif about.last_checked is not None and draft.information_date > about.last_checked:
        message = N_("Nobody checked this after %(day)s. Only a new answer makes it newer.")
        yield Problem(
            "information-unchecked",
            "information_date",
            message,
            values={"day": about.last_checked},
        )
    elif draft.topics and not set(draft.topics) - TOPICS.keys():
        yield from _age(draft, about)
    if draft.period_from and draft.period_to and draft.period_from > draft.period_to:
        message = N_("The period ends before it begins")
        yield Problem("period-reversed", "period_to", message)


def _age(draft: Draft, about: Surroundings) -> Iterator[Problem]:
    if about.changed_on is not None and draft.information_date <= about.changed_on:
        message = N_("Something changed in the country on %(day)s, after this was checked.")
        values = {"day": about.changed_on}
        yield Problem("country-changed", "information_date", message, Level.CONFIRM, values)
    review_by = dates(draft.information_date, draft.topics).review_by
    if about.number > 1 and not about.renews:
        return  # mending a word of an old entry does not make it newer, and must stay possible
    if review_by < about.today:
        message = N_("This information is older than its topic allows. It must be checked again.")
        yield Problem("information-old", "information_date", message)
    elif (review_by - about.today).days < draft.embargo_days:
        message = N_("The waiting time ends after the review date. Choose a shorter one.")
        yield Problem("embargo-long", "embargo_days", message)


def _sources(draft: Draft, about: Surroundings) -> Iterator[Problem]:
    sources = draft.sources
    if not sources:
        if draft.outcome != "not_found":
            yield Problem("source-missing", "source_1_label", N_("Add at least one source"))
        return
    if all(source.kind == "media" for source in sources):
        message = N_("Media alone cannot carry an answer. Add a source of another kind.")
        yield Problem("media-only", "source_1_kind", message)
    if draft.is_single_source():
        message = N_("There is one independent source. Readers will see the label “single source”.")
        yield Problem("single-source", "source_1_label", message, Level.NOTE)
    for index, source in enumerate(sources):
        yield from _source(source, index, len(sources), about)


def _source(source: Source, index: int, count: int, about: Surroundings) -> Iterator[Problem]:
    def say(code: str, part: str, message: str, level: Level = Level.BLOCK) -> Problem:
        return Problem(code, f"source_{index + 1}_{part}", message, level, {"number": index + 1})

    if len(source.label) < 3:
        yield say("source-unnamed", "label", N_("Source %(number)s needs a name for the public"))
    if source.consulted_on is None:
        message = N_("Source %(number)s needs the day on which it was consulted")
        yield say("source-unconsulted", "consulted_on", message)
    elif source.consulted_on > about.today:
        message = N_("Source %(number)s was consulted in the future")
        yield say("source-future", "consulted_on", message)
    elif source.published_on and source.published_on > source.consulted_on:
        message = N_("Source %(number)s was published after it was consulted")
        yield say("source-order", "published_on", message)
    if source.kind == "web" and not source.url.startswith(("https://", "http://")):
        message = N_("Source %(number)s is a web page and needs its address, with https://")
        yield say("source-address", "url", message)
    elif source.url and not source.url.startswith(("https://", "http://")):
        message = N_("The address of source %(number)s must begin with https://")
        yield say("source-address", "url", message)
    if source.quotes is not None and (source.quotes == index or not 0 <= source.quotes < count):
        message = N_("Source %(number)s repeats a source that is not in the list")
        yield say("source-quotes", "quotes", message)
    if source.kind in ("web", "law", "document", "media") and source.published_on is None:
        message = N_("Source %(number)s has no date. Readers will see “undated”.")
        yield say("source-undated", "published_on", message, Level.NOTE)


def _outcome(draft: Draft) -> Iterator[Problem]:
    if draft.outcome == "not_found" and len(draft.tried) < 20:
        yield Problem("tried-missing", "tried", N_("Nothing was found: write what was tried"))
    if draft.outcome == "conflicting":
        whole = [a for a in draft.accounts if a.text and a.information_date]
        if len(whole) < 2:
            message = N_("The answer is conflicting: write both accounts, each with its date")
            place = f"account_{len(whole) + 1}_text"
            yield Problem("account-missing", place, message)


def _change(draft: Draft, about: Surroundings) -> Iterator[Problem]:
    if about.number > 1 and len(draft.change_note) < 5:
        message = N_("Write what changed. Readers will see it.")
        yield Problem("change-note", "change_note", message)
    if len(draft.change_note) > MAX_NOTE:
        message = N_("Shorten this to at most %(most)s characters")
        yield Problem("change-note-long", "change_note", message, values={"most": MAX_NOTE})


_PERSONAL_CODE = "personal-"
_PERSONAL = {
    "email": (
        Level.MARK,
        N_("“%(words)s” is an e-mail address. Only that of an office or organisation may stay."),
    ),
    "iban": (Level.BLOCK, N_("“%(words)s” is a bank account. Take it out.")),
    "identifier": (
        Level.BLOCK,
        N_("“%(words)s” looks like the number of a person or a file. Take it out."),
    ),
    "name": (Level.MARK, N_("“%(words)s” looks like the name of a person")),
    "phone": (Level.MARK, N_("“%(words)s” looks like the phone number of a person")),
    "handle": (Level.MARK, N_("“%(words)s” looks like the online account of a person")),
    "number": (Level.MARK, N_("“%(words)s” may be the number of a person or a file")),
    "address": (Level.CONFIRM, N_("“%(words)s” looks like the address of a home")),
    "date": (Level.CONFIRM, N_("“%(words)s” is an exact day. A month is enough for readers.")),
    "rare": (
        Level.CONFIRM,
        N_("“%(words)s”: a rare detail beside a place can tell who this is about"),
    ),
}


def _personal(found: Iterable[Found]) -> Iterator[Problem]:
    for one in found:
        if one.kind in _PERSONAL:
            level, message = _PERSONAL[one.kind]
            language = one.language or None
            yield Problem(
                f"{_PERSONAL_CODE}{one.kind}",
                one.field,
                message,
                level,
                {"words": one.text},
                language,
            )
