"""Which tables grow with what, and which stay small whatever comes."""

import base64

from cri_intake.queries.queue import VIEWS
from cri_publishing.queries import links, listings, lists
from cri_research.queries import views as of_board

from tests.plans.recording import MAKING

# With the questions that are asked: all that no other list names.
# With the public entries, which are some ten thousands at most:
OF_ENTRIES = {
    "intake": {"known_entries", "known_versions"},
    "research": {"public_entries"},
    "publishing": {
        *("entries", "versions", "remarks", "links", "reader_counts", "mistake_reports"),
        "in_view",
    },
    "search": {"entries", "entry_texts", "on_shelf", "words"},
    "training": set(),
}
# Small, and why:
SMALL = {
    # a row for each of a list that people keep
    **dict.fromkeys(("partner_organisations", "api_keys", "members", "webhooks"), "organisations"),
    **dict.fromkeys(("organisations", "organisation_desks"), "organisations"),
    "partners": "partners",
    "referrals": "the directory of referrals",
    "saved_views": "officers and their views",
    "digests": "staff",
    **dict.fromkeys(("countries", "country_states"), "countries"),
    **dict.fromkeys(("codes", "code_changes"), "the code book"),
    **dict.fromkeys(("listings", "listing_words"), "contacts and programmes"),
    "country_changes": "what people declare of a country",
    "materials": "materials of workshops",
    "workshops": "kinds of workshops",
    # counts by month, week or quarter
    **dict.fromkeys(("desk_counts", "helped_counts"), "counts by month"),
    **dict.fromkeys(("shelf_counts", "view_counts"), "counts by topic and country"),
    "pace_counts": "counts by month and days",
    "tallies": "counts by month, and of workshops, which are some thousands",
    **dict.fromkeys(("missed_searches", "misses"), "counts of twelve weeks by country and topic"),
    **dict.fromkeys(("raised_obstacles", "told_counts"), "counts by quarter"),
    "key_uses": "counts by key, of a day",
    "sent_forms": "forms of a day",
    "ratings": "counts of a week, by entry",
    # a row for each subject, or for each subject and day of six weeks
    **dict.fromkeys(("outbox_counters", "hearings"), "subjects"),
    **dict.fromkeys(("seals", "audit_heads", "audit_segments"), "days"),
    # what waits, or is over soon
    **dict.fromkeys(("jobs", "mails"), "what waits to be done"),
    **dict.fromkeys(("dead_letters", "gaps"), "what went wrong and waits for somebody"),
    **dict.fromkeys(("holds", "erasure_requests"), "what people decide one by one"),
    **dict.fromkeys(("asker_sessions", "partner_sessions"), "half hours"),
    **dict.fromkeys(("helper_codes", "viewings", "reveals"), "minutes to days"),
    "attempts": "counts of an hour",
    "imports": "imports of three days",
    "ballots": "workshops whose feedback is open",
    "alembic_version": "one row",
}

# What pages are asked for beyond their address, by service and path.
_AUDIT = {"/console/audit": [{"actor": "Leen"}, {"action": "question.released"}, {"about": "x"}]}
_LAST = base64.urlsafe_b64encode(b"2026-11-20|nothing").decode()
_LAST_DONE = base64.urlsafe_b64encode(b"2026-11-20T10:00:00+00:00|nothing").decode()
ASKED: dict[str, dict[str, list[dict[str, str]]]] = {
    "intake": {
        "/console/questions": [
            *({"view": view} for view in VIEWS),
            {"view": "open", "country": "AM", "topic": "health.medication", "officer": "nobody"},
            {"view": "open", "after": _LAST},
            {"view": "done", "after": _LAST_DONE},
        ],
        "/api/v1/questions": [{"after": _LAST_DONE}],
        **_AUDIT,
    },
    "research": {
        "/console/questions": [
            *(
                {"view": view, **narrow}
                for narrow in ({}, {"country": "AM"}, {"desk": "nobody"}, {"kind": "renewal"})
                for view in of_board.VIEWS
            ),
        ],
        "/console/gaps": [{"country": "AM"}],
        **_AUDIT,
    },
    "publishing": {
        "/console/entries": [
            *({"view": view} for view in lists.VIEWS),
            {"view": "published", "country": "AM"},
            {"view": "published", "topic": "health"},
        ],
        "/console/links": [
            *({"view": view} for view in links.VIEWS),
            {"view": "new", "after": "link"},
        ],
        "/console/listings": [{"view": view} for view in listings.VIEWS],
        "/console/coverage": [{"country": "AM"}],
        **_AUDIT,
    },
    "search": {
        "/{lang}/search": [{"q": "insulin"}, {"country": "AM", "topic": "health"}],
        "/api/v1/search": [{"q": "insulin"}],
        **_AUDIT,
    },
    "training": _AUDIT,
}
# What may read a whole table, by service: how the table and what reads it begin, and why.
_CHECK = "it reads the whole trail, or it would not be one"
_COUNTED = "a count by an index of the public entries, some ten thousands"
_WORKSHOPS = "workshops and their people are some thousands"
_EVERYWHERE = dict.fromkeys(
    ("audit: whole check of the audit trail", "audit_chain: whole check of the audit trail"), _CHECK
)
WHOLE: dict[str, dict[str, str]] = {
    "intake": {
        **_EVERYWHERE,
        "told_erasures: officer /console/erasures.csv": "a file of all of them",
    },
    "research": {
        **_EVERYWHERE,
        "public_entries: coordinator /console/gaps": "gaps are between all public entries",
    },
    "publishing": {
        **_EVERYWHERE,
        "reader_counts: editor /console/readers": _COUNTED,
    },
    "search": {
        **_EVERYWHERE,
        "entries: anybody /export/entries": "the state of the whole export, for who has it",
        "entries: auditor /console/holdings": _COUNTED,
        "inbox: auditor /console/holdings": _COUNTED,
    },
    "training": {
        **_EVERYWHERE,
        # What may be told is decided over all workshops: worked out once for each more.
        **{f"{table}: {MAKING}": _WORKSHOPS for table in ("editions", "feedback_answers")},
        "passage_marks: ": _WORKSHOPS,
        f"sign_ups: {MAKING}": "the stage itself looks for somebody else",
        "editions: trainer /console/editions: ": _WORKSHOPS,  # how many are in each view
        "editions: trainer /console/obstacles.csv: ": "a file of all of them",
    },
}
