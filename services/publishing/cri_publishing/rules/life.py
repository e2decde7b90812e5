"""How long an entry stays good, and what its address is."""

import datetime as dt
import re
from dataclasses import dataclass

from cri_shared.places import review_days
from unidecode import unidecode

REFRESH_AT = 0.8
SOON_DAYS = 30
SLUG_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_SLUG_WORDS = 3
_LATIN = ("en", "fr", "nl", "de", "es")
# Words that say nothing in an address.
_PLAIN = frozenset(
    re.findall(
        r"\w+",
        "about adult adults after alle also another available avec avoir been beschikbaar "
        "bestaan bestaat chaque combien comment cost costs coute dans deze does dont elle elles "
        "enkele entre etre every faire faut find from have hebben heeft heel help hoelang "
        "hoeveel iemand into kost kosten kunnen leur long mais many meer mensen more much naar "
        "need needs niet obtain onder ouvrir over papers person personne personnes peut peuvent "
        "pour quel quelle quelles quels result sans several should some someone sont still take "
        "than that their them there they this those through toch tous tout toute une uses using "
        "vanuit veel voor vous waar wanneer want wanted were what when where whether which "
        "while will with without woont worden wordt would zijn zonder ",
    )
)


@dataclass(frozen=True)
class Dates:
    """The days in an entry's life that follow from its information date and its topics."""

    review_by: dt.date
    refresh_on: dt.date
    archive_on: dt.date


def dates(information_date: dt.date, topics: tuple[str, ...]) -> Dates:
    """Review by the shortest period among the topics, re-asked at 80 % of it, archived at twice."""
    days = review_days(topics)
    return Dates(
        review_by=information_date + dt.timedelta(days=days),
        refresh_on=information_date + dt.timedelta(days=int(days * REFRESH_AT)),
        archive_on=information_date + dt.timedelta(days=2 * days),
    )


def soon_from(review_by: dt.date) -> dt.date:
    """The first day on which something is to be checked soon."""
    return review_by - dt.timedelta(days=SOON_DAYS)


def by_month(day: dt.date) -> dt.date:
    """What the public may know of a day of our own work: its month, as its first day."""
    return day.replace(day=1)


def slug(country: str, questions: dict[str, str], ending: str) -> str:
    """`am-insulin-gyumri-k7p2`: country, a few telling words in Latin letters, and an ending.

    `questions` holds the public question by language; a language written in Latin letters wins.
    """
    ordered = [questions[tag] for tag in _LATIN if tag in questions] + list(questions.values())
    words = re.findall(r"[a-z0-9]+", unidecode(ordered[0] if ordered else "").lower())
    telling = [word[:14] for word in words if len(word) > 3 and word not in _PLAIN]
    return "-".join([country.lower(), *list(dict.fromkeys(telling))[:_SLUG_WORDS], ending])
