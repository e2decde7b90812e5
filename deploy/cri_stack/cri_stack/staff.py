"""Who works at the consoles: invitations, the list, and shutting somebody out."""

import os

from cri_shared.errors import Invalid
from cri_shared.identity.staff import ROLES
from cri_shared.identity.store import Identity
from cri_shared.privacy.keys import KeyRing
from pydantic.networks import validate_email
from pydantic_core import PydanticCustomError

from cri_stack.layout import Layout

ANYWHERE = "intake"  # where auditors and operators begin


def _identity(layout: Layout) -> Identity:
    environment = layout.environment()
    os.environ.update({k: v for k, v in environment.items() if k.startswith("CRI_DEMO")})
    ring = KeyRing.open(layout.keys("identity"))
    together = os.environ.get("CRI_ONE_PERSON_DESK_AND_RESEARCH", "").lower() in ("1", "true")
    url = environment["CRI_IDENTITY_DATABASE_URL"]
    return Identity(url, ring, service="stack", together=together)


async def invite(layout: Layout, *, email: str, name: str, roles: list[str]) -> str:
    """The one-time link with which a person becomes staff; raises `Invalid`."""
    try:
        validate_email(email)  # as the doors do, where the person is to sign in with it
    except PydanticCustomError:
        raise Invalid(f"{email} is no e-mail address.") from None
    identity = _identity(layout)
    try:
        token = await identity.invite(email, name, roles)
    finally:
        await identity.close()
    service = next((ROLES[role] for role in roles if ROLES[role]), None) or ANYWHERE
    where = layout.environment()[f"CRI_{service.upper()}_URL"].rstrip("/")
    return f"{where}/console/invited/{token}"


async def everybody(layout: Layout) -> list[tuple[str, str, tuple[str, ...], bool]]:
    """(name, e-mail address, roles, whether the account may sign in), by name."""
    identity = _identity(layout)
    try:
        return [
            (account.name, account.email, roles, account.disabled_at is None)
            for account, roles in await identity.everybody()
        ]
    finally:
        await identity.close()


async def disable(layout: Layout, email: str) -> None:
    """Shut a person out of every console at once; raises `NotFound`."""
    identity = _identity(layout)
    try:
        await identity.disable(email)
    finally:
        await identity.close()
