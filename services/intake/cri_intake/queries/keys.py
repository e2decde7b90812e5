"""Whose an API key is, and what may be done with it."""

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from cri_shared import clock
from cri_shared.db import Database, Seek
from cri_shared.errors import Forbidden, Kind, Unauthenticated
from cri_shared.words import N_
from sqlalchemy import bindparam, select

from cri_intake.models import ApiKey
from cri_intake.models.base import table_of
from cri_intake.rules import Scope, is_from

_PARTS = 4  # cri, environment, id, secret
_KEYS = table_of(ApiKey)
_WANTED = Seek(
    select(
        _KEYS.c.key_id,
        _KEYS.c.organisation_id,
        _KEYS.c.secret_hash,
        _KEYS.c.revoked_at,
        _KEYS.c.expires_at,
        _KEYS.c.scopes,
        _KEYS.c.networks,
        _KEYS.c.last_used_on,
    ).where(_KEYS.c.key_id == bindparam("id"))
)


class KeyUnknown(Unauthenticated):
    """The key is missing, wrong, expired, revoked or used from elsewhere; all look the same."""

    kind = Kind.UNAUTHENTICATED
    slug = "api-key-unknown"
    message = N_("This needs a valid API key.")
    counted = "api_key.unknown"

    def __init__(self, why: str = "unknown", key_id: str | None = None) -> None:
        super().__init__()
        self.counted, self.about = f"api_key.{why}", key_id


class KeyLacksScope(Forbidden):
    """The key is good, and not for this."""

    slug = "api-key-lacks-scope"
    message = N_("This API key may not be used for this. Ask the helpdesk for one that may.")
    counted = "api_key.scope"

    def __init__(self, key_id: str | None = None) -> None:
        super().__init__()
        self.about = key_id


@dataclass(frozen=True)
class KeyHolder:
    """Who sent a request: an organisation, by one of its keys, which may do some things."""

    organisation_id: str
    key_id: str
    scopes: frozenset[str]
    last_used_on: dt.date | None

    def must(self, scope: Scope) -> None:
        """Raises `KeyLacksScope` where the key was not made for this."""
        if scope not in self.scopes:
            raise KeyLacksScope(self.key_id)


def key_hash(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


async def holder_of_key(database: Database, key: str, address: str) -> KeyHolder:
    """The organisation of a key that came from an address; raises `KeyUnknown`."""
    parts = key.split("_", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != "cri":
        raise KeyUnknown
    rows = await database.seek(_WANTED, id=parts[2])
    if not rows:
        raise KeyUnknown
    found = rows[0]
    if why := _why_not(found, key, address):
        raise KeyUnknown(why, found.key_id)
    scopes = frozenset(found.scopes)
    return KeyHolder(found.organisation_id, found.key_id, scopes, found.last_used_on)


def _why_not(found: Any, key: str, address: str) -> str | None:
    """Why a key opens nothing, for the trail alone; None where it does."""
    reasons = {
        "wrong": not hmac.compare_digest(found.secret_hash, key_hash(key)),
        "revoked": found.revoked_at is not None,
        "expired": found.expires_at <= clock.now(),
        "elsewhere": not is_from(address, found.networks),
    }
    return next((why for why, holds in reasons.items() if holds), None)
