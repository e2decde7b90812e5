"""Who may do what at intake."""

from cri_shared.identity.policy import ANYBODY, ASKER, ORGANISATION, SHARED, Policy, may
from cri_shared.identity.staff import MEMBER
from cri_shared.words import N_

_OURS = "/console/ours/{question_id}"
_CASE = "/console/questions/{question_id}"
_REFERRAL = "/console/referrals/{referral_id}"
_REPLY = f"{_CASE}/clarifications/{{clarification_id}}"
_ORGANISATIONS = "/console/organisations"
_ORGANISATION = f"{_ORGANISATIONS}/{{organisation_id}}"

POLICY = SHARED | Policy(
    {
        "question.ask": may(
            ANYBODY,
            at=[
                "GET /{lang}/",
                "GET /{lang}/ask",
                "POST /{lang}/ask/start",
                "POST /{lang}/ask/check",
                "POST /{lang}/ask/existing",
                "GET /{lang}/ask/answered",
                "POST /{lang}/ask/answered",
                "POST /{lang}/ask",
                "POST /{lang}/ask/saved",
            ],
        ),
        "question.open_by_number": may(ANYBODY, at=["GET /{lang}/follow", "POST /{lang}/follow"]),
        "question.follow": may(
            ASKER,
            at=[
                "POST /{lang}/follow/message",
                "POST /{lang}/follow/rate",
                "POST /{lang}/follow/keep",
                "POST /{lang}/follow/helper",
                "POST /{lang}/follow/helper/end",
                "POST /{lang}/follow/withdraw",
                "POST /{lang}/follow/close",
            ],
            own=True,
        ),
        "question.erase": may(
            ASKER, at=["GET /{lang}/follow/erase", "POST /{lang}/follow/erase"], own=True
        ),
        "question.see_erased": may(ANYBODY, at=["GET /{lang}/follow/erased"]),
        "question.post": may(
            ORGANISATION, at=["POST /api/v1/questions", "POST /api/v1/questions/batch"]
        ),
        "question.follow_by_key": may(
            ORGANISATION,
            at=[
                "GET /api/v1/questions",
                "GET /api/v1/questions/{question_id}",
                "POST /api/v1/questions/{question_id}/messages",
            ],
            own=True,
        ),
        "webhooks.keep": may(ORGANISATION, at=["GET /api/v1/webhooks", "POST /api/v1/webhooks"]),
        "webhooks.own": may(
            ORGANISATION,
            at=[
                "DELETE /api/v1/webhooks/{webhook_id}",
                "POST /api/v1/webhooks/{webhook_id}/test",
                "GET /api/v1/webhooks/{webhook_id}/deliveries",
            ],
            own=True,
        ),
        "question.be_handed": may(ORGANISATION, at=["POST /api/v1/questions/handed-over"]),
        "question.ask_to_erase": may(
            ORGANISATION, at=["DELETE /api/v1/questions/{question_id}"], own=True
        ),
        "ours.see": may(MEMBER, at=["GET /console/ours", "GET /console/keys"]),
        "ours.be_handed": may(MEMBER, at=["POST /console/ours/code"]),
        "ours.try_webhook": may(MEMBER, at=["POST /console/keys/webhook/test"]),
        "ours.follow": may(
            MEMBER,
            at=[
                f"GET {_OURS}",
                f"POST {_OURS}/message",
            ],
            own=True,
        ),
        "ours.give_back": may(MEMBER, at=[f"POST {_OURS}/give-back"], own=True),
        "ours.make_key": may(MEMBER, at=["POST /console/keys"], proved=True),
        "ours.revoke_key": may(
            MEMBER, at=["POST /console/keys/{key_id}/revoke"], own=True, proved=True
        ),
        "organisations.see": may(
            "operator",
            at=[f"GET {_ORGANISATIONS}", f"GET {_ORGANISATIONS}.csv", f"GET {_ORGANISATION}"],
        ),
        "organisations.manage": may(
            "operator",
            at=[
                f"POST {_ORGANISATIONS}",
                f"POST {_ORGANISATION}/edit",
                f"POST {_ORGANISATION}/webhook/off",
                f"POST {_ORGANISATION}/webhook/test",
            ],
        ),
        "members.manage": may(
            "operator",
            at=[f"POST {_ORGANISATION}/people", f"POST {_ORGANISATION}/people/end"],
            proved=True,
        ),
        "keys.manage": may(
            "operator",
            at=[f"POST {_ORGANISATION}/keys", f"POST {_ORGANISATION}/keys/{{key_id}}/revoke"],
            proved=True,
        ),
        "codes.read": may(ANYBODY, at=["GET /api/v1/countries", "GET /api/v1/topics"]),
        "question.enter": may(
            "officer", at=["GET /console/questions/new", "POST /console/questions/new"]
        ),
        "queue.see": may("officer", at=["GET /console/questions", f"GET {_CASE}"]),
        "contact.find": may("officer", at=["GET /console/contacts", "POST /console/contacts"]),
        "question.assign": may("officer", at=["POST /console/questions/assign"]),
        "views.keep": may(  # everybody has their own
            "officer", at=["POST /console/questions/views", "POST /console/questions/views/remove"]
        ),
        "question.take": may("officer", at=[f"POST {_CASE}/take"]),
        "case.extend": may("officer", at=[f"POST {_CASE}/extend"]),
        "case.erase": may(  # by two
            "officer",
            at=[
                f"GET {_CASE}/erase",
                f"POST {_CASE}/erase",
                f"POST {_CASE}/erase/confirm",
                f"POST {_CASE}/erase/refuse",
            ],
        ),
        "erasures.see": may(
            *("officer", "operator", "auditor"),
            at=["GET /console/erasures", "GET /console/erasures.csv"],
        ),
        "words.reveal": may("officer", at=[f"POST {_CASE}/reveal"], own=True, proved=True),
        "question.handle": may(
            "officer",
            at=[
                f"POST {_CASE}/triage",
                f"POST {_CASE}/refuse",
                f"POST {_CASE}/refer",
                f"POST {_CASE}/refer/begin",
                f"POST {_CASE}/link",
                f"POST {_CASE}/message",
                f"POST {_CASE}/message/begin",
                f"POST {_CASE}/cover",
                f"POST {_CASE}/deliver",
            ],
            own=True,
        ),
        "alarm.raise": may(
            "officer", at=[f"POST {_CASE}/danger", f"POST {_CASE}/danger/done"], own=True
        ),
        "referrals.keep": may(
            "officer",
            at=[
                "GET /console/referrals",
                "GET /console/referrals.csv",
                "GET /console/referrals/new",
                "POST /console/referrals/new",
                f"GET {_REFERRAL}",
                f"POST {_REFERRAL}",
                f"POST {_REFERRAL}/checked",
                f"POST {_REFERRAL}/leave",
                f"POST {_REFERRAL}/return",
            ],
        ),
        "statistics.see": may(
            "officer", "auditor", at=["GET /console/statistics", "GET /console/statistics.csv"]
        ),
        "figures.see": may(
            "officer", "auditor", at=["GET /console/figures", "GET /console/figures.csv"]
        ),
        "text.write": may(
            "officer",
            at=[
                f"GET {_CASE}/desk",
                f"POST {_CASE}/desk/preview",
                f"GET {_REPLY}",
                f"POST {_REPLY}/preview",
            ],
            own=True,
        ),
        "text.release": may(
            "officer",
            at=[
                f"POST {_CASE}/desk/release",
                f"POST {_CASE}/desk/send-back",
                f"POST {_REPLY}/release",
                f"POST {_REPLY}/send-back",
            ],
            own=True,
        ),
    }
)

AUDIT_WORDS = {
    "api_key.unknown": N_("An API key that is none of ours"),
    "api_key.wrong": N_("The name of an API key with another secret"),
    "api_key.expired": N_("An API key that is too old"),
    "api_key.revoked": N_("An API key that was taken back"),
    "api_key.elsewhere": N_("An API key from another network than it is for"),
    "api_key.scope": N_("An API key for something that it was not made for"),
    "receipt.unknown": N_("A number of a question that is none of ours"),
    "question.entered": N_("Entered a phone call"),
    "question.taken": N_("Took the question"),
    "question.assigned": N_("Gave the question to an officer, or back"),
    "question.triaged": N_("Chose country, topics and urgency"),
    "question.words_shown": N_("Looked at the words of the asker"),
    "question.refused": N_("Refused the question"),
    "question.referred": N_("Referred the asker to somebody else"),
    "question.linked": N_("Linked it with another question"),
    "cover.kept": N_("Wrote a note that goes with the answer"),
    "question.withdrawn": N_("Took the question back"),
    "message.sent": N_("Wrote to the asker"),
    "alarm.raised": N_("Raised an alarm: somebody may be in danger"),
    "alarm.ended": N_("Wrote what was done about the danger"),
    "referral.added": N_("Added somebody to the directory"),
    "referral.checked": N_("Looked whether the directory is right"),
    "referral.left": N_("Took somebody out of the directory"),
    "referral.returned": N_("Put somebody back into the directory"),
    "text.second_asked": N_("Asked another officer to confirm the text"),
    "text.not_confirmed": N_("Did not confirm the text"),
    "question.released": N_("Released the research question"),
    "clarification.given": N_("Released the reply to the partner"),
    "clarification.asked": N_("A partner needs to know more"),
    "question.dispatched": N_("A partner has the question"),
    "assignment.declined": N_("A partner cannot take it"),
    "assignment.overdue": N_("The partner is late"),
    "question.returned": N_("Research sent the text back"),
    "question.unanswered": N_("Research found no answer"),
    "answer.waits": N_("An answer came in a language that the asker does not read"),
    "answer.delivered": N_("The answer was delivered"),
    "answer.changed": N_("The public answer has changed; the asker was told"),
    "question.kept_longer": N_("Wants to hear when the answer changes"),
    "question.extended": N_("Keeps it for longer"),
    "question.erasure_asked": N_("Asked that it be erased"),
    "question.erasure_confirmed": N_("Stands for the erasure"),
    "question.erasure_refused": N_("Decided that it is not erased"),
    "helper.invited": N_("Made a code for an organisation that helps"),
    "helper.came": N_("Follows the question for the asker"),
    "helper.ended": N_("Ended that an organisation follows the question"),
    "question.erased": N_("Erased the question"),
    "contact.searched": N_("Looked for a contact"),
    "key.issued": N_("Made an API key"),
    "key.revoked": N_("Took an API key back"),
    "member.invited": N_("Invited somebody of an organisation"),
    "member.ended": N_("Ended that somebody works for an organisation"),
    "organisation.added": N_("Added an organisation"),
    "organisation.edited": N_("Changed an organisation"),
    "webhook.registered": N_("Registered a webhook"),
    "webhook.tried": N_("Tried a webhook out"),
    "webhook.removed": N_("Removed a webhook"),
    "webhook.switched_off": N_("Switched a webhook off"),
}
