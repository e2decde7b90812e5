"""What research keeps no longer than it must."""

from cri_shared.retention import Rule
from cri_shared.words import N_

from cri_research.models import PartnerSession
from cri_research.rules.deadlines import SESSION


def rules() -> list[Rule]:
    """Research's rules, beside those of every service."""
    return [
        Rule(
            "partner-sessions",
            N_("Hours in which a partner answers"),
            PartnerSession,
            PartnerSession.opened_at,
            SESSION,
        ),
    ]
