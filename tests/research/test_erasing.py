"""Questions and partners that end, and what an asker erased."""

import datetime as dt
from typing import Any

import pytest
from cri_research.models import (
    Assignment,
    EarlyWithdrawal,
    Partner,
    Question,
    Remark,
    SecretLink,
    SubmittedAnswer,
    messaging,
)
from cri_research.queries import partners
from cri_shared import clock
from cri_shared.events.intake import AnswerRated, QuestionErased
from cri_shared.events.upkeep import DAY_SEALED, ERASURE_CONFIRMED
from cri_shared.privacy.vault import Erased
from cri_shared.testing.events import deliver, emitted
from sqlalchemy import func, select

from tests.research.conftest import Research

DAY = dt.timedelta(days=1)
OF_A_QUESTION = (Question, Assignment, SecretLink, SubmittedAnswer, Remark)


async def count(research: Research, table: type) -> int:
    async with research.rig.service.database.reading() as session:
        return int((await session.execute(select(func.count()).select_from(table))).scalar_one())


async def answered(research: Research) -> tuple[str, str]:
    """(research id, partner id) of a question that a partner answered."""
    partner_id = await research.add_partner()
    research_id = await research.clear()
    await research.duties()
    async with research.phone() as phone:
        await phone.open(await research.letter())
        assert (await phone.answer()).status_code == 303
    return research_id, partner_id


async def settle(research: Research) -> None:
    await research.duties()
    while await research.rig.service.clockwork.do_jobs():
        pass


class TestWhatAnAskerErased:
    async def test_nothing_of_the_question_stays_and_that_is_confirmed(
        self, research_on: Research
    ) -> None:
        research = research_on
        research_id, partner_id = await answered(research)
        await deliver(research.rig.service, QuestionErased(research_id=research_id))
        await settle(research)
        assert [await count(research, table) for table in OF_A_QUESTION] == [0] * 5
        with pytest.raises(Erased):
            await research.rig.sealed_question(research_id)
        (confirmed,) = await emitted_whole(research)
        assert confirmed.subject == ERASURE_CONFIRMED["research"].subject
        assert "Ararat" in await research.see(f"/console/partners/{partner_id}")
        assert (await research.client.get(f"/console/questions/{research_id}")).status_code == 404

    async def test_what_comes_late_or_twice_brings_nothing_back(self, research: Research) -> None:
        research_id = await research.clear()
        for _ in range(2):
            await deliver(research.rig.service, QuestionErased(research_id=research_id))
        await research.clear(research_id=research_id)
        await deliver(research.rig.service, AnswerRated(research_id=research_id, useful="yes"))
        await settle(research)
        assert await count(research, Question) == 0
        assert await count(research, EarlyWithdrawal) == 1
        assert len(await emitted(research.rig.service, ERASURE_CONFIRMED["research"])) == 1


async def emitted_whole(research: Research) -> list[Any]:
    """What was said and not taken back, but for what is about countries or whole days."""
    async with research.rig.service.database.reading() as session:
        rows = (await session.execute(select(messaging.outbox))).all()
    return [
        row
        for row in rows
        if row.erased_at is None
        and "country" not in row.subject
        and row.subject != DAY_SEALED["research"].subject
    ]


class TestTime:
    async def test_a_closed_question_goes_after_two_years_and_an_open_one_stays(
        self, research_on: Research
    ) -> None:
        research = research_on
        research_id, _ = await answered(research)
        with clock.frozen(clock.now() + 800 * DAY):
            await settle(research)
            assert await count(research, Question) == 1
        async with research.rig.service.database.writing() as work:
            question = await work.session.get(Question, research_id)
            assert question is not None
            question.status, question.changed_at = "approved", clock.now()
        with clock.frozen(clock.now() + 729 * DAY):
            await settle(research)
            assert await count(research, Question) == 1
        with clock.frozen(clock.now() + 731 * DAY):
            await settle(research)
            assert [await count(research, table) for table in OF_A_QUESTION] == [0] * 5
        assert await emitted(research.rig.service, ERASURE_CONFIRMED["research"]) == []

    async def test_who_a_partner_was_goes_90_days_after_the_agreement(
        self, research_on: Research
    ) -> None:
        research = research_on
        until = clock.today() + 10 * DAY
        partner_id = await research.add_partner(
            agreement_from=clock.today().isoformat(), agreement_until=until.isoformat()
        )
        with clock.frozen(clock.now() + 99 * DAY):
            await settle(research)
            await research.rig.sealed_partner(partner_id)
        for _ in range(2):
            with clock.frozen(clock.now() + 101 * DAY):
                await settle(research)
                with pytest.raises(Erased):
                    await research.rig.sealed_partner(partner_id)
        async with research.rig.service.database.reading() as session:
            partner = await session.get(Partner, partner_id)
        assert partner is not None
        assert (partner.name_sealed, partner.email_sealed, partner.pin_hash) == (b"", b"", None)
        async with research.rig.service.database.reading() as session:
            shown = partners.directory(session, research.rig, country=None, state=None, words="")
            assert await shown == []
            with pytest.raises(Erased):
                await partners.known(session, research.rig, partner_id)

    async def test_a_partner_with_a_question_is_kept_until_that_is_over(
        self, research: Research
    ) -> None:
        partner_id = await research.add_partner()
        await research.clear()
        await research.duties()
        async with research.rig.service.database.writing() as work:
            partner = await work.session.get(Partner, partner_id)
            assert partner is not None
            partner.agreement_until = clock.today() - 100 * DAY
        await settle(research)
        await research.rig.sealed_partner(partner_id)
