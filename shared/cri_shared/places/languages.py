"""Languages: those of the interface, their order and names, aliases and writing direction."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from babel import Locale, UnknownLocaleError

# In the order of their native names. Every page speaks the first three; what askers and readers
# see speaks all of them. The locale gives dates and plurals their form, Belgian where there is one.
INTERFACE_LANGUAGES = {"en": "English", "fr": "Français", "nl": "Nederlands"}
PUBLIC_LANGUAGES = {
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "nl": "Nederlands",
    "sq": "Shqip",
    "ru": "Русский",
    "ar": "العربية",
    "fa-AF": "دری",
}
LOCALES = {
    "ar": "ar",
    "de": "de_BE",
    "en": "en_GB",
    "es": "es",
    "fa-AF": "fa_AF",
    "fr": "fr_BE",
    "nl": "nl_BE",
    "ru": "ru",
    "sq": "sq",
}
# A name for what Babel's tables leave out: a group of languages, by its code.
_GROUPS = {"ber": {"en": "Berber", "fr": "berbère", "nl": "Berbers"}}
_ALIASES = {"prs": "fa-AF", "dari": "fa-AF", "pt-BR": "pt-BR", "kmr": "ku"}


@lru_cache
def spoken_by(package: str) -> Mapping[str, str]:
    """The languages of a package's pages for the public, by tag, with their own names.

    They are those of the interface, and those that the package's `locale/public.txt` names.
    """
    named = files(package).joinpath("locale/public.txt")
    more = named.read_text("utf-8").split() if named.is_file() else []
    tags = {*INTERFACE_LANGUAGES, *more}
    return {tag: name for tag, name in PUBLIC_LANGUAGES.items() if tag in tags}


def canonical_language(tag: str) -> str:
    """One tag per language: `prs` is an alias of `fa-AF`."""
    return _ALIASES.get(tag, tag)


@lru_cache(512)
def locale_of(tag: str) -> Locale | None:
    """Babel's locale of a language tag, or None where it knows none."""
    try:
        return Locale.parse(LOCALES.get(tag, tag).replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None


def is_right_to_left(tag: str) -> bool:
    """Whether a language is written from right to left."""
    locale = locale_of(canonical_language(tag))
    return locale is not None and locale.text_direction == "rtl"


@lru_cache(2048)
def language_name(tag: str, *, in_language: str) -> str:
    """The name of a language in an interface language; the tag itself where nobody knows it."""
    tag = canonical_language(tag)
    named, reader = locale_of(tag), locale_of(in_language)
    if reader is None:
        return tag
    # Without the country: "Dutch" rather than "Dutch (Belgium)", and Dari under its own name.
    plain = reader.languages.get(tag.replace("-", "_")) or _GROUPS.get(tag, {}).get(in_language)
    return str(plain or (named and named.get_display_name(reader)) or tag)
