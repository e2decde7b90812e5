"""The gate: what in a text may tell who it is about, and what a person said about each of it.

One gate stands at every door: the desk, partners' answers, publication, staff's notes, feedback.
It sees; a person decides. The first look loads word lists (half a second, 50 MB).
"""

import asyncio
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from cri_shared.privacy.detectors import Finding, FindingKind, detect
from cri_shared.privacy.gate_words import Reason

# Why something of a kind may stay in a text for others. Nobody's own number ever may.
MAY_STAY = {
    "name": (Reason.PUBLIC_BODY, Reason.ORDINARY, Reason.PLACE),
    "phone": (Reason.PUBLIC_BODY, Reason.FIGURE),
    "email": (Reason.PUBLIC_BODY,),
    "handle": (Reason.PUBLIC_BODY,),
    "iban": (Reason.PUBLIC_BODY,),
    "number": (Reason.FIGURE, Reason.PUBLIC_BODY),
    "identifier": (Reason.FIGURE,),
}
PERSONAL = frozenset(MAY_STAY)
# Belgian national numbers, passport and file numbers, however they are spaced.
_IDENTIFIER = re.compile(
    r"\d{2}[. ]?\d{2}[. ]?\d{2}[ .\-]?\d{3}[ .\-]?\d{2}|[A-Za-z]{1,3} ?\d{6,9}"
    r"|\d{1,2}[./]\d{3}[./]\d{3}"
)
_AMOUNT = re.compile(r"(?:(?:19|20)\d\d )?(?:\d{1,3}(?:[ .\u00a0\u202f]\d{3})+|\d{4,6})")
_YEAR = re.compile(r"(?:19|20)\d\d")
_KEEP, _MARKS = "keep_", "marks_"


@dataclass(frozen=True, slots=True)
class Suspect:
    """Characters `start` to `end` of a text that a person must look at; `kind` as KIND_WORDS."""

    kind: str
    text: str
    start: int
    end: int
    suggestion: str = ""

    @property
    def mark(self) -> str:
        """How a form names it: the same words of the same kind have the same mark."""
        plain = " ".join(self.text.casefold().split())
        return hashlib.sha256(f"{self.kind}:{plain}".encode()).hexdigest()[:12]


def suspects(text: str, language: str) -> list[Suspect]:
    """Everything in a text that may tell who it is about, in reading order.

    Slow (see above): never in the event loop.
    """
    return [_suspect(finding) for finding in detect(text, language)] if text else []


def personal(text: str, language: str, about: Iterable[str] = ()) -> list[Suspect]:
    """What seems to belong to a private person in a text that is about a country, not about one.

    Sums of money, years, names of languages and of the places in `about` are left out, and so are
    words without a capital, which in a text written with care are no names.
    """
    known = _languages().union(re.findall(r"\w{4,}", " ".join(about).casefold()))
    return [s for s in suspects(text, language) if not _is_harmless(s, known)]


def personal_in_any(
    text: str, languages: Iterable[str], about: Iterable[str] = ()
) -> list[Suspect]:
    """`personal` where nobody said which of these languages a text is in: names are so in each."""
    around = tuple(about)
    first, *others = [personal(text, language, around) for language in dict.fromkeys(languages)]
    return [s for s in first if s.kind != "name" or all(_overlaps(s, other) for other in others)]


async def look_in_any(
    text: str | None, languages: Iterable[str], *, kinds: Collection[str] = PERSONAL
) -> list[Suspect]:
    """`personal_in_any` of these kinds, in a thread."""
    found = await asyncio.to_thread(personal_in_any, text or "", list(languages))
    return [suspect for suspect in found if suspect.kind in kinds]


def _overlaps(suspect: Suspect, found: Sequence[Suspect]) -> bool:
    return any(other.start < suspect.end and suspect.start < other.end for other in found)


def once(found: Iterable[Suspect]) -> list[Suspect]:
    """The same without repetition."""
    return list({suspect.mark: suspect for suspect in reversed(list(found))}.values())[::-1]


def unexplained(found: Iterable[Suspect], said: Collection[str]) -> list[Suspect]:
    """What nobody has said a word about yet, each once; `said` holds marks."""
    return [suspect for suspect in once(found) if suspect.mark not in said]


def explained(found: Iterable[Suspect], said: Mapping[str, str]) -> dict[str, str]:
    """{mark: reason} of what has a reason that holds for its kind (`MAY_STAY`)."""
    return {
        one.mark: said[one.mark]
        for one in found
        if said.get(one.mark) in MAY_STAY.get(one.kind, ())
    }


def by_kind(found: Iterable[Suspect]) -> dict[str, list[Suspect]]:
    """Suspects by kind, in the order in which the kinds first appear."""
    kinds: dict[str, list[Suspect]] = {}
    for suspect in once(found):
        kinds.setdefault(suspect.kind, []).append(suspect)
    return kinds


def said_in(values: Mapping[str, object]) -> dict[str, str]:
    """{mark: reason} from the fields of a form.

    `keep_<mark>` holds the reason for one; `keep_<kind>` that for all in `marks_<kind>`.
    """
    said: dict[str, str] = {}
    for name, value in values.items():
        if name.startswith(_KEEP) and value in list(Reason):
            rest = name.removeprefix(_KEEP)
            for mark in str(values.get(f"{_MARKS}{rest}", rest)).split():
                said[mark] = str(value)
    return said


def told(found: Sequence[Suspect]) -> str:
    """The words of suspects in one line, for a sentence that says what is meant."""
    return ", ".join(f"“{suspect.text.strip()}”" for suspect in once(found))


def _suspect(finding: Finding) -> Suspect:
    kind = str(finding.kind)
    if finding.kind in (FindingKind.NUMBER, FindingKind.PHONE) and _IDENTIFIER.fullmatch(
        finding.text.strip()
    ):
        kind = "identifier"
    return Suspect(kind, finding.text, finding.start, finding.end, finding.suggestion)


def _is_harmless(suspect: Suspect, known: Collection[str]) -> bool:
    words = suspect.text.strip()
    if suspect.kind == "name":
        return words[:1].islower() or any(words.casefold().startswith(one) for one in known)
    if suspect.kind == "date":
        return _YEAR.fullmatch(words) is not None
    return suspect.kind in ("number", "phone") and _AMOUNT.fullmatch(words) is not None


@cache
def _languages() -> frozenset[str]:
    """The names of languages, which detectors take for names of people."""
    return frozenset(_language_names())


def _language_names() -> Iterator[str]:
    from cri_shared.index.documents import READERS
    from cri_shared.places import INTERFACE_LANGUAGES
    from cri_shared.places.languages import language_name

    for tag in READERS:
        for interface in INTERFACE_LANGUAGES:
            yield language_name(tag, in_language=interface).casefold()
