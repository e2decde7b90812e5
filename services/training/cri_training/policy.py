"""Who may do what at training."""

from cri_shared.identity.policy import ANYBODY, SHARED, Policy, may
from cri_shared.words import N_

_EDITION = "/console/editions/{edition_id}"

POLICY = SHARED | Policy(
    {
        "workshops.see": may(
            ANYBODY,
            at=[
                "GET /{lang}/",
                "GET /{lang}/workshops",
                "GET /{lang}/workshops.ics",
                "GET /{lang}/workshops/about/{workshop_id}",
                "GET /{lang}/workshops/{edition_id}",
                "GET /{lang}/workshops/{edition_id}/calendar.ics",
            ],
        ),
        "workshops.sign_up": may(  # a token of the mail opens one sign-up, and no other
            ANYBODY,
            at=[
                "GET /{lang}/sign-up/{edition_id}",
                "POST /{lang}/sign-up/{edition_id}",
                "GET /{lang}/sign-up/{edition_id}/code/{sign_up_id}",
                "POST /{lang}/sign-up/{edition_id}/code/{sign_up_id}",
                "GET /{lang}/sign-up/confirm/{token}",
                "POST /{lang}/sign-up/confirm/{token}",
                "GET /{lang}/sign-up/done/{token}",
                "GET /{lang}/sign-up/manage/{token}",
                "POST /{lang}/sign-up/manage/{token}/cancel",
                "POST /{lang}/sign-up/manage/{token}/accept",
                "POST /{lang}/sign-up/manage/{token}/decline",
                "POST /{lang}/sign-up/manage/{token}/hand-on",
                "POST /{lang}/sign-up/manage/{token}/keep",
                "GET /{lang}/sign-up/manage/{token}/calendar.ics",
            ],
        ),
        "feedback.give": may(
            ANYBODY,
            at=[
                "GET /{lang}/feedback/{code}",
                "GET /{lang}/feedback/{code}/{ticket}",
                "POST /{lang}/feedback/{code}",
            ],
        ),
        "workshops.keep": may(
            "trainer",
            at=[
                "GET /console/workshops",
                "GET /console/workshops.csv",
                "GET /console/workshops/new",
                "POST /console/workshops/new",
                "GET /console/workshops/{workshop_id}",
                "POST /console/workshops/{workshop_id}",
            ],
        ),
        "editions.keep": may(
            "trainer",
            at=[
                "GET /console/editions",
                "GET /console/editions.csv",
                "GET /console/editions/new",
                "POST /console/editions/new",
                f"GET {_EDITION}",
                f"GET {_EDITION}/edit",
                f"POST {_EDITION}/edit",
                f"POST {_EDITION}/publish",
                f"POST {_EDITION}/close",
                f"POST {_EDITION}/reopen",
                f"POST {_EDITION}/cancel",
                f"POST {_EDITION}/capacity",
                f"POST {_EDITION}/sessions/{{number}}",
                f"GET {_EDITION}/feedback",
                f"GET {_EDITION}/letters",
                f"POST {_EDITION}/letters/{{kind}}",
                f"POST {_EDITION}/materials",
                f"POST {_EDITION}/materials/{{material_id}}/remove",
                f"POST {_EDITION}/feedback/close",
                f"GET {_EDITION}/places",
                f"POST {_EDITION}/places/order",
                f"POST {_EDITION}/places/reserve",
                f"POST {_EDITION}/places/{{organisation_id}}/give-back",
            ],
        ),
        "obstacles.see": may(
            "trainer",
            "coder",
            at=[
                "GET /console/obstacles",
                "GET /console/code-book",
                "GET /console/code-book/{obstacle}",
            ],
        ),
        "reports.see": may(
            "trainer",
            "auditor",
            at=[
                "GET /console/reports",
                "GET /console/reports.csv",
                "GET /console/reports.xlsx",
            ],
        ),
        "code_book.keep": may(
            "coder",
            at=[
                "GET /console/code-book/new",
                "POST /console/code-book/new",
                "POST /console/code-book/{obstacle}",
                "POST /console/code-book/{obstacle}/merge",
                "POST /console/code-book/{obstacle}/split",
            ],
        ),
        "texts.code": may(
            "coder",
            at=[
                "GET /console/texts",
                "GET /console/texts/agreement",
                "GET /console/texts/{answer_id}",
                "POST /console/texts/{answer_id}/mark",
                "POST /console/texts/{answer_id}/unmark",
                "POST /console/texts/{answer_id}/finish",
                "POST /console/texts/{answer_id}/settle",
            ],
        ),
        "participants.export": may(
            "trainer", at=[f"GET {_EDITION}/participants/print"], proved=True
        ),
        "participants.see": may(
            "trainer",
            at=[
                f"GET {_EDITION}/participants",
                f"POST {_EDITION}/participants/{{sign_up_id}}/cancel",
                f"POST {_EDITION}/participants/{{sign_up_id}}/organisation",
                f"POST {_EDITION}/participants/{{sign_up_id}}/split",
            ],
        ),
        "attendance.keep": may(
            "trainer",
            at=[
                f"GET {_EDITION}/attendance/{{number}}",
                f"POST {_EDITION}/attendance/{{number}}",
                f"POST {_EDITION}/attendance/{{number}}/people/{{sign_up_id}}",
                f"POST {_EDITION}/attendance/{{number}}/walk-in",
            ],
        ),
    }
)

AUDIT_WORDS = {
    "sign_up_link.unknown": N_("A link to a sign-up that is too old, or none of ours"),
    "training.workshop.made": N_("Workshop made"),
    "training.workshop.changed": N_("Workshop changed"),
    "training.edition.made": N_("Edition made"),
    "training.edition.changed": N_("Edition changed"),
    "training.edition.published": N_("Edition published"),
    "training.edition.closed": N_("Sign-up closed"),
    "training.edition.reopened": N_("Sign-up opened again"),
    "training.edition.cancelled": N_("Edition cancelled"),
    "training.edition.held": N_("Edition held"),
    "training.session.moved": N_("Session moved"),
    "training.capacity.changed": N_("Number of places changed"),
    "training.order.changed": N_("Who goes first changed"),
    "training.places.reserved": N_("Places reserved"),
    "training.places.given_back": N_("Reserved places given back"),
    "training.sign_up.placed": N_("Organisation of a participant changed"),
    "training.group.split": N_("Group allowed to come one by one"),
    "training.attendance.recorded": N_("Attendance noted"),
    "training.attendance.conflict": N_("Attendance noted twice, and differently"),
    "training.walk_in.added": N_("Somebody walked in"),
    "training.letter.stopped": N_("Mail stopped"),
    "training.letter.let_go": N_("Mail let go again"),
    "training.letter.hastened": N_("Mail sent early"),
    "training.material.added": N_("Link to material added"),
    "training.material.removed": N_("Link to material removed"),
    "training.participants.seen": N_("List of participants seen"),
    "training.feedback.closed": N_("Feedback form closed"),
    "training.code.made": N_("Code made"),
    "training.code.renamed": N_("Code renamed"),
    "training.code.described": N_("Code described anew"),
    "training.code.merged": N_("Code merged into another"),
    "training.code.took_in": N_("Another code merged into it"),
    "training.code.split": N_("Code split"),
    "training.text.seen": N_("Text of a feedback form seen"),
    "training.text.read": N_("Text of a feedback form coded"),
    "training.text.settled": N_("What a text speaks of settled"),
    "training.sign_up.proved": N_("Sign-up confirmed"),
    "training.sign_up.cancelled": N_("Sign-up cancelled"),
    "training.place.handed_on": N_("Place handed on"),
    "training.offer.accepted": N_("Free place accepted"),
    "training.offer.declined": N_("Free place declined"),
}
