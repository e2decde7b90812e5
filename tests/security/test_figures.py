"""The README quotes what `make security` prints; a suite that dies is named, and ends no other."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.bench.report import Row
from tests.security import __main__ as runner
from tests.security.__main__ import LONGER, SUITES
from tests.security.quoted import HEAD, LINES, Line, quoted

README = Path(__file__).parents[2] / "README.md"


def test_every_line_of_the_readme_is_one_that_is_printed() -> None:
    told = README.read_text().partition("## What attacks find")[2].partition("\n## ")[0]
    lines = [line for line in told.splitlines() if line.startswith("|")]
    printed = [re.escape(line) for line in HEAD] + [_with_any_figures(line) for line in _lines()]
    assert len(lines) == len(printed)
    wrong = [n for n in range(len(lines)) if not re.fullmatch(printed[n], lines[n])]
    assert [(lines[n], printed[n]) for n in wrong] == []


def test_every_suite_has_its_line() -> None:
    assert LINES.keys() == set(SUITES)


@pytest.mark.parametrize("name", [*SUITES, *LONGER])
def test_every_suite_can_begin(name: str) -> None:
    assert callable(runner._suite(name).measure)


def test_a_suite_that_dies_ends_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def dies() -> list[Row]:
        raise LookupError("nobody is there")

    suites = {"trail": dies, "asvs": lambda: [Row("answered", 1, "", 1)]}
    monkeypatch.setattr(runner, "_suite", lambda name: SimpleNamespace(measure=suites[name]))
    groups = runner.run(["trail", "asvs"])
    assert [row.what for rows in groups.values() for row in rows if row.over] == ["trail died"]
    assert groups["trail"][0].note == "LookupError: nobody is there"


def test_a_suite_that_died_is_said_not_to_be_measured() -> None:
    died = {"trail": [Row("trail died", 1, "", 0)]}
    assert quoted(died) == [*HEAD, "| trail | not measured: tamperings tried | |"]


def _lines() -> list[Line]:
    return [line for lines in LINES.values() for line in lines]


class _Any(dict[str, str]):
    """A figure for everything."""

    def __missing__(self, what: str) -> str:
        return "\0"


def _with_any_figures(line: Line) -> str:
    return r"[\d,.]+(?: %| MB| kinds| times)?".join(map(re.escape, line.filled(_Any()).split("\0")))
