"""One question's way through research: sent, accepted, answered, approved."""

from cri_shared.events.research import AnswerApproved, CountryChanged, QuestionDispatched
from cri_shared.testing.events import emitted

from tests.research.conftest import TEXT, Research


async def test_a_question_goes_to_a_partner_and_comes_back_approved(
    research_on: Research,
) -> None:
    research, service = research_on, research_on.rig.service
    await research.add_partner()
    assert [e.partner_state for e in await emitted(service, CountryChanged)] == ["available"]
    research_id = await research.clear()
    (dispatched,) = await emitted(service, QuestionDispatched)
    assert dispatched.research_id == research_id
    letter = await research.letter()
    async with research.phone() as phone:
        assert (await phone.open(letter)).status_code == 303
        assert TEXT in await phone.page()
        answered = await phone.answer(show_name="yes")
        assert answered.status_code == 303, answered.text
        assert "We have your answer" in await phone.page()
    board = await research.see("/console/questions?view=to_review")
    assert research_id in board
    url = f"/console/questions/{research_id}"
    assert "Both types were in stock" in await research.see(f"{url}/review")
    approved = await research.post(
        f"{url}/approve",
        answers=await research.answers_read(research_id),
        outcome="found",
        text="Both types were in stock in two of three pharmacies that we visited.",
        language="en",
        information_date=emitted_date(),
        seen="yes",
    )
    assert approved.status_code == 303, approved.text
    (event,) = await emitted(service, AnswerApproved)
    assert event.question == TEXT
    assert [s.label for s in event.sources] == [
        "Visit to three pharmacies",
        "Health worker at a public clinic",
    ]
    assert event.sources[1].publisher is None
    assert event.answered_by == "Ararat Return Desk"
    assert "Approved answer" in await research.see(url)


def emitted_date() -> str:
    from cri_shared import clock

    return clock.today().isoformat()
