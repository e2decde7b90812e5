"""Keys with the least rights: one to write the index with, one to search it with."""

import hashlib
import hmac
from typing import Any

from meilisearch.errors import MeilisearchApiError

from cri_shared.index.connection import Connection

# A key is derived from the master key and its uid: fixed uids give the same keys every time.
_WRITE_UID = "6f1d2c58-3a7e-4b0c-9d4e-52a1c0e7b911"
_SEARCH_UID = "b3a94e07-8c65-4f12-a1d8-0e9f7c6d2b34"

_WRITE = {
    "uid": _WRITE_UID,
    "name": "CRI publishing",
    "description": "Writes, rebuilds and compares the index of entries",
    "actions": [
        # Who may replace every document learns nothing by reading them; it tells what was altered.
        *("documents.add", "documents.delete", "documents.get"),
        *("indexes.create", "indexes.delete", "indexes.get", "indexes.swap"),
        *("settings.get", "settings.update", "stats.get", "tasks.get"),
    ],
    # A swap belongs to no index: only a key for all of them may see that it is done.
    "indexes": ["*"],
    "expiresAt": None,
}
_SEARCH = {
    "uid": _SEARCH_UID,
    "name": "CRI search",
    "description": "Searches the index of entries",
    "actions": ["search"],
    "indexes": ["entries*"],
    "expiresAt": None,
}


def provision_keys(url: str, master_key: str) -> tuple[str, str]:
    """(key to write with, key to search with), made when they are not there; blocks.

    A key whose rights have changed since is made anew and stays the same word. Raises
    SearchUnavailable, or IndexRefused where the master key is wrong.
    """
    connection = Connection(url, master_key, seconds=10.0)
    try:
        return _provided(connection, _WRITE), _provided(connection, _SEARCH)
    finally:
        connection.close()


def derived_keys(master_key: str) -> tuple[str, str]:
    """The same two keys, as every server that has this master key will make them."""
    write, search = (
        hmac.new(master_key.encode(), uid.encode(), hashlib.sha256).hexdigest()
        for uid in (_WRITE_UID, _SEARCH_UID)
    )
    return write, search


def _provided(connection: Connection, wanted: dict[str, Any]) -> str:
    return connection.call(lambda: _found_or_made(connection, wanted))


def _found_or_made(connection: Connection, wanted: dict[str, Any]) -> str:
    http = connection.client().http
    try:
        found = http.get(f"keys/{wanted['uid']}")
    except MeilisearchApiError as error:
        if error.code != "api_key_not_found":
            raise
        return str(http.post("keys", wanted)["key"])
    if all(sorted(found[name]) == sorted(wanted[name]) for name in ("actions", "indexes")):
        return str(found["key"])
    http.delete(f"keys/{wanted['uid']}")
    return str(http.post("keys", wanted)["key"])
