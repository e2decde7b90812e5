"""Short lives of a question and of an entry; `make security` lives the long ones."""

import pytest

from tests.security.lives.entry import EntryLife
from tests.security.lives.question import QuestionLife
from tests.security.lives.running import Life, live


@pytest.mark.parametrize("life", [EntryLife, QuestionLife])
def test_nothing_leaves_that_nobody_read_and_let_go(life: type[Life]) -> None:
    tally = live(life, 1, 200, shrink=True)
    assert tally.left > 0
