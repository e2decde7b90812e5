"""Numbers and days of a case in an outgoing text, however they are written."""

from collections.abc import Iterable, Iterator

from cri_shared.privacy.detectors.dates import dates as dates_in
from cri_shared.privacy.detectors.dates import month_number
from cri_shared.privacy.detectors.expressions import expression
from cri_shared.privacy.detectors.patterns import levelled

Day = tuple[int, int, int]  # year or 0, month, day

_SIGNIFICANT_DIGITS = 7
_FEWEST, _FEWEST_ALONE = 5, 4
_LONGEST_MONTH = 16  # letters, with its ending
_RUN = r"[0-9OoIl](?:[^\p{L}\p{N}]{0,3}[0-9OoIl]){3,}"
_DIGITS = str.maketrans("OoIl", "0011")


def _runs(text: str) -> Iterator[tuple[int, int, str]]:
    """Rows of digits, with the letters that look like digits among them."""
    for match in expression(_RUN).finditer(text):
        run = "".join(c for c in match.group().translate(_DIGITS) if c.isdigit())
        yield match.start(), match.end(), run


def _digits(text: str) -> str:
    return "".join(str(int(character)) for character in text if character.isdecimal())


def numbers(numbers: Iterable[str], text: str) -> Iterator[tuple[int, int]]:
    """Where the last seven digits of a number stand, or all of a short one by itself."""
    all_digits = {_digits(number) for number in numbers}
    secret = {digits[-_SIGNIFICANT_DIGITS:] for digits in all_digits if len(digits) >= _FEWEST}
    alone = {digits for digits in all_digits if len(digits) == _FEWEST_ALONE}
    for start, end, run in _runs(text):
        if run in alone or any(digits in run for digits in secret):
            yield start, end


def dates(dates: Iterable[str], text: str) -> Iterator[tuple[int, int]]:
    """Where a day is named that is one of these, as a date or as a bare row of digits."""
    secret = [day for date in dates if (day := _day(levelled(date)))]
    if not secret:
        return
    for span in dates_in(levelled(text)):
        day = _day(levelled(text[span.start : span.end]))
        if day and any(_same_day(day, other) for other in secret):
            yield span.start, span.end
    rows = {row for day in secret for row in _rows(day)}
    for start, end, run in _runs(text):
        if run in rows:
            yield start, end


def _rows(day: Day) -> Iterator[str]:
    """The digits of a day with a year, in the usual orders."""
    year, month, number = day
    if year:
        for y in (f"{year:04}", f"{year % 100:02}"):
            for m, d in ((f"{month:02}", f"{number:02}"), (str(month), str(number))):
                yield from (y + m + d, d + m + y, m + d + y)


def _day(text: str) -> Day | None:
    """(year or 0, month, day) of a date in any of the usual ways to write it."""
    numbers = [int(number) for number in expression(r"\d+").findall(text)]
    words = expression(r"[\p{L}\p{M}]+").findall(text)
    month = next((number for word in words if (number := _month(word))), None)
    if month is not None and numbers:
        year = next((number for number in numbers if number > 31), 0)
        return year, month, next((number for number in numbers if number <= 31), 0)
    if len(numbers) != 3:
        return None
    year, month, day = numbers if numbers[0] > 31 else (numbers[2], numbers[1], numbers[0])
    return _century(year), month, day


def _month(word: str) -> int | None:
    """The month that a word names or, where spaces are lost, ends with."""
    ends = (word[at:] for at in range(max(0, len(word) - _LONGEST_MONTH), len(word)))
    return next((number for end in ends if (number := month_number(end))), None)


def _century(year: int) -> int:
    if year >= 100:
        return year
    return year + (2000 if year <= 30 else 1900)


def _same_day(one: Day, other: Day) -> bool:
    years = {one[0], other[0]} - {0}
    swapped = (one[2], one[1]) == other[1:] and bool(one[0] and other[0])
    return len(years) <= 1 and (one[1:] == other[1:] or swapped)
