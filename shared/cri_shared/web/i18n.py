"""Words: one Jinja environment per interface language, built once from the .po files."""

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any, TypeVar

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from cri_shared import clock
from cri_shared.consoles import CONSOLES
from cri_shared.places import COUNTRIES, ELSEWHERE, GROUPS, TOPICS, is_right_to_left
from cri_shared.places.languages import INTERFACE_LANGUAGES, LOCALES, language_name
from cri_shared.privacy.gate_words import KIND_WORDS, REASON_WORDS
from cri_shared.web.fixed_words import FixedWords

NO_BREAK = "\N{NO-BREAK SPACE}"
_LOOSE = re.compile(r" (?=[?!:;»])|(?<=«) ")


@lru_cache
def catalogue(packages: tuple[str, ...], language: str) -> NullTranslations:
    """The words of several packages in one language, read once; the first package wins.

    The .po files are read as they are: no compile step, no .mo files to ship or to forget.
    """
    merged: NullTranslations = NullTranslations()
    for package in reversed(packages):
        source = files(package).joinpath(f"locale/{language}/LC_MESSAGES/messages.po")
        if source.is_file():
            compiled = io.BytesIO()
            with source.open("rb") as po:
                write_mo(compiled, _tied(read_po(po, locale=LOCALES[language]), language))
            compiled.seek(0)
            words = Translations(compiled)
            words.add_fallback(merged)
            merged = words
    return merged


def _tied(words: Catalog, language: str) -> Catalog:
    """French puts a space before ? ! : ; and within « »; no line may break there."""
    for message in words if language == "fr" else ():
        if isinstance(message.string, str):
            message.string = _LOOSE.sub(NO_BREAK, message.string)
        else:
            message.string = tuple(_LOOSE.sub(NO_BREAK, form) for form in message.string or ())
    return words


def sort_key(name: str) -> str:
    """Sorts names as people do: without case and accents."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


class Words:
    """The words of one interface language: translations, dates, names of places and topics."""

    def __init__(self, packages: tuple[str, ...], language: str) -> None:
        self.language = language
        self.locale = Locale.parse(LOCALES[language])
        self._catalogue = catalogue(packages, language)

    def gettext(self, message: str, **values: Any) -> str:
        """A sentence in this language; English where there is no translation."""
        text = self._catalogue.gettext(message)
        return text % values if values else text

    @property
    def translations(self) -> NullTranslations:
        """The catalogue, for a Jinja environment."""
        return self._catalogue

    def country(self, code: str) -> str:
        """The name of a country; the code where it is none of ours."""
        known = ELSEWHERE if code == ELSEWHERE.code else COUNTRIES.get(code)
        return known.names[self.language] if known else code

    def topic(self, code: str) -> str:
        """The name of a topic or of a group of topics."""
        known = TOPICS.get(code) or GROUPS.get(code)
        return known.names[self.language] if known else code

    def countries(self) -> list[tuple[str, str]]:
        """(name, code) of every country, sorted by name."""
        named = [(c.names[self.language], c.code) for c in COUNTRIES.values()]
        return sorted(named, key=lambda pair: sort_key(pair[0]))

    def topics(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """(group code, group name, [(topic code, topic name)]) in the order of the taxonomy."""
        return [
            (
                group.code,
                group.names[self.language],
                [
                    (t.code, t.names[self.language])
                    for t in TOPICS.values()
                    if t.parent == group.code
                ],
            )
            for group in GROUPS.values()
        ]

    def long_date(self, day: dt.date) -> str:
        """12 March 2026, on a Belgian calendar."""
        return _date(_day(day), "long", self.language)

    def short_date(self, day: dt.date) -> str:
        """12 Mar."""
        return _date(_day(day), "d MMM", self.language)

    def decimal(self, number: float, places: int | None = None) -> str:
        """4.2 as the language writes it: to one place or none, or to exactly so many `places`."""
        if places is None:
            return format_decimal(round(number, 1), locale=self.locale)
        return format_decimal(number, f"0.{'0' * places}", locale=self.locale)

    def month_year(self, day: dt.date) -> str:
        """March 2026."""
        return _date(_day(day), "LLLL yyyy", self.language)

    def date_time(self, instant: dt.datetime) -> str:
        """12 March 2026 at 14:30, on a clock in Brussels."""
        return format_datetime(clock.belgian(instant), "d MMMM yyyy, HH:mm", locale=self.locale)

    def age(self, day: dt.date, today: dt.date | None = None) -> str:
        """How long ago a day was, in words; who asks for many says once which day it is."""
        return _age((_day(day) - (today or clock.today())).days, self.language)


@lru_cache(4096)
def _date(day: dt.date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=LOCALES[language])


@lru_cache(4096)
def _age(days: int, language: str) -> str:
    return format_timedelta(
        dt.timedelta(days), granularity="day", add_direction=True, locale=LOCALES[language]
    )


def _day(day: dt.date) -> dt.date:
    return clock.belgian(day).date() if isinstance(day, dt.datetime) else day


T = TypeVar("T")


class _Lazily(dict[str, T]):
    """Something of every language, made when the first reader of that language comes."""

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, tag: str) -> T:
        made = self[tag] = self._make(tag)
        return made


class Dictionary:
    """The languages of one service: its words and its templates, each read when it is needed."""

    def __init__(self, package: str, asset: Callable[[str], str]) -> None:
        packages = (package, "cri_shared")
        self.words = _Lazily(lambda tag: Words(packages, tag))
        self._environments = _Lazily(lambda tag: _environment(package, self.words[tag], asset))

    def template(self, language: str, name: str) -> Any:
        """A template of the service (or the shared one) in an interface language."""
        return self._environments[language].get_template(name)


def _environment(package: str, words: Words, asset: Callable[[str], str]) -> Environment:
    shared = [
        PackageLoader("cri_shared.web", "templates"),
        PackageLoader("cri_shared.identity", "templates"),
    ]
    own = [PackageLoader(package, "templates")] if package != "cri_shared" else []
    environment = Environment(
        loader=ChoiceLoader([*own, *shared]),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", FixedWords],
    )
    environment.install_gettext_translations(words.translations, newstyle=True)  # type: ignore[attr-defined]
    environment.translate = words.gettext  # type: ignore[attr-defined]
    environment.globals.update(_sayable(words), asset=asset, now=clock.now, today=clock.today)
    environment.filters.update(
        longdate=words.long_date,
        shortdate=words.short_date,
        monthyear=words.month_year,
        datetime=words.date_time,
        decimal=words.decimal,
        age=words.age,
    )
    return environment


def _sayable(words: Words) -> dict[str, Any]:
    """What every template knows of its language, and the names of things in it."""
    language = words.language
    return dict(
        lang=language,
        dir="rtl" if is_right_to_left(language) else "ltr",
        or_english=language if language in INTERFACE_LANGUAGES else "en",
        colon="\u00a0:" if language == "fr" else ":",
        country=words.country,
        topic=words.topic,
        countries=words.countries(),
        topics=words.topics(),
        direction=lambda tag: "rtl" if is_right_to_left(tag) else "ltr",
        language_name=lambda tag: language_name(tag, in_language=language),
        consoles={name: words.gettext(label) for name, label in CONSOLES.items()},
        gate_kinds=KIND_WORDS,
        gate_reasons=REASON_WORDS,
    )
