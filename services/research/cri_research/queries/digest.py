"""What coordinators are told of in the morning, in counts."""

import datetime as dt
from typing import Any

from cri_shared.db.some import said
from cri_shared.digest import News, Reader
from cri_shared.words import N_
from sqlalchemy import Select, func, select

from cri_research.models import Assignment, Question
from cri_research.models.assignments import ANSWERED, DECLINED, HELD
from cri_research.rules.states import WORKABLE


def _cleared(_reader: Reader, since: dt.datetime) -> Select[Any]:
    new = select(func.count()).select_from(Question).where(Question.status.in_(WORKABLE))
    return new.where(Question.received_at > since)


def _answered(_reader: Reader, since: dt.datetime) -> Select[Any]:
    to_review = select(func.count()).where(said(ANSWERED))
    return to_review.where(Assignment.answered_at > since)


def _declined(_reader: Reader, since: dt.datetime) -> Select[Any]:
    gone = select(func.count()).where(said(DECLINED))
    return gone.where(Assignment.ended_at > since)


def _late(_reader: Reader, since: dt.datetime) -> Select[Any]:
    return select(func.count()).where(said(HELD), Assignment.overdue_at > since)


def _escalated(_reader: Reader, since: dt.datetime) -> Select[Any]:
    return select(func.count()).where(said(HELD), Assignment.escalated_at > since)


NEWS = (
    News("coordinator", N_("Questions that came in"), _cleared),
    News("coordinator", N_("Answers to review"), _answered),
    News("coordinator", N_("Questions that a partner declined"), _declined),
    News("coordinator", N_("Answers that are late"), _late),
    News("coordinator", N_("Late answers that need you"), _escalated),
)
