"""What is refused does not come back; a word of our own that was drawn is nobody's."""

import re

from tests.security.fuzz import another, repeated


def test_a_word_that_comes_back_is_seen_wherever_it_was_sent() -> None:
    sent = ({"text": "Karen Examplyan", "topics": ["short"]}, {"q": ["Дарина Зразкова"]})
    assert repeated(sent, '{"detail": "Karen Examplyan"}') == "Karen Examplyan"
    assert repeated(sent, r'{"detail": "\u0414арина Зразкова"}') is None
    assert repeated(sent, '{"detail": "Дарина Зразкова"}') == "Дарина Зразкова"


def test_the_name_of_a_field_and_what_is_short_come_back_rightly() -> None:
    assert repeated({"reference": "short"}, '{"pointer": "/reference", "is": "short"}') is None


def test_another_word_has_the_same_shape() -> None:
    assert re.fullmatch(r"[a-z]{3}@[A-Z]\d-é", another("abc@D1-é"))
    assert another("examplyan") != another("examplyan")
