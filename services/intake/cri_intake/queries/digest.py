"""What officers and people of partner organisations are told of in the morning, in counts."""

import datetime as dt
from typing import Any

from cri_shared.digest import News, Reader
from cri_shared.words import N_
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from cri_intake.models import Case, Clarification, Draft, Helper, Member, Message, Release
from cri_intake.queries.queue import LOOKED_AFTER
from cri_intake.rules import Status


def _asked(_reader: Reader, since: dt.datetime) -> Select[Any]:
    new = and_(LOOKED_AFTER, Case.status == Status.RECEIVED, Case.received_at > since)
    return select(func.count()).select_from(Case).where(new)


def _second(reader: Reader, since: dt.datetime) -> Select[Any]:
    others = Draft.writer_id != reader.staff_id
    return select(func.count()).select_from(Draft).where(others, Draft.second_asked_at > since)


def _written(reader: Reader, since: dt.datetime) -> Select[Any]:
    mine = and_(Case.officer_id == reader.staff_id, Message.author != "helpdesk")
    own = select(func.count()).select_from(Message).join(Case)
    return own.where(mine, Message.sent_at > since)


def _unclear(reader: Reader, since: dt.datetime) -> Select[Any]:
    asked = (
        select(func.count(Clarification.clarification_id.distinct()))
        .join(Release, Release.research_id == Clarification.research_id)
        .join(Case, Case.question_id == Release.question_id)
    )
    mine = and_(LOOKED_AFTER, Case.officer_id == reader.staff_id)
    return asked.where(mine, Clarification.asked_at > since, Clarification.given_at.is_(None))


def _to_deliver(reader: Reader, since: dt.datetime) -> Select[Any]:
    mine = and_(LOOKED_AFTER, Case.officer_id == reader.staff_id, Case.answer_waits.is_(True))
    return select(func.count()).select_from(Case).where(mine, Case.changed_at > since)


def _theirs(reader: Reader) -> ColumnElement[bool]:
    """The cases of the organisation that a member is of; nothing for who is of none."""
    if reader.vouched_for:
        return false()
    own = select(Member.organisation_id).where(Member.email == reader.email).scalar_subquery()
    handed = select(Helper.question_id).where(Helper.organisation_id == own)
    return or_(Case.organisation_id == own, Case.question_id.in_(handed))


def _answered(reader: Reader, since: dt.datetime) -> Select[Any]:
    return select(func.count()).select_from(Case).where(_theirs(reader), Case.answered_at > since)


def _told(reader: Reader, since: dt.datetime) -> Select[Any]:
    theirs = select(func.count()).select_from(Message).join(Case).where(_theirs(reader))
    return theirs.where(Message.author == "helpdesk", Message.sent_at > since)


NEWS = (
    News("officer", N_("Questions that came in"), _asked),
    News("officer", N_("Texts that wait for a second officer"), _second),
    News("officer", N_("Messages in your questions"), _written),
    News("officer", N_("Partners who ask back about your questions"), _unclear),
    News("officer", N_("Answers that wait for you to deliver them"), _to_deliver),
    News("member", N_("Answers to your questions"), _answered),
    News("member", N_("Messages of the helpdesk"), _told),
)
