"""What coordinators are told of in the morning."""

from cri_research.queries.digest import NEWS
from cri_shared.testing.news import news_for

from tests.research.conftest import Research
from tests.research.test_review import one_answer


async def test_coordinators_hear_of_questions_and_answers(research: Research) -> None:
    await one_answer(research)
    await research.clear(country="BI")
    assert await news_for(research.rig.service, NEWS, research.staff) == {
        "Questions that came in": 2,
        "Answers to review": 1,
    }
