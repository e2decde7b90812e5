"""What a password must not be: short, known to everybody, or made of the words of the house."""

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field

from cri_shared.errors import Invalid
from cri_shared.events import SERVICES
from cri_shared.privacy.leaked import LeakedFile, is_leaked
from cri_shared.words import N_

MIN_PASSWORD = 15
MAX_PASSWORD = 128
OUR_OWN = ("CRI", "Country of Return Information", *SERVICES)
ANYWHERE, SHORTEST = 4, 3  # letters: refused inside other words, refused at all
_LOOKS_LIKE = str.maketrans("0134@5$7!", "oieaassti")
_NOT_OF_A_WORD = re.compile(r"[\W_]+")
_NO_LETTERS = re.compile(r"[\W\d_]+")

Source = Callable[[], Awaitable[Iterable[str]]]


class PasswordTooWeak(Invalid):
    """The password is too short, or refused for another reason; `values` fill in the message."""

    slug = "password-too-weak"
    message = N_("Choose a password of at least 15 characters that is not a common one.")

    def __init__(self, **values: str) -> None:
        super().__init__()
        self.values = values


class PasswordTooLong(PasswordTooWeak):
    """The password is longer than any that we compare."""

    slug = "password-too-long"
    message = N_("Choose a password of at most 128 characters.")


class PasswordLeaked(PasswordTooWeak):
    """The password is among those that everybody tries first."""

    slug = "password-leaked"
    message = N_("This password is on lists of stolen passwords. Choose another one.")


class PasswordOfTheHouse(PasswordTooWeak):
    """The password holds a `word` that whoever knows the house or the person tries first."""

    slug = "password-of-the-house"
    message = N_("Leave out “%(word)s”: who guesses passwords tries names of the house, and yours.")


@dataclass
class PasswordRules:
    """The rules of one installation: its own words, and where leaked passwords stand.

    `sources` are asked for more words each time, such as names that a database holds.
    """

    words: Iterable[str] = ()
    leaked: LeakedFile | None = None
    sources: list[Source] = field(default_factory=list)

    async def check(self, password: str, *person: str) -> None:
        """Refuse a password for somebody of this name and address; raises `PasswordTooWeak`."""
        if len(password) < MIN_PASSWORD:
            raise PasswordTooWeak
        if len(password) > MAX_PASSWORD:
            raise PasswordTooLong
        known = [*OUR_OWN, *self.words, *names_in(*person)]
        for source in self.sources:
            known += await source()
        if word := found_in(password, known):
            raise PasswordOfTheHouse(word=word)
        if await asyncio.to_thread(is_leaked, password, self.leaked):
            raise PasswordLeaked


def names_in(*texts: str) -> Iterator[str]:
    """The single names in names, e-mail addresses and hosts, without the last part of a domain."""
    for text in texts:
        local, at, domain = text.rpartition("@")
        said = f"{local} {domain.rpartition('.')[0]}" if at else text
        yield from (name for name in _NOT_OF_A_WORD.split(said) if len(name) >= SHORTEST)


def found_in(password: str, words: Iterable[str]) -> str | None:
    """The longest of these words that a password holds, however it is written, or None.

    Capitals, accents, marks in between and digits that look like letters hide none. Words of four
    letters and more are refused inside others too, shorter ones where they stand alone, and what
    is several words where these follow each other.
    """
    plain = _plain(password)
    forms = (plain, plain.translate(_LOOKS_LIKE))
    alone = {one for form in forms for one in _NO_LETTERS.split(form)}
    inside = [_NOT_OF_A_WORD.sub("", chunk) for form in forms for chunk in form.split()]
    whole = [_NOT_OF_A_WORD.sub("", form) for form in forms]
    for word in sorted(words, key=len, reverse=True):
        sought = _NOT_OF_A_WORD.sub("", _plain(word))
        if SHORTEST <= len(sought) < ANYWHERE:
            held = sought in alone
        else:
            held = len(sought) >= ANYWHERE and any(
                sought in one for one in (whole if " " in word else inside)
            )
        if held:
            return word
    return None


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in parts if not unicodedata.combining(one))
