"""API keys: who may do what to which index. The master key may do everything."""

import datetime as dt
import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass
from typing import Any

from cri_shared import clock

from cri_index.errors import ApiError, bad_request
from cri_index.store import Store, instant

SHORTEST_MASTER_KEY = 16

ACTIONS = frozenset(
    (
        *("*", "search", "version"),
        *("documents.*", "documents.add", "documents.delete", "documents.get"),
        *("indexes.*", "indexes.create", "indexes.delete", "indexes.get", "indexes.swap"),
        *("settings.*", "settings.get", "settings.update"),
        *("tasks.*", "tasks.get", "stats.*", "stats.get"),
        *("keys.create", "keys.delete", "keys.get"),
    )
)
# A key for some indexes cannot hold what concerns all of them.
_GLOBAL = frozenset({"version", "keys.create", "keys.delete", "keys.get"})


@dataclass(frozen=True, slots=True)
class Grant:
    """What the bearer of a checked key may touch: names of indexes, `*` at the end for any rest."""

    indexes: tuple[str, ...] = ("*",)

    @property
    def everything(self) -> bool:
        """Whether it reaches every index, and so the tasks that belong to none."""
        return "*" in self.indexes

    def covers(self, uid: str) -> bool:
        """Whether it reaches this index."""
        return any(
            uid.startswith(name[:-1]) if name.endswith("*") else uid == name
            for name in self.indexes
        )


class Keys:
    """Keys are not stored: a key is HMAC-SHA256(master key, its uid), as Meilisearch makes them."""

    def __init__(self, store: Store, master_key: str) -> None:
        if len(master_key.encode()) < SHORTEST_MASTER_KEY:
            raise ValueError(f"the master key needs at least {SHORTEST_MASTER_KEY} bytes")
        self._store = store
        self._master_key = master_key.encode()
        self._master_digest = _digest(master_key)
        self._by_digest: dict[bytes, dict[str, Any]] = {}
        for row in store.rows("select body from keys"):
            self._remember(json.loads(row["body"]))

    def _remember(self, key: dict[str, Any]) -> None:
        self._by_digest[_digest(self._secret(key["uid"]))] = key

    def _secret(self, uid: str) -> str:
        return hmac.new(self._master_key, uid.encode(), hashlib.sha256).hexdigest()

    def check(self, token: str | None, action: str, uid: str | None = None) -> Grant:
        """What the bearer may do; ApiError 401 without a key, 403 where it does not reach."""
        if token is None:
            raise ApiError(
                401,
                "missing_authorization_header",
                "The Authorization header is missing. It must use the bearer authorization method.",
                "auth",
            )
        # Digests are compared, so that the time it takes tells nothing about a key.
        digest = _digest(token)
        if hmac.compare_digest(digest, self._master_digest):
            return Grant()
        key = self._by_digest.get(digest)
        if key is None or not _allows(key, action):
            raise invalid_key()
        grant = Grant(tuple(key["indexes"]))
        if uid is not None and not grant.covers(uid):
            raise invalid_key()
        return grant

    def create(self, body: Any) -> dict[str, Any]:
        """A new key; ApiError 400 for what is missing or unknown, 409 for a uid that is taken."""
        key = _checked(body)
        if any(key["uid"] == other["uid"] for other in self._by_digest.values()):
            raise ApiError(
                409, "api_key_already_exists", f"`uid` field value `{key['uid']}` is already taken."
            )
        with self._store.transaction() as work:
            work.execute("insert into keys values (?, ?)", (key["uid"], json.dumps(key)))
        self._remember(key)
        return self._view(key)

    def _view(self, key: dict[str, Any]) -> dict[str, Any]:
        return {**key, "key": self._secret(key["uid"])}

    def all(self) -> list[dict[str, Any]]:
        """Every key, the youngest first."""
        found = sorted(self._by_digest.values(), key=lambda key: str(key["createdAt"]))
        return [self._view(key) for key in reversed(found)]

    def get(self, uid_or_key: str) -> dict[str, Any]:
        """One key by its uid or itself; ApiError 404."""
        for key in self.all():
            if uid_or_key in (key["uid"], key["key"]):
                return key
        raise ApiError(404, "api_key_not_found", "API key not found.")

    def delete(self, uid_or_key: str) -> None:
        """Take a key back, at once."""
        key = self.get(uid_or_key)
        with self._store.transaction() as work:
            work.execute("delete from keys where uid = ?", (key["uid"],))
        del self._by_digest[_digest(key["key"])]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def invalid_key() -> ApiError:
    """The key is unknown, too old, or not made for this."""
    return ApiError(403, "invalid_api_key", "The provided API key is invalid.", "auth")


def _allows(key: dict[str, Any], action: str) -> bool:
    expires = key["expiresAt"]
    if expires is not None and dt.datetime.fromisoformat(expires) <= clock.now():
        return False
    group = action.partition(".")[0] + ".*"
    return any(held in ("*", action, group) for held in key["actions"])


_FIELDS = frozenset({"uid", "name", "description", "actions", "indexes", "expiresAt"})


def _checked(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict) or not set(body) <= _FIELDS:
        raise bad_request("bad_request", f"Unknown field: expected some of {sorted(_FIELDS)}.")
    for name, code in (
        ("actions", "missing_api_key_actions"),
        ("indexes", "missing_api_key_indexes"),
        ("expiresAt", "missing_api_key_expires_at"),
    ):
        if name not in body:
            raise bad_request(code, f"Missing field `{name}`")
    at = instant()
    return {
        "uid": _uid(body.get("uid")),
        "name": _label("name", body.get("name")),
        "description": _label("description", body.get("description")),
        "actions": _actions(body["actions"], body["indexes"]),
        "indexes": _indexes(body["indexes"]),
        "expiresAt": _expiry(body["expiresAt"]),
        "createdAt": at,
        "updatedAt": at,
    }


def _uid(value: Any) -> str:
    try:
        return str(uuid.uuid4() if value is None else uuid.UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise bad_request("invalid_api_key_uid", "Invalid value at `.uid`.") from None


def _label(name: str, value: Any) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > 500):
        raise bad_request(f"invalid_api_key_{name}", f"Invalid value at `.{name}`.")
    return value


def _actions(value: Any, indexes: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(each in ACTIONS for each in value):
        raise bad_request(
            "invalid_api_key_actions", f"Unknown value at `.actions`: expected {sorted(ACTIONS)}."
        )
    if indexes != ["*"] and not _GLOBAL.isdisjoint(value):
        raise bad_request(
            "index_scoped_api_key_with_global_action",
            "A key for some indexes cannot hold an action that concerns all of them.",
        )
    return value


def _indexes(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(_is_pattern(each) for each in value):
        raise bad_request("invalid_api_key_indexes", "Invalid value at `.indexes`.")
    return value


def _is_pattern(value: Any) -> bool:
    name = value.removesuffix("*") if isinstance(value, str) else "?"
    return name == "" or (len(name) <= 400 and name.replace("_", "a").replace("-", "a").isalnum())


def _expiry(value: Any) -> str | None:
    if value is None:
        return None
    refused = bad_request(
        "invalid_api_key_expires_at",
        "Invalid value at `.expiresAt`: expected a date in the future, in RFC 3339.",
    )
    try:
        expires = dt.datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise refused from None
    aware = expires if expires.tzinfo else expires.replace(tzinfo=dt.UTC)
    if aware <= clock.now():
        raise refused
    return aware.isoformat()
