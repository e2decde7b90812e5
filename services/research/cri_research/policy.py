"""Who may do what at research."""

from cri_shared.identity.policy import ANYBODY, PARTNER, SHARED, Policy, may
from cri_shared.words import N_

_QUESTION = "/console/questions/{research_id}"
_ASSIGNMENT = "/console/assignments/{assignment_id}"
_PARTNER = "/console/partners/{partner_id}"

POLICY = SHARED | Policy(
    {
        "assignment.open": may(
            ANYBODY,
            at=[
                "GET /{lang}/",
                "GET /{lang}/partner",
                "POST /{lang}/partner/open",
                "POST /{lang}/partner/pin",
                "POST /{lang}/partner/close",
            ],
        ),
        "assignment.answer": may(
            PARTNER,
            at=[
                "POST /{lang}/partner/accept",
                "POST /{lang}/partner/decline",
                "POST /{lang}/partner/problem",
                "POST /{lang}/partner/ask",
                "POST /{lang}/partner/time",
                "POST /{lang}/partner/answer",
            ],
            own=True,
        ),
        "question.handle": may(
            "coordinator",
            at=[
                "GET /console/questions",
                f"GET {_QUESTION}",
                f"POST {_QUESTION}/dispatch",
                f"POST {_QUESTION}/give-up",
                f"POST {_QUESTION}/return-to-desk",
                f"POST {_QUESTION}/reopen",
            ],
        ),
        "assignment.handle": may(
            "coordinator",
            at=[
                f"POST {_ASSIGNMENT}/return",
                f"POST {_ASSIGNMENT}/time",
                f"POST {_ASSIGNMENT}/remind",
                f"POST {_ASSIGNMENT}/cancel",
            ],
        ),
        "answer.approve": may(
            "coordinator", at=[f"GET {_QUESTION}/review", f"POST {_QUESTION}/approve"]
        ),
        "partner.keep": may(
            "coordinator",
            at=[
                "GET /console/partners",
                "GET /console/partners/new",
                "POST /console/partners/new",
                f"GET {_PARTNER}",
                f"GET {_PARTNER}/edit",
                f"POST {_PARTNER}/edit",
                f"POST {_PARTNER}/suspend",
                f"POST {_PARTNER}/resume",
            ],
        ),
        "partner.make_pin": may("coordinator", at=[f"POST {_PARTNER}/pin"], proved=True),
        "gaps.see": may("coordinator", at=["GET /console/gaps"]),
        "country.decide": may(
            "coordinator", at=["GET /console/countries", "POST /console/countries/{code}"]
        ),
    }
)

AUDIT_WORDS = {
    "partner_link.unknown": N_("A partner's link or code that is none of ours"),
    "partner_link.spent": N_("A partner's link or code that opens nothing any more"),
    "partner_pin.wrong": N_("A partner's PIN that is wrong"),
}
