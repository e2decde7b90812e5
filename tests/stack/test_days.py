"""The day of an instant is its day in Brussels, wherever people read it or rules count from it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
UTC_DAY = re.compile(r"^.*\w_at\.date\(\).*$", re.MULTILINE)


def test_no_day_is_read_from_a_clock_in_greenwich() -> None:
    files = [*ROOT.glob("services/*/cri_*/**/*.*"), *ROOT.glob("shared/cri_shared/**/*.*")]
    read = {file: file.read_text("utf-8") for file in files if file.suffix in (".py", ".html")}
    found = [(file.name, line) for file, text in read.items() for line in UTC_DAY.findall(text)]
    assert [one for one in found if "belgian(" not in one[1]] == []
