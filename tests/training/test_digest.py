"""What trainers are told of in the morning."""

from cri_shared.testing.news import news_for
from cri_training.queries.digest import NEWS

from tests.training.conftest import Training
from tests.training.test_waiting_list import act, filled


async def test_trainers_hear_of_who_comes_and_who_does_not(training: Training) -> None:
    _, tokens = await filled(training, "ann", "bob")
    await act(training, tokens["ann"], "cancel")
    assert await news_for(training.rig.service, NEWS, training.staff) == {
        "People who signed up": 1,
        "People who will not come": 1,
    }
