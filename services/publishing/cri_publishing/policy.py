"""Who may do what at publishing."""

from cri_shared.identity.policy import SHARED, Policy, may

_ENTRY = "/console/entries/{entry_id}"

POLICY = SHARED | Policy(
    {
        "entry.edit": may(
            "editor",
            at=[
                "GET /console/entries",
                f"GET {_ENTRY}",
                f"GET {_ENTRY}/versions/{{number}}",
                f"GET {_ENTRY}/compare",
                f"GET {_ENTRY}/edit",
                f"POST {_ENTRY}/edit",
                f"GET {_ENTRY}/languages",
                f"GET {_ENTRY}/languages/{{language}}",
                f"POST {_ENTRY}/languages/{{language}}",
                f"POST {_ENTRY}/submit",
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
        "readers.hear": may(
            "editor", at=["GET /console/readers", "POST /console/readers/reports/{report_id}/done"]
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
