"""The filter language means what Meilisearch's means, and refuses what is not of it."""

from contextlib import suppress
from typing import Any

import pytest
from cri_index.errors import ApiError
from cri_index.filters import DEEPEST, AnyOf, Between, Every, Filter, Not, Some, parse
from hypothesis import given
from hypothesis import strategies as st

AF = AnyOf("country", ("AF",))
NEW = Between("year", lower=2020)


@pytest.mark.parametrize(
    ("expression", "tree"),
    [
        (None, None),
        ("", None),
        ([], None),
        ("country = AF", AF),
        ('country="AF"', AF),
        ("country = 'AF'", AF),
        ("country != AF", Not(AF)),
        ("country IN [AF, IQ]", AnyOf("country", ("AF", "IQ"))),
        ("country IN []", AnyOf("country", ())),
        ("country NOT IN [AF,]", Not(AF)),
        ("year >= 2020", NEW),
        ("year > 2020", Between("year", lower=2020, with_lower=False)),
        ("year <= -1.5", Between("year", upper=-1.5)),
        ("year < 3", Between("year", upper=3, with_upper=False)),
        ("year 2020 TO 2022", Between("year", lower=2020, upper=2022)),
        ("country = AF AND year >= 2020", Every((AF, NEW))),
        ("country = AF or year >= 2020", Some((AF, NEW))),
        ("NOT country = AF", Not(AF)),
        ("NOT (country = AF OR year >= 2020)", Not(Some((AF, NEW)))),
        ("country = AF OR year >= 2020 AND year >= 2020", Some((AF, Every((NEW, NEW))))),
        (["country = AF", "year >= 2020"], Every((AF, NEW))),
        ([["country = AF", "year >= 2020"]], Some((AF, NEW))),
        ('country = "a \\"b\\" \\\\"', AnyOf("country", ('a "b" \\',))),
        ('country = "]"', AnyOf("country", ("]",))),
        ('country = "OR"', AnyOf("country", ("OR",))),
    ],
)
def test_an_expression_is_read(expression: Any, tree: Filter | None) -> None:
    assert parse(expression) == tree


@pytest.mark.parametrize(
    "expression",
    [
        "country",
        "country =",
        "= AF",
        "country = AF AND",
        "country = AF year = 1",
        "(country = AF",
        "country = AF)",
        "country IN AF",
        "country IN [AF",
        "country IN [AF IQ]",
        "country IN [,]",
        'country = "AF',
        "year > abc",
        "year > nan",
        "year > 1e400",
        "year 1 TO",
        "country CONTAINS A",
        "country EXISTS",
        "_geoRadius(1, 2, 3)",
        "a; b",
        7,
        {"country": "AF"},
        [["country = AF", ["x = 1"]]],
        [[]],
        [None],
        "(" * 500 + "a = 1" + ")" * 500,
        "NOT " * (DEEPEST + 1) + "a = 1",
        " OR ".join(["a = 1"] * 10_000),
    ],
)
def test_what_is_not_of_the_language_is_refused(expression: Any) -> None:
    with pytest.raises(ApiError) as refused:
        parse(expression)
    assert (refused.value.status, refused.value.code) == (400, "invalid_search_filter")


@given(st.text(max_size=60))
def test_no_text_does_worse_than_to_be_refused(text: str) -> None:
    with suppress(ApiError):
        parse(text)


@given(st.text(max_size=40))
def test_a_quoted_value_stays_a_value(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    assert parse(f'country = "{quoted}"') == AnyOf("country", (value,))
