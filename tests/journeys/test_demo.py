"""Every question of the demo travels from its asker's words to the public database."""

import re

import pytest

from tests.playing import PlayedDemo

pytestmark = [pytest.mark.journey, pytest.mark.nats]
# What must really have happened on the way: the words of its steps and of the last table.
HAPPENED = {
    "an idempotent repeat": "and sends it twice",
    "a leak that the desk blocks": "the desk blocks them",
    "a partner who declines and is replaced": "sends it to another partner",
    "a late answer": "sees that the partner is late",
    "a conflicting answer": "answers too, and says something else",
    "a withheld one": "withheld",
    "an expired one that is renewed": "renewed",
    "a withdrawal that reaches the index": "withdrawn",
    "a workshop that fills and promotes": "promoted",
}


def test_every_question_makes_its_whole_journey(played_demo: PlayedDemo) -> None:
    found = re.search(r"(\d+) checks, (\d+) failed", played_demo.output)
    assert found is not None, played_demo.output[-2000:]
    assert "NOT SO" not in played_demo.output
    assert int(found[2]) == 0
    assert int(found[1]) > 300


@pytest.mark.parametrize("what", HAPPENED)
def test_the_journeys_hold_what_may_go_wrong(played_demo: PlayedDemo, what: str) -> None:
    assert HAPPENED[what] in played_demo.output
