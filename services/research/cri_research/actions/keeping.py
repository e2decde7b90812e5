"""What research keeps no longer than it must."""

from collections.abc import Sequence

from cri_shared.db import Work
from cri_shared.privacy.keeping import Setting
from cri_shared.retention import Rule
from cri_shared.words import N_
from sqlalchemy import and_, exists

from cri_research.actions import erasing
from cri_research.models import (
    Assignment,
    MissedSearch,
    Partner,
    PartnerSession,
    Question,
    RaisedObstacle,
)
from cri_research.models.gaps import MISSES_DAYS
from cri_research.rig import Rig
from cri_research.rules.deadlines import SESSION
from cri_research.rules.states import LIVE, WORKABLE


def rules(rig: Rig) -> list[Rule]:
    """Research's rules, beside those of every service."""
    sessions = Rule(
        "partner-sessions",
        N_("Hours in which a partner answers"),
        PartnerSession,
        PartnerSession.opened_at,
        SESSION,
    )
    misses = Rule(
        "missed-searches",
        N_("What readers did not find, by week"),
        MissedSearch,
        MissedSearch.week,
        MISSES_DAYS,
    )
    raised = Rule(
        "raised-obstacles",
        N_("What people of workshops found hard to talk about, by quarter"),
        RaisedObstacle,
        RaisedObstacle.quarter,
        MISSES_DAYS,
    )
    return [_of_questions(rig), _of_partners(rig), sessions, misses, raised]


def _of_questions(rig: Rig) -> Rule:
    async def ending(work: Work, research_ids: Sequence[str]) -> None:
        await erasing.end_questions(work, rig, research_ids)

    return Rule(
        "questions",
        N_("Closed research questions, with their answers"),
        Question,
        Question.changed_at,
        Setting("keep_closed_days"),
        where=Question.status.not_in(WORKABLE),
        about=Question.research_id,
        key=Question.research_id,
        ending=ending,
    )


def _of_partners(rig: Rig) -> Rule:
    async def ending(work: Work, partner_ids: Sequence[str]) -> None:
        await erasing.end_partners(work, rig, partner_ids)

    sent = Assignment.partner_id == Partner.partner_id
    at_work = exists().where(sent, Assignment.status.in_(LIVE))
    return Rule(
        "partners",
        N_("Who partners were, after their agreement"),
        Partner,
        Partner.agreement_until,
        Setting("keep_partners_days"),
        where=and_(Partner.erased_at.is_(None), ~at_work),
        about=Partner.partner_id,
        key=Partner.partner_id,
        ending=ending,
    )
