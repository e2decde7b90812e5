"""No expression can run away, whatever text it is given."""

from pathlib import Path

import pytest

from tests.security.expressions import ambiguities, patterns, written

ROOT = Path(__file__).parents[2]


def test_no_expression_of_a_module_can_be_read_in_two_ways() -> None:
    found = {
        name: ways
        for name, pattern in patterns().items()
        if (ways := ambiguities(pattern.pattern, pattern.flags))
    }
    assert len(patterns()) > 30
    assert found == {}


def test_no_expression_within_a_function_can_either() -> None:
    told = list(written(ROOT))
    found = {place: ways for place, text in told if (ways := ambiguities(text))}
    assert len(told) > 40
    assert found == {}


@pytest.mark.parametrize(
    "runs_away",
    [
        r"(a+)+$",
        r"(a*)*b",
        r"(a|a)*b",
        r"([a-z]+)*\d",
        r"(\w+\s?)*!",
        r"a*a*b",
        r"x*\s*x*y",
        r"\d+\d+x",
        r"(.*),(.*);",
        r"^(\s*-?\s*)*$",
        r"(a+)\1",
    ],
)
def test_what_runs_away_is_seen(runs_away: str) -> None:
    assert ambiguities(runs_away)


@pytest.mark.parametrize(
    "good",
    [r"(?:a++)++", r"(?>a+)+b", r"[a-z]+\.[a-z]+", r"(a+,)+", r"(\d+\s)*x", r"\d{1,3}(?: \d{3})+"],
)
def test_what_does_not_is_left_alone(good: str) -> None:
    assert ambiguities(good) == []
