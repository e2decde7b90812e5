"""What intake keeps no longer than it must."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from cri_shared.db import Work
from cri_shared.privacy.keeping import Setting
from cri_shared.retention import Rule
from cri_shared.words import N_
from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import InstrumentedAttribute

from cri_intake.actions.erasing import end_cases, end_what_waited
from cri_intake.models import (
    AskerSession,
    Case,
    ErasureRequest,
    IdempotencyRecord,
    KeyUse,
    ToldErasure,
    Wish,
)
from cri_intake.rig import Rig
from cri_intake.rules import ASKER_SESSION, COUNTED_DAYS, REPLAY_DAYS, TOLD_DAYS, Status

Moment = InstrumentedAttribute[Any]
Condition = ColumnElement[bool] | None


def rules(rig: Rig) -> list[Rule]:
    """Intake's rules, beside those of every service."""
    return [*_of_cases(rig), _of_wishes(rig), *_of_helpers()]


def _of_cases(rig: Rig) -> list[Rule]:
    async def ending(work: Work, question_ids: Sequence[str]) -> None:
        await end_cases(work, rig, question_ids)

    def rule(name: str, label: str, moment: Moment, span: str, where: Condition = None) -> Rule:
        return Rule(
            f"cases.{name}",
            label,
            Case,
            moment,
            Setting(span),
            where=where,
            about=Case.question_id,
            key=Case.question_id,
            ending=ending,
        )

    came = Case.received_at
    return [
        rule(
            "answered",
            N_("Answered questions"),
            Case.answered_at,
            "keep_answered_days",
            and_(Case.kept_longer.is_(False), Case.extension.is_(None)),
        ),
        rule(
            "extended",
            N_("Answered questions that an officer keeps for longer"),
            Case.answered_at,
            "keep_extended_days",
            and_(Case.kept_longer.is_(False), Case.extension.is_not(None)),
        ),
        rule(
            "longer",
            N_("Answered questions whose askers want to hear of changes"),
            Case.answered_at,
            "keep_longer_days",
            Case.kept_longer.is_(True),
        ),
        rule(
            "unanswered",
            N_("Questions without an answer"),
            came,
            "keep_unanswered_days",
            Case.answered_at.is_(None),
        ),
        rule(
            "set-aside",
            N_("Questions that were set aside"),
            came,
            "keep_set_aside_days",
            and_(Case.held.is_(True), Case.status == Status.RECEIVED),
        ),
    ]


def _of_wishes(rig: Rig) -> Rule:
    async def ending(work: Work, question_ids: Sequence[str]) -> None:
        await end_what_waited(work, rig, question_ids)

    return Rule(
        "wishes",
        N_("Questions that their askers erased while they were held"),
        ErasureRequest,
        ErasureRequest.asked_at,
        dt.timedelta(),
        where=ErasureRequest.wish == Wish.ASKER,
        about=ErasureRequest.question_id,
        key=ErasureRequest.question_id,
        ending=ending,
    )


def _of_helpers() -> list[Rule]:
    return [
        Rule(
            "told-erasures",
            N_("Confirmations of erasures"),
            ToldErasure,
            ToldErasure.told_at,
            TOLD_DAYS,
        ),
        Rule(
            "asker-sessions",
            N_("Half hours behind a receipt"),
            AskerSession,
            AskerSession.opened_at,
            ASKER_SESSION,
        ),
        Rule(
            "responses",
            N_("Answers to requests that may be repeated"),
            IdempotencyRecord,
            IdempotencyRecord.created_at,
            REPLAY_DAYS,
        ),
        Rule(
            "key-uses",
            N_("Counts of questions by API key"),
            KeyUse,
            KeyUse.began_at,
            COUNTED_DAYS,
        ),
    ]
