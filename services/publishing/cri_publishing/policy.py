"""Who may do what at publishing."""

from cri_shared.identity.policy import SHARED, Policy, may
from cri_shared.words import N_

_ENTRY = "/console/entries/{entry_id}"
_LISTING = "/console/listings/{listing_id}"

POLICY = SHARED | Policy(
    {
        "entry.edit": may(
            "editor",
            at=[
                "GET /console/entries",
                "GET /console/entries.csv",
                f"GET {_ENTRY}",
                f"GET {_ENTRY}/versions/{{number}}",
                f"GET {_ENTRY}/compare",
                f"GET {_ENTRY}/edit",
                f"POST {_ENTRY}/edit",
                f"GET {_ENTRY}/languages",
                f"GET {_ENTRY}/languages/{{language}}",
                f"POST {_ENTRY}/languages/{{language}}",
                f"POST {_ENTRY}/submit",
                f"POST {_ENTRY}/remarks",
                f"POST {_ENTRY}/take-back",
                f"POST {_ENTRY}/revise",
                f"POST {_ENTRY}/renew",
                f"POST {_ENTRY}/use",
                f"POST {_ENTRY}/merge",
                f"POST {_ENTRY}/refresh",
                f"POST {_ENTRY}/discard",
                f"POST {_ENTRY}/archive",
            ],
        ),
        "entry.approve": may(  # somebody else than who wrote it, which the entry sees to
            "editor", at=[f"POST {_ENTRY}/approve", f"POST {_ENTRY}/return", f"POST {_ENTRY}/lift"]
        ),
        "links.tend": may(
            "editor",
            at=[
                "GET /console/links",
                "GET /console/links.csv",
                "POST /console/links/{link_id}/again",
                "POST /console/links/{link_id}/seen",
            ],
        ),
        "country.change": may(
            "editor",
            at=[
                "GET /console/changes",
                "GET /console/changes.csv",
                "GET /console/changes/new",
                "POST /console/changes",
            ],
        ),
        "coverage.see": may(
            "editor",
            at=[
                "GET /console/coverage",
                "GET /console/coverage.csv",
                "GET /console/coverage/paces.csv",
            ],
        ),
        "readers.hear": may(
            "editor",
            at=[
                "GET /console/readers",
                "GET /console/readers.csv",
                "GET /console/readers/reports.csv",
                "POST /console/readers/reports/{report_id}/done",
            ],
        ),
        "listing.edit": may(
            "editor",
            at=[
                "GET /console/listings",
                "GET /console/listings.csv",
                f"GET {_LISTING}",
                f"GET {_LISTING}/edit",
                f"POST {_LISTING}/edit",
                f"POST {_LISTING}/check",
                f"POST {_LISTING}/drop",
            ],
        ),
        "listing.approve": may(  # somebody else than who wrote it, which the listing sees to
            "editor", at=[f"POST {_LISTING}/approve"]
        ),
        # Who knows that it puts an organisation or a partner in danger takes it away at once.
        "listing.retire": may(
            "editor",
            "officer",
            "coordinator",
            "operator",
            at=[f"GET {_LISTING}/retire", f"POST {_LISTING}/retire"],
        ),
        # Whoever hears that an entry does harm may take it back at once.
        "entry.withdraw": may(
            "editor",
            "officer",
            "coordinator",
            "operator",
            at=[f"GET {_ENTRY}/withdraw", f"POST {_ENTRY}/withdraw"],
        ),
    }
)

AUDIT_WORDS = {
    "publishing.entry.drafted": N_("An approved answer arrived"),
    "publishing.entry.renewal_drafted": N_("A new answer arrived"),
    "publishing.answer.merged": N_("Covers one more answer"),
    "publishing.entry.merged": N_("The answer went to another entry"),
    "publishing.draft.saved": N_("Text saved"),
    "publishing.translation.saved": N_("Translation saved"),
    "publishing.translation.removed": N_("Translation removed"),
    "publishing.entry.revising": N_("A new version was begun"),
    "publishing.entry.renewed": N_("Found still true"),
    "publishing.draft.submitted": N_("Sent to review"),
    "publishing.draft.sent_back": N_("Sent back to the editor"),
    "publishing.remark.made": N_("A remark was made"),
    "publishing.remark.answered": N_("A remark was answered"),
    "publishing.remark.settled": N_("A remark was settled"),
    "publishing.draft.taken_back": N_("Made a draft again"),
    "publishing.draft.approved": N_("Approved"),
    "publishing.embargo.lifted": N_("Waiting time ended early"),
    "publishing.entry.published": N_("Published"),
    "publishing.country.changed": N_("Something changed in a country"),
    "publishing.entry.expired": N_("Due at once: its country has changed"),
    "publishing.entry.due": N_("Past its review date"),
    "publishing.refresh.asked": N_("Asked a partner again"),
    "publishing.refresh.failed": N_("The new check brought no answer"),
    "publishing.entry.archived": N_("Archived"),
    "publishing.entry.withdrawn": N_("Withdrawn"),
    "publishing.draft.discarded": N_("Draft dropped"),
    "publishing.draft.withdrawn_by_asker": N_("The asker took the question back"),
    "publishing.answer.withheld": N_("Withheld"),
    "publishing.listing.proposed": N_("Contact or programme written"),
    "publishing.listing.shown": N_("Contact or programme shown to readers"),
    "publishing.listing.checked": N_("Checked: still right"),
    "publishing.listing.dropped": N_("Proposal dropped"),
    "publishing.listing.retired": N_("Retired"),
    "publishing.link.seen": N_("A cited page was looked at and left so"),
    "publishing.listing.expired": N_("Its country changed: readers are warned"),
    "publishing.report.done": N_("Dealt with a reader's report"),
}
