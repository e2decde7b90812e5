"""What intake keeps no longer than it must."""

from cri_shared.retention import Rule
from cri_shared.words import N_

from cri_intake.models import AskerSession, IdempotencyRecord, KeyUse
from cri_intake.rules import ASKER_SESSION, COUNTED_DAYS, REPLAY_DAYS


def rules() -> list[Rule]:
    """Intake's rules, beside those of every service."""
    return [
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
