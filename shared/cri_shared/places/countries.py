"""The countries of return; XK (Kosovo) is in no standard list, so the list is ours."""

import json
from dataclasses import dataclass
from importlib.resources import files

from cri_shared.errors import NotFound
from cri_shared.places.languages import PUBLIC_LANGUAGES, canonical_language
from cri_shared.words import N_


@dataclass(frozen=True)
class Country:
    """One country: ISO codes, its name in each interface language, the usual languages there."""

    code: str
    iso3: str
    names: dict[str, str]
    languages: tuple[str, ...]


def _load() -> dict[str, Country]:
    rows = json.loads(files(__package__).joinpath("data/countries.json").read_text("utf-8"))
    return {
        row["code"]: Country(row["code"], row["iso3"], row["names"], tuple(row["languages"]))
        for row in rows
    }


COUNTRIES = _load()
# Any country that is none of ours: people may ask about it, and nothing is sent there. ISO 3166
# leaves these codes to whoever needs one.
ELSEWHERE = Country(
    "ZZ",
    "ZZZ",
    {
        "nl": "Een ander land",
        "fr": "Un autre pays",
        "en": "Another country",
        "ar": "بلد آخر",
        "ru": "Другая страна",
        "de": "Ein anderes Land",
        "es": "Otro país",
        "sq": "Një vend tjetër",
        "fa-AF": "کشوری دیگر",
    },
    (),
)
# The languages that a form offers: ours, and those of the countries we work with.
LANGUAGES = tuple(
    dict.fromkeys(
        canonical_language(tag)
        for tag in (
            *PUBLIC_LANGUAGES,
            *(tag for country in COUNTRIES.values() for tag in country.languages),
        )
    )
)


def country(code: str) -> Country:
    """The country of an ISO 3166 two-letter code; raises `NotFound`."""
    try:
        return COUNTRIES[code]
    except KeyError:
        raise NotFound(N_("We do not work with this country.")) from None
