"""What officers and members are told of in the morning: counts of their own work, and no words."""

from cri_intake.queries.digest import NEWS
from cri_shared.events.research import ClarificationAsked
from cri_shared.testing.news import news_for

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, approved, hear, posted
from tests.intake.test_members import member


async def test_officers_and_members_hear_of_what_is_theirs(intake: Intake) -> None:
    service = intake.rig.service
    leen, sofie = await Officer.arrive(intake), await Officer.arrive(intake, "Sofie V.")
    mia, other = await member(intake), await Officer.arrive(intake, "Nobody", "member")
    await posted(intake, 1)
    one = await posted(intake, 2)
    assert await news_for(service, NEWS, sofie.staff) == {"Questions that came in": 2}
    research_id = await leen.release(one)
    asked = ClarificationAsked(research_id=research_id, clarification_id="c1", text="Which dose?")
    await hear(intake, asked)
    assert await news_for(service, NEWS, leen.staff) == {
        "Questions that came in": 1,
        "Partners who ask back about your questions": 1,
    }
    await hear(intake, approved(research_id, language="en"))
    assert await news_for(service, NEWS, mia.staff) == {"Answers to your questions": 1}
    assert await news_for(service, NEWS, other.staff) == {}
