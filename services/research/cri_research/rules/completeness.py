"""What a coordinator must see before an answer is approved, each finding in words."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cri_shared.places import review_days
from cri_shared.words import N_

from cri_research.rules.answers import Answer, SourceLine
from cri_research.rules.people import Seen, leaving, sentences

Level = Literal["stop", "look"]

_CURRENCIES = (
    r"euros?|dollars?|francs?|roebels?|roubles?|rubles?|drams?|dinars?|afghani|hryvnia"
    r"|naira|real|reais|rupees?|roupies|lari|lek|lekë|usd|eur|cedi|kwanza|birr|tenge|somoni|pounds?"
)
_AMOUNT = re.compile(  # of 20 characters at most: a longer number would be read again and again
    rf"(?i)\d[\d.,\s]{{0,20}}(?:(?:{_CURRENCIES})\b|[€$£])|[€$£]\s*\d"
)
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|januari|februari|maart|mei|juni|juli|augustus|oktober"
    "|январ[ьея]|феврал[ьея]|марта?|апрел[ьея]|ма[йея]|июн[ьея]|июл[ьея]|августа?|сентябр[ьея]"
    "|октябр[ьея]|ноябр[ьея]|декабр[ьея]"
)
_DATED = re.compile(rf"(?i)\b(?:(?:19|20)\d\d|{_MONTHS})\b")
_UNDATED_WORDS = re.compile(
    r"(?i)\b(currently|recently|at the moment|at present|nowadays|these days|soon|now"
    r"|actuellement|récemment|en ce moment|bientôt|maintenant|aujourd'hui|aujourd’hui"
    r"|momenteel|onlangs|recent|binnenkort|tegenwoordig|nu|vandaag"
    r"|сейчас|недавно|скоро)\b"
)
_FOUND_NOTHING = re.compile(
    r"(?i)could not find|couldn't find|did not find|no information|not able to find"
    r"|n'avons pas trouvé|n’avons pas trouvé|pas pu trouver|aucune information"
    r"|niet gevonden|niet kunnen vinden|geen informatie|не удалось"
)
_SENTENCE = re.compile(r"(?<=[.!?;؟])\s+")
_LONG = 200


@dataclass(frozen=True)
class Finding:
    """One point of the check: `stop` must be mended, `look` must be read."""

    code: str
    level: Level
    text: str
    values: dict[str, Any] = field(default_factory=dict)


def findings(
    answer: Answer,
    topics: Sequence[str],
    today: dt.date,
    seen: Seen,
    said: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Everything the check finds in an answer, what stops it first; `said` explains suspects."""
    found = [
        *_about_sources(answer),
        *_about_dates(answer, topics, today),
        *_about_words(answer),
        *_about_outcome(answer),
        *about_people(answer, seen, said),
    ]
    return sorted(found, key=lambda f: f.level != "stop")


def independent(sources: Sequence[SourceLine]) -> int:
    """How many sources stand on their own: what repeats another one does not count."""
    return sum(line.quotes is None for line in sources)


def _about_sources(answer: Answer) -> Iterator[Finding]:
    sources = answer.sources
    if not sources and answer.outcome != "not_found":
        yield Finding("no-source", "stop", N_("No source: return it to the partner."))
    if sources and independent(sources) < 2:
        text = N_("Only one independent source: readers will see “single source”.")
        yield Finding("single-source", "look", text)
    if sources and all(s.kind == "media" for s in sources):
        text = N_("Press and social media alone cannot carry an answer.")
        yield Finding("media-only", "stop", text)
    if sources and not any(s.primary for s in sources):
        text = N_("No source is first-hand.")
        yield Finding("second-hand", "look", text)
    for line in sources:
        if line.is_internal and not line.public_label and not answer.do_not_publish:
            text = N_("Source %(number)s is internal and has no label for the public.")
            yield Finding("no-public-label", "stop", text, {"number": line.number})


def _about_dates(answer: Answer, topics: Sequence[str], today: dt.date) -> Iterator[Finding]:
    if answer.information_date > today:
        yield Finding("future", "stop", N_("The date of information lies in the future."))
    if (today - answer.information_date).days > review_days(topics):
        text = N_("The information is older than answers on this topic stay good.")
        yield Finding("stale", "look", text)
    for line in answer.sources:
        if line.published_on is None and line.kind in ("web", "law", "document", "media"):
            text = N_("Source %(number)s says no date of publication.")
            yield Finding("undated-source", "look", text, {"number": line.number})


def _about_words(answer: Answer) -> Iterator[Finding]:
    for sentence in _SENTENCE.split(answer.text):
        if _AMOUNT.search(sentence) and not _DATED.search(sentence):
            text = N_("A price without a month: “%(words)s”")
            yield Finding("undated-price", "look", text, {"words": _short(sentence)})
    for word in dict.fromkeys(m[0].casefold() for m in _UNDATED_WORDS.finditer(answer.text)):
        text = N_("“%(words)s” says nothing to who reads this next year: write a date.")
        yield Finding("undated-word", "look", text, {"words": word})


def _about_outcome(answer: Answer) -> Iterator[Finding]:
    if answer.outcome in ("partly", "not_found") and not answer.tried:
        yield Finding("tried", "stop", N_("It does not say what was tried."))
    if answer.outcome == "found" and _FOUND_NOTHING.search(answer.text):
        text = N_("The outcome is “found”, but the text says that something was not found.")
        yield Finding("outcome-found", "look", text)
    if answer.outcome == "not_found" and len(answer.text) > _LONG:
        text = N_("The outcome is “not found”, but the text is long. Is it “partly found”?")
        yield Finding("outcome-not-found", "look", text)
    if answer.do_not_publish:
        text = N_("The partner does not want this to be published. Only the asker will read it.")
        yield Finding("do-not-publish", "look", text)


def about_people(
    answer: Answer, seen: Seen, said: Mapping[str, str] | None = None
) -> Iterator[Finding]:
    """What the words of an answer seem to say about private persons, and about the partner."""
    if not seen.has_looked_at(answer):
        text = N_("The words have changed since they were looked at. Look at them again.")
        yield Finding("not-looked-at", "stop", text)
    for kind, level, text, values in sentences(answer, seen, {**answer.kept, **(said or {})}):
        yield Finding(f"personal-{kind}", "stop" if level == "stop" else "look", text, values)
    if any(seen.secrets.get(text) for _, text in leaving(answer)):
        text = N_("The words name the partner, who must not be named. Take the name out.")
        yield Finding("names-partner", "stop", text)


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= 90 else sentence[:87] + "…"
