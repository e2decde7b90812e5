"""A log line lets ids and counts through, and nothing anybody wrote."""

import pytest
from cri_shared.privacy.redaction import REMOVED, redact
from hypothesis import given
from hypothesis import strategies as st

CANARY = "ZZ-canary"


def test_ids_counts_and_static_names_stay() -> None:
    line = {"event": "intake.question.recorded", "question_id": "q1", "count": 3, "ms": 1.5}
    assert redact(None, "info", dict(line)) == line


@pytest.mark.parametrize("key", ["question", "email", "url", "body", "headers", "exception"])
def test_everything_else_is_removed(key: str) -> None:
    assert redact(None, "info", {key: CANARY}) == {key: REMOVED}


@pytest.mark.parametrize("value", [[CANARY], {"a": CANARY}, CANARY.encode(), ValueError(CANARY)])
def test_only_plain_values_pass_under_an_allowed_key(value: object) -> None:
    assert CANARY not in str(redact(None, "info", {"case_id": value}))


def test_an_exception_is_reduced_to_its_type() -> None:
    error = ValueError(CANARY)
    for raised in (error, (ValueError, error, None)):
        line = redact(None, "error", {"event": "x", "exc_info": raised})
        assert line == {"event": "x", "error": "ValueError"}


@given(key=st.text(min_size=1).filter(lambda key: not key.endswith("_id")))
def test_an_unknown_key_never_carries_a_value(key: str) -> None:
    assert redact(None, "info", {f"x{key}": CANARY})[f"x{key}"] == REMOVED
