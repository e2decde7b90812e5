"""A person at a console, and the roles there are."""

import datetime as dt
from dataclasses import dataclass, field

# Which console each role works at; auditors and operators are let in everywhere.
ROLES: dict[str, str | None] = {
    "officer": "intake",
    "coordinator": "research",
    "editor": "publishing",
    "trainer": "training",
    "coder": "training",
    "member": "intake",
    "auditor": None,
    "operator": None,
}


MEMBER = "member"  # of a partner organisation: no colleague, and so nothing else
# Who knows who asks does not also know who answers, unless a setting says that one person may.
APART = frozenset({"officer", "coordinator"})


@dataclass(frozen=True)
class Staff:
    """A signed-in person; `csrf` is the token that each form of this session must carry."""

    staff_id: str
    name: str
    email: str
    roles: frozenset[str]
    language: str
    csrf: str
    session_id: str
    proved_at: dt.datetime  # when they last showed who they are
    digest: bool = True  # whether a mail says in the morning that there is news
    vouched_for: bool = False  # signs in through the organisation's own sign-in
    provider_session: str | None = None
    token: str = field(default="", repr=False)  # the session's newest

    def has(self, *roles: str) -> bool:
        """Whether the person has one of these roles."""
        return bool(self.roles.intersection(roles))
