"""What intake keeps no longer than it must."""

import datetime as dt
from collections.abc import Iterator, Sequence

from cri_shared.db import Work
from cri_shared.privacy.keeping import Setting
from cri_shared.retention import Rule
from cri_shared.words import N_
from sqlalchemy import and_

from cri_intake.actions.erasing import end_cases, end_what_waited
from cri_intake.models import (
    AskerSession,
    Case,
    CountedForm,
    ErasureRequest,
    HelperCode,
    IdempotencyRecord,
    Import,
    KeyUse,
    Notice,
    SavedView,
    ToldErasure,
    Viewing,
    Wish,
)
from cri_intake.models.helpers import CODE_LIFE
from cri_intake.rig import Rig
from cri_intake.rules import (
    ASKER_SESSION,
    COUNTED_DAYS,
    COUNTED_FORM_DAYS,
    REPLAY_DAYS,
    TOLD_DAYS,
    UNUSED_VIEW_DAYS,
    VIEWING,
    Status,
)

_ANSWERED, _CAME = Case.answered_at, Case.received_at
_CASES = (  # name, label, since when, the setting of how long, which
    (
        "answered",
        N_("Answered questions"),
        _ANSWERED,
        "keep_answered_days",
        and_(Case.kept_longer.is_(False), Case.extension.is_(None)),
    ),
    (
        "extended",
        N_("Answered questions that an officer keeps for longer"),
        _ANSWERED,
        "keep_extended_days",
        and_(Case.kept_longer.is_(False), Case.extension.is_not(None)),
    ),
    (
        "longer",
        N_("Answered questions whose askers want to hear of changes"),
        _ANSWERED,
        "keep_longer_days",
        Case.kept_longer.is_(True),
    ),
    (
        "unanswered",
        N_("Questions without an answer"),
        _CAME,
        "keep_unanswered_days",
        Case.answered_at.is_(None),
    ),
    (
        "set-aside",
        N_("Questions that were set aside"),
        _CAME,
        "keep_set_aside_days",
        and_(Case.held.is_(True), Case.status == Status.RECEIVED),
    ),
)


def rules(rig: Rig) -> list[Rule]:
    """Intake's rules, beside those of every service."""
    return [*_of_cases(rig), _of_wishes(rig), *_of_askers(), *_of_officers(), *_of_organisations()]


def _of_cases(rig: Rig) -> Iterator[Rule]:
    async def ending(work: Work, question_ids: Sequence[str]) -> None:
        await end_cases(work, rig, question_ids)

    for name, label, moment, span, which in _CASES:
        yield Rule(
            f"cases.{name}",
            label,
            Case,
            moment,
            Setting(span),
            where=which,
            about=Case.question_id,
            key=Case.question_id,
            ending=ending,
        )


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


def _of_askers() -> list[Rule]:
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
            "helper-codes",
            N_("Codes by which a question is handed to an organisation"),
            HelperCode,
            HelperCode.made_at,
            CODE_LIFE,
        ),
        Rule(
            "counted-forms",
            N_("Pages on which somebody found an answer"),
            CountedForm,
            CountedForm.counted_at,
            COUNTED_FORM_DAYS,
        ),
    ]


def _of_officers() -> list[Rule]:
    return [
        Rule("viewings", N_("Who opened a question"), Viewing, Viewing.opened_at, VIEWING),
        Rule(
            "saved-views",
            N_("Views that officers saved and do not open"),
            SavedView,
            SavedView.used_at,
            UNUSED_VIEW_DAYS,
        ),
    ]


def _of_organisations() -> list[Rule]:
    return [
        Rule(
            "responses",
            N_("Answers to requests that may be repeated"),
            IdempotencyRecord,
            IdempotencyRecord.created_at,
            REPLAY_DAYS,
        ),
        Rule(
            "webhook-notices",
            N_("Messages to webhooks"),
            Notice,
            Notice.made_at,
            Setting("keep_notices_days"),
        ),
        Rule(
            "key-uses",
            N_("Counts of questions by API key"),
            KeyUse,
            KeyUse.began_at,
            COUNTED_DAYS,
        ),
        Rule(
            "imports",
            N_("How far imports of questions came"),
            Import,
            Import.began_at,
            REPLAY_DAYS,
        ),
    ]
