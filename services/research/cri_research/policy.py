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
                "GET /console/questions.csv",
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
                f"POST {_ASSIGNMENT}/plan",
                f"POST {_ASSIGNMENT}/cancel",
                "GET /console/reminders",
                "GET /console/reminders.csv",
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
        "statement.see": may("coordinator", at=["GET /console/statements"]),
        "statement.export": may("coordinator", at=["POST /console/statements/export"], proved=True),
        "gaps.see": may("coordinator", at=["GET /console/gaps", "GET /console/gaps.csv"]),
        "country.decide": may(
            "coordinator",
            at=[
                "GET /console/countries",
                "GET /console/countries.csv",
                "POST /console/countries/{code}",
            ],
        ),
    }
)

AUDIT_WORDS = {
    "partner_link.unknown": N_("A partner's link or code that is none of ours"),
    "partner_link.spent": N_("A partner's link or code that opens nothing any more"),
    "partner_pin.wrong": N_("A partner's PIN that is wrong"),
    "research.question.dispatched": N_("Sent to a partner"),
    "research.question.withdrawn": N_("Taken back by who asked"),
    "research.question.returned": N_("Sent back to the desk"),
    "research.question.given_up": N_("Given up"),
    "research.question.reopened": N_("Opened again"),
    "research.assignment.accepted": N_("Accepted by the partner"),
    "research.assignment.declined": N_("Declined by the partner"),
    "research.assignment.asked_back": N_("The partner asked back"),
    "research.assignment.time_asked": N_("The partner asked for more time"),
    "research.assignment.time_given": N_("More time given"),
    "research.assignment.time_refused": N_("More time refused"),
    "research.assignment.answered": N_("Answered by the partner"),
    "research.assignment.link_renewed": N_("New link sent"),
    "research.assignment.message_moved": N_("A message leaves on another day"),
    "research.assignment.message_held": N_("A message was held back"),
    "research.assignment.message_as_usual": N_("A message leaves on its usual day again"),
    "research.assignment.cancelled": N_("Taken from the partner"),
    "research.assignment.reminded": N_("Reminded before the day"),
    "research.assignment.reminded_on_due": N_("Reminded on the day"),
    "research.assignment.reminded_after": N_("Reminded after the day"),
    "research.assignment.overdue": N_("Overdue"),
    "research.assignment.escalated": N_("Shown to the coordinators as late"),
    "research.answer.approved": N_("Answer approved"),
    "research.answer.returned": N_("Answer returned to the partner"),
    "research.partner.added": N_("Partner added"),
    "research.partner.edited": N_("Partner edited"),
    "research.partner.suspended": N_("Partner suspended"),
    "research.partner.resumed": N_("Partner takes questions again"),
    "research.partner.pin_made": N_("New PIN made"),
    "research.statement.exported": N_("Statement of work taken along"),
    "research.country.desk": N_("A country has another desk"),
    "research.country.policy": N_("Sending by itself changed"),
    "research.partner.erased": N_("Erased what was kept of a partner"),
    "research.question.erased": N_("Erased a question"),
}
