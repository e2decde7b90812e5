"""Questions that the policy finds nobody for: they wait, and however many do, that costs little."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cri_research.actions import dispatch, questions
from cri_research.models import Assignment, CountryState, Question
from cri_research.queries import suited
from cri_research.rules.states import Step
from sqlalchemy import event, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from tests.research.conftest import Research, good_answer

FAR_FROM_IT = {"topics": ("housing.rent",), "language": "ka"}  # not what the partner does


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to databases while the block runs."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        sent.append(sql)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def look(research: Research) -> None:
    """Let the policy look at what waits, once."""
    async with research.rig.service.database.writing() as work:
        await dispatch.consider_waiting(work, research.rig)


async def sent(research: Research) -> set[str]:
    """The questions that a partner has, or had."""
    async with research.rig.service.database.reading() as session:
        return set((await session.execute(select(Assignment.research_id))).scalars())


async def costs(research: Research, waiting: int) -> tuple[int, int]:
    """Statements that an answer takes while so many wait, and the look at them that follows.

    The partner has one question, and room for no other.
    """
    letter = await research.letter()
    for _ in range(waiting):
        await research.clear()
    await look(research)
    before = await sent(research)
    async with research.phone() as phone:
        await phone.open(letter)
        await phone.post("accept")
        page = await phone.token()
        with statements() as of_answer:
            answered = await phone.post("answer", page=page, **good_answer())
        assert answered.status_code == 303
    with statements() as of_look:
        await look(research)
    assert len(await sent(research) - before) == 1, "one takes the room, the others wait on"
    return len(of_answer), len(of_look)


async def test_an_answer_takes_as_much_however_many_questions_wait(research_on: Research) -> None:
    await research_on.add_partner(capacity="1")
    await research_on.clear()
    few = await costs(research_on, 2)
    assert await costs(research_on, 20) == few


async def test_every_one_that_waits_is_looked_at_some_at_a_time(
    research: Research, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "PASSED_AT_ONCE", 2)
    await research.add_partner(capacity="50", regions="Shirak", topics="health.medication")
    others = {await research.clear(**FAR_FROM_IT, region="Lori") for _ in range(5)}
    assert await sent(research) == set()
    late = await research.clear()
    assert await sent(research) == {late}, "who waits keeps nobody from going at once"
    await research.add_partner(
        name="Second", email="second@x.example", topics="housing.rent", languages="ka"
    )
    went = [len(await sent(research))]
    for _ in range(4):
        await look(research)
        went.append(len(await sent(research)))
    assert went[1] == 3, "two at a time"
    assert len(await sent(research) & others) == 3, "as many as there is room for"


async def test_who_finds_no_one_is_looked_at_again_when_there_is_more_room_alone(
    research: Research,
) -> None:
    await research.add_partner(capacity="2", regions="Shirak")
    lone = await research.clear(**FAR_FROM_IT, region="Lori")
    await look(research)
    async with research.rig.service.database.reading() as session:
        before = await session.get_one(Question, lone)
        state = await session.get_one(CountryState, "AM")
    assert before.passed_at == state.room_made == state.room_seen
    with statements() as asked:
        await look(research)
    assert not [sql for sql in asked if "passed_at <" in sql]


async def test_what_is_red_is_not_looked_at_again(research: Research) -> None:
    await research.add_partner()
    red = await research.clear(sensitivity="red")
    async with research.rig.service.database.reading() as session:
        assert (await session.get_one(Question, red)).passed_at is None


async def test_room_that_is_made_while_the_policy_looks_is_seen_later(
    research: Research, monkeypatch: pytest.MonkeyPatch
) -> None:
    await research.add_partner(capacity="1")
    kept_busy = await research.clear()
    has_room = suited.has_room

    async def meanwhile(session: AsyncSession, country: str) -> bool:
        """Nobody has room; as soon as that is known, somebody answers elsewhere."""
        found = await has_room(session, country)
        monkeypatch.setattr(suited, "has_room", has_room)
        await session.execute(update(Assignment).values(status=Step.ANSWERED))
        await session.execute(update(CountryState).values(room_made=CountryState.room_made + 1))
        return found

    monkeypatch.setattr(suited, "has_room", meanwhile)
    waits = await research.clear()
    assert await sent(research) == {kept_busy}
    await look(research)
    assert waits in await sent(research)


async def test_a_person_decides_first_about_what_was_opened_again(research: Research) -> None:
    await research.add_partner(capacity="2")
    other = await research.clear()
    letter = await research.letter()
    again = await research.clear(sensitivity="red")
    url = f"/console/questions/{again}"
    await research.post(f"{url}/give-up", why="no_partner")
    async with research.rig.service.database.writing() as work:
        question = await questions.load_question(work, again)
        question.sensitivity = "green"
    await look(research)
    await research.post(f"{url}/reopen")
    await look(research)
    assert await sent(research) == {other}
    async with research.phone() as phone:
        await phone.open(letter)
        await phone.answer()
    await look(research)
    assert await sent(research) == {other, again}, "once there is more room"
