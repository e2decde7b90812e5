"""Weeks: what readers say is counted by week, and told where enough of them said it."""

import datetime as dt

WEEK = dt.timedelta(days=7)
FORM_SPAN = dt.timedelta(days=2)  # a form's token lives for a day
COUNTING = "tell-counts"


def week_of(day: dt.date) -> dt.date:
    """The Monday of a day's week."""
    return day - dt.timedelta(days=day.weekday())
