"""Names and places: every word that is not an ordinary word of a language is suspect."""

from collections.abc import Iterator

from cri_shared.privacy.detectors.dates import month_number
from cri_shared.privacy.detectors.findings import FindingKind, Span
from cri_shared.privacy.detectors.lists import allowed, cities, fold, words_of
from cri_shared.privacy.detectors.reading import Reading, has_case
from cri_shared.privacy.detectors.vocabulary import (
    COMMON,
    FAIRLY_COMMON,
    VERY_ORDINARY,
    frequency,
    has_frequencies,
    is_listed,
    is_ordinary,
)

_KEPT_TITLES = frozenset({"familie", "family", "famille"})
_RARE_ENOUGH = 4.0
_EVERYDAY = 5.6  # zipf frequency of words like "and"


def words(text: str, language: str) -> Iterator[Span]:
    """Names and places of `text`: introduced ones, titled ones, and every rare word."""
    reading = Reading(text, language)
    suspect = [_is_suspect(reading, at) for at in range(len(reading))]
    at = 0
    while at < len(suspect):
        last = at
        if suspect[at]:
            last = _last(reading, suspect, at)
            yield _span(reading, _first(reading, suspect, at), last)
        at = last + 1


def _is_suspect(reading: Reading, at: int) -> bool:
    core = reading.cores[at]
    if len(core) < 2 or not reading.plain[at] or reading.is_title(at) or reading.is_unit(at):
        return False
    if not has_case(core):
        return _is_suspect_without_case(reading, at)
    if core[0].isupper():
        return _is_suspect_capital(reading, at)
    return not _is_nobody(reading, at) and _is_suspect_small(reading, at)


def _is_nobody(reading: Reading, at: int) -> bool:
    """Whether a word is on the lists of what identifies nobody, or is made of such words."""
    if reading.is_well_known(at) or reading.cores[at] in words_of(reading.code):
        return True
    if reading.announces(at):
        return True
    if reading.is_named(at):
        return False
    parts = [part for part in reading.plain[at].split("-") if part]
    return all(part in allowed() for part in parts) or (
        len(parts) > 1
        and any(part in allowed() for part in parts)
        and all(part in allowed() or is_ordinary(part, reading.language) for part in parts)
    )


def _is_suspect_without_case(reading: Reading, at: int) -> bool:
    word, announced = reading.cores[at], reading.announced(at)
    if _is_nobody(reading, at):
        return False
    common, named = frequency(word, reading.language), reading.is_named(at)
    known = is_ordinary(word, reading.language)
    if reading.is_strongly_announced(at):
        return named or (common < _EVERYDAY and (has_frequencies(reading.code) or not known))
    if announced == "relation":
        return named or not known or 0 < common < _RARE_ENOUGH
    if announced == "village":
        return not is_listed(word, reading.code) or 0 < common < FAIRLY_COMMON
    return (not known and common < COMMON) or (named and (not known or common < FAIRLY_COMMON))


def _is_suspect_capital(reading: Reading, at: int) -> bool:
    core, word = reading.cores[at], reading.cores[at].lower()
    if reading.is_strongly_announced(at):
        return True
    if _is_nobody(reading, at):
        return False
    known, common = is_ordinary(word, reading.language), frequency(word, reading.language)
    if reading.starts_sentence(at):
        if reading.is_named(at):
            return not known or common < FAIRLY_COMMON or _leads_to_name(reading, at)
        return not known and common < FAIRLY_COMMON
    if known and core.isupper():
        return reading.is_named(at) and common < FAIRLY_COMMON
    if reading.is_named(at):
        return month_number(word) is None
    return not (known and common >= VERY_ORDINARY)


def _leads_to_name(reading: Reading, at: int) -> bool:
    """Whether a word that may be a name stands before one that must be: "Grace Fictivah"."""
    if not reading.adjoins_next(at):
        return False
    word = reading.cores[at + 1]
    return (
        word[0].isupper()
        and not _is_nobody(reading, at + 1)
        and not is_ordinary(word.lower(), reading.language)
    )


def _is_suspect_small(reading: Reading, at: int) -> bool:
    word, announced = reading.cores[at], reading.announced(at)
    known, common = is_ordinary(word, reading.language), frequency(word, reading.language)
    named = reading.is_named(at)
    if announced == "introduction" and common < FAIRLY_COMMON:
        return True
    if reading.is_strongly_announced(at):
        return not known or (named and common < VERY_ORDINARY)
    if announced == "relation" and common < FAIRLY_COMMON:
        return named or not known
    return not known and len(word) > 2 and (named or common < COMMON)


def _first(reading: Reading, suspect: list[bool], at: int) -> int:
    """A name may begin before the word that gives it away."""
    while at and not suspect[at - 1] and reading.adjoins_next(at - 1):
        if not _belongs(reading, at - 1, at):
            break
        at -= 1
    return at


def _belongs(reading: Reading, at: int, following: int) -> bool:
    """Whether an ordinary word just before a suspect one is part of the name."""
    core = reading.cores[at]
    if reading.announces(at) or reading.is_well_known(at):
        return False
    common = frequency(core.lower(), reading.language)
    if not has_case(core):
        return (
            reading.is_named(at)
            or reading.is_particle(at)
            or (bool(reading.announced(at)) and common < _EVERYDAY)
        )
    if core[0].isupper():
        if reading.is_particle(at):
            return not reading.starts_sentence(at)
        return reading.is_named(at) and not reading.starts_sentence(at)
    both_small = not reading.cores[following][0].isupper()
    return both_small and reading.is_named(at) and common < FAIRLY_COMMON


def _last(reading: Reading, suspect: list[bool], at: int) -> int:
    """A name may go on over particles ("Van den Broeck"), not over a comma."""
    while reading.adjoins_next(at):
        if suspect[at + 1] or _goes_on(reading, at + 1):
            at += 1
            continue
        beyond = at + 1
        while reading.is_particle(beyond) and reading.adjoins_next(beyond):
            beyond += 1
        if beyond == at + 1 or not suspect[beyond]:
            break
        at = beyond
    return at


def _goes_on(reading: Reading, at: int) -> bool:
    """Whether an ordinary word just behind a suspect one is part of the name."""
    core = reading.cores[at]
    is_second = reading.announced(at - 1) not in ("", "village")
    common = frequency(core.lower(), reading.language)
    if has_case(core) and core[0].isupper():
        return (
            reading.is_well_known(at)
            or reading.is_named(at)
            or (is_second and reading.is_strongly_announced(at - 1))
        )
    if has_case(core):
        return is_second and not is_listed(core, reading.code) and common < COMMON
    if reading.is_named(at):
        return True
    if not is_second:
        return False
    return not is_listed(core, reading.code) or (
        reading.is_strongly_announced(at - 1)
        and has_frequencies(reading.code)
        and common < FAIRLY_COMMON
    )


def _span(reading: Reading, first: int, last: int) -> Span:
    before = reading.before(first)
    start = reading.tokens[first - 1 if before in _KEPT_TITLES else first].start
    end = reading.tokens[last].end
    if reading.is_strongly_announced(first):
        return Span(start, end, FindingKind.NAME, 2)
    run = " ".join(fold(core) for core in reading.cores[first : last + 1])
    is_place = reading.announced(first) == "village" or (
        (reading.is_in_place(first) or run in cities())
        and not (reading.is_named(first) or reading.announced(first))
    )
    return Span(start, end, FindingKind.PLACE if is_place else FindingKind.NAME, 1)
