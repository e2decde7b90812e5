"""How long a case is kept, and on what ground; and the indexes by which its rules find it."""

from cri_shared.privacy.keeping import Ending, Ground, Setting, kept
from sqlalchemy import Index, text

CASES = kept(
    "what a person asked, how to reach them, and where the question is",
    Ground.CONSENT,
    until="after the answer was delivered",
    span=Setting("keep_answered_days"),
    duty="retention.cases.answered",
    also=(
        Ending(
            "after the answer was delivered, where an officer extended that once",
            Setting("keep_extended_days"),
            "retention.cases.extended",
        ),
        Ending(
            "after the answer was delivered, where the asker wants to hear of changes",
            Setting("keep_longer_days"),
            "retention.cases.longer",
        ),
        Ending(
            "after it came, where there is no answer",
            Setting("keep_unanswered_days"),
            "retention.cases.unanswered",
        ),
        Ending(
            "after it came, where it was set aside as one of too many",
            Setting("keep_set_aside_days"),
            "retention.cases.set-aside",
        ),
    ),
    then="its key is destroyed and its row is deleted",
)


def _of_rule(rule: str, where: str) -> Index:
    """The index of the answered cases that a rule of keeping is about."""
    sqlite = where.replace("true", "1").replace("false", "0")
    return Index(
        f"ix_cases_{rule}", "answered_at", postgresql_where=text(where), sqlite_where=text(sqlite)
    )


OF_RULES = (
    Index("ix_cases_answered_at", "answered_at", "received_at"),  # those without an answer, too
    _of_rule("answered", "kept_longer IS false AND extension IS NULL"),
    _of_rule("extended", "kept_longer IS false AND extension IS NOT NULL"),
    _of_rule("longer", "kept_longer IS true"),
)
