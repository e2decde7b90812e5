"""`cri migrate-store --index`: the search index goes to another server, and is compared there.

Publishing writes it there from its own database, as at every rebuild: a copy of the index from
before would take along what that one lacks, and that one would have to run. Then publishing reads
what arrived and compares it with what is public. The index from before is not touched: it answers
until services are told another address, and searches never see one that is half full.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cri_shared.index.connection import Connection
from cri_shared.index.port import IndexRefused, SearchUnavailable
from cri_shared.index.provisioning import provision_keys
from cri_shared.index.search_settings import INDEX, OLDEST

from cri_stack import backups
from cri_stack.layout import Layout
from cri_stack.moving import CannotMove, Say

SECONDS = 10.0
# The engine's words for a key that it does not take.
_OTHER_KEY = frozenset({"invalid_api_key", "missing_master_key", "missing_authorization_header"})


class NotTheSame(Exception):
    """What arrived is not what publishing holds."""

    def __init__(self, words: str, told: Mapping[str, Any]) -> None:
        self.told = told
        super().__init__(words)


def move_index(layout: Layout, url: str, say: Say, *, anew: bool = False) -> dict[str, Any]:
    """Fill the index of the server at a URL where it is empty, or `anew`; compare it in any case.

    Gives what `cri-publishing compare-index` tells, and whether it was `written` now.

    Raises `CannotMove` where nothing was changed that readers see, `NotTheSame` where what was
    written now is not what publishing holds.
    """
    key, held = _met(url, layout)
    told = {"CRI_PUBLISHING_INDEX_URL": url, "CRI_PUBLISHING_INDEX_KEY": key}
    there = replace(layout, environ={**layout.environ, **told})
    writing = anew or not held
    if writing and backups.run(there, "publishing", ["rebuild-index"], say).status:
        raise CannotMove(f"The index at {url} could not be written; it may be tried again.")
    _, found = backups.ask(there, "publishing", ["compare-index"], say)
    if found is None:
        raise CannotMove(f"The index at {url} could not be compared; it may be tried again.")
    found = {"url": url, "written": writing, **found}
    if not found["same"]:
        _refuse(url, found)
    return found


def _refuse(url: str, found: Mapping[str, Any]) -> None:
    if found["written"]:
        raise NotTheSame(
            f"What {url} holds is not what was sent: leave CRI_INDEX_URL as it is, and look there.",
            found,
        )
    raise CannotMove(f"The index at {url} holds something else: --replace writes it anew.")


def _met(url: str, layout: Layout) -> tuple[str, int]:
    """The key with which publishing writes there, and how many documents are there already.

    Raises `CannotMove` where the index of a platform cannot be there.
    """
    if not re.match(r"https?://[^/]", url):
        raise CannotMove(f"{url} is no address: it begins with http:// or https://.")
    connection = Connection(url, layout.master_key, SECONDS)
    try:
        _check_release(url, connection.call(lambda: connection.client().http.get("version")))
        key, _ = provision_keys(url, layout.master_key)
        return key, _held(connection)
    except SearchUnavailable:
        raise CannotMove(f"No index answers at {url}: start it first.") from None
    except IndexRefused as refused:
        raise CannotMove(_why_refused(url, refused, layout)) from None
    finally:
        connection.close()


def _held(connection: Connection) -> int:
    path = f"indexes/{INDEX}/documents?limit=1"
    try:
        return int(connection.call(lambda: connection.client().http.get(path))["total"])
    except IndexRefused as refused:
        if refused.code == "index_not_found":
            return 0
        raise


def _why_refused(url: str, refused: IndexRefused, layout: Layout) -> str:
    if refused.code in _OTHER_KEY:
        file = layout.keys("index") / "master.key"
        return f"The index at {url} has another master key: start it with the one in {file}."
    if refused.code == "not_found":
        return f"The index at {url} is of an older release of CRI: upgrade it first."
    return f"What answers at {url} is no Meilisearch ({refused.code})."


def _check_release(url: str, told: Any) -> None:
    name = told.get("pkgVersion") if isinstance(told, dict) else None
    numbers = re.match(r"(\d+)\.(\d+)", str(name))
    if numbers is None:
        raise CannotMove(f"What answers at {url} is no Meilisearch.")
    if tuple(map(int, numbers.groups())) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise CannotMove(f"Meilisearch {name} answers at {url}: it must be {wanted} or later.")
