"""Progress of long work: how far, how long still, and when it is over."""

import datetime as dt

import pytest
from cri_shared.progress import Progress
from cri_shared.retention.engine import AT_ONCE, Line


@pytest.mark.parametrize(
    ("done", "rest"),
    [(0, 167), (49_990, 1), (50_000, 1), (25_000, 84)],
)
def test_the_rest_is_told_in_whole_minutes(done: int, rest: int) -> None:
    work = Progress(total=50_000, done=done, each=50, seconds=10)
    assert work.rest == dt.timedelta(minutes=rest)
    assert work.is_over is (done == 50_000)


def test_what_is_due_to_end_tells_how_long_that_takes() -> None:
    line = Line("cases", "Cases", dt.timedelta(days=1), 50_000, 50_000, 0, AT_ONCE)
    assert line.progress.rest == dt.timedelta(minutes=1000)
