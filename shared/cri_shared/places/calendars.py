"""Working days: weekends and public holidays of Belgium and of the partners' countries."""

import datetime as dt
from functools import lru_cache

import holidays

# Weekday numbers (Monday is 0) on which offices are closed; Saturday and Sunday elsewhere.
WEEKENDS: dict[str, frozenset[int]] = {
    "AF": frozenset({4}),
    "IQ": frozenset({4, 5}),
    "IR": frozenset({4}),
    "NP": frozenset({5}),
}
_SATURDAY_SUNDAY = frozenset({5, 6})


@lru_cache
def _holidays(country: str) -> holidays.HolidayBase | None:
    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return None  # the library does not know this country: weekends only


def is_working_day(day: dt.date, country: str = "BE") -> bool:
    """Whether offices in a country (ISO code) are open on a day."""
    if day.weekday() in WEEKENDS.get(country, _SATURDAY_SUNDAY):
        return False
    known = _holidays(country)
    return known is None or day not in known


def add_working_days(start: dt.date, days: int, country: str = "BE") -> dt.date:
    """The day that lies `days` working days of a country after (or, negative, before) `start`."""
    step = dt.timedelta(days=1 if days >= 0 else -1)
    day, left = start, abs(days)
    while left:
        day += step
        left -= is_working_day(day, country)
    return day
