"""Every question of the demo travels from its asker's words to the public database."""

import re
import subprocess

import pytest
from cri_shared.events import SERVICES
from cri_shared.processes import script

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
    "an organisation's person who signs in": "to the organisation's questions and to no others",
    "a reader who says what they think": "says that the answer was useful",
    "a pack that is taken along": "to read without internet",
    "a workshop that fills and promotes": "promoted",
    "what people wrote, read by two": "five people who said the same are counted, one is not",
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


def test_every_audit_trail_is_whole_beside_what_the_other_services_kept(
    played_demo: PlayedDemo,
) -> None:
    said = subprocess.run(
        [script("cri"), "audit", "--var", str(played_demo.var)],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = said.stdout.splitlines()
    assert said.returncode == 0, said.stdout + said.stderr
    assert len(lines) == len(SERVICES)
    counts = [re.search(r"(\d+) entries.* (\d+) heads", line) for line in lines]
    assert [found[0] for found in counts if found and int(found[1]) and not int(found[2])] == []
    assert sum(int(found[2]) for found in counts if found) > len(SERVICES)
