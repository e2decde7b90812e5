"""What the code has that opens something, found in it: no door is left out of the tables."""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from cri_shared.events import SERVICES
from cri_shared.identity.policy import ASKER, ORGANISATION, PARTNER, SHARED, Policy
from cri_shared.privacy.classes import K
from cri_stack.register.holdings import databases

from tests.security.matrices.doors import Built
from tests.security.sweep.canaries import forms, restricted

ROOT = Path(__file__).parents[3]
BUILT = ("consoles", "intake", "research", "training")
_HELD = frozenset({ASKER, ORGANISATION, PARTNER})  # who is let in for what they hold
_SIGNS = re.compile(r"\bURLSafe\w*Serializer\(")
_SECRET = re.compile(r"(?<!countries/)(?<!topics/){(token|ticket|code)}")
_PASSKEYS = "tests/shared/test_identity_passkeys.py"
_SIGN_IN = "tests/shared/test_identity.py"
_PASSWORDS = "tests/shared/test_identity_changing.py"
_PROVIDER = "tests/shared/test_identity_provider.py"
# What is a secret, or looks like one, and is no link and no code; a file of tests shows how it is.
NO_DOOR: Mapping[str, str] = {
    "accounts.password_hash": _SIGN_IN,
    "cases.email_index": "tests/intake/test_contacts.py",
    "cases.phone_index": "tests/intake/test_contacts.py",
    "sign_ups.email_index": "tests/training/test_sign_up.py",
    "sign_ups.organisation_index": "tests/training/test_waiting_list.py",
    "idempotency_records.body_mac": "tests/intake/test_api.py",
    "cri_intake.console.members.HandedForm.code": "tests/intake/test_members.py",
    "spent_challenges.challenge_hash": _PASSKEYS,
    "cri_shared.identity.doors.account.NewPasskeyForm.credential": _PASSKEYS,
    "cri_shared.identity.doors.entering.PasskeyForm.credential": _PASSKEYS,
    "POST /console/sign-in/passkey": _PASSKEYS,
    "cri_shared.identity.doors.entering.SignInForm.code": _SIGN_IN,
    "cri_shared.identity.doors.joining.InvitedForm.code": _SIGN_IN,
    "cri_shared.identity.doors.password.PasswordForm.again": _PASSWORDS,
    "GET /console/sign-in": _SIGN_IN,
    "POST /console/sign-in": _SIGN_IN,
    "GET /console/sign-in/provider": _PROVIDER,
    "GET /console/sign-in/provider/done": _PROVIDER,
    "POST /console/sign-out/provider": _PROVIDER,
}


def tables() -> list[Built]:
    """The table of doors of every service."""
    return [_module(name) for name in BUILT]


def table_of(name: str) -> Built:
    """One of them."""
    return _module(name)


def _module(name: str) -> Built:
    built: Built = import_module(f"tests.security.matrices.{name}")  # type: ignore[assignment]
    return built


def found() -> set[str]:
    """Everything in the code that is there to open something."""
    return {*_columns(), *_fields(), *_signers(), *_routes()}


def known(built: Sequence[Built]) -> set[str]:
    """Everything of that which has its lines in a table, or is said to be no door."""
    kept = {name for one in built for names in one.KEEPS.values() for name in names}
    return kept | {door.route for one in built for door in one.DOORS} | NO_DOOR.keys()


def _columns() -> Iterator[str]:
    """What is kept so that it can be compared, and not be read."""
    for metadata in databases().values():
        for table in metadata.sorted_tables:
            for column in table.columns:
                if column.info.get("guard", "").startswith("only as "):
                    yield f"{table.name}.{column.name}"


def _fields() -> Iterator[str]:
    """Secrets that people type or that links carry into a form; passwords open accounts."""
    for form in forms():
        for name, held in restricted(form).items():
            if held is K and "password" not in name:
                yield f"{form.__module__}.{form.__qualname__}.{name}"


def _signers() -> Iterator[str]:
    """Modules that sign what they hand out, to know it again."""
    for part in ("shared", "services"):
        for file in ROOT.glob(f"{part}/**/cri_*/**/*.py"):
            if _SIGNS.search(file.read_text()):
                parts = file.with_suffix("").parts
                start = next(n for n, one in enumerate(parts) if one.startswith("cri_"))
                yield ".".join(parts[start:])


def _routes() -> Iterator[str]:
    """Routes with a secret in their address, or for those who hold one, or into a console."""
    policies: list[Policy] = [import_module(f"cri_{service}.policy").POLICY for service in SERVICES]
    yield from SHARED.actions["console.enter"].at
    for policy in policies:
        for action in policy.actions.values():
            for route in action.at:
                if action.roles & _HELD or _SECRET.search(route):
                    yield route
