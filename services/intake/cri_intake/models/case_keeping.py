"""How long a case is kept, and on what ground."""

from cri_shared.privacy.keeping import Ending, Ground, Setting, kept

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
