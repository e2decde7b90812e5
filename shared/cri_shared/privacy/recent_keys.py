"""The last few unwrapped keys of a process, for a minute at most."""

import time
from collections import OrderedDict
from collections.abc import Iterable

MOST = 512
# Another process may destroy a key: its copy here is forgotten at the latest after this time.
LONGEST_SECONDS = 60.0


class RecentKeys:
    """The last few unwrapped keys, so that a page with many fields of one case asks once."""

    def __init__(self) -> None:
        self._keys: OrderedDict[tuple[str, str], tuple[bytes, float]] = OrderedDict()

    def remember(self, kind: str, owner_id: str, key: bytes) -> None:
        """Keep a key; the one that was asked for longest ago goes where there are too many."""
        self._keys[kind, owner_id] = (key, time.monotonic())
        self._keys.move_to_end((kind, owner_id))
        while len(self._keys) > MOST:
            self._keys.popitem(last=False)

    def recall(self, kind: str, owner_ids: Iterable[str]) -> dict[str, bytes]:
        """The keys of those owners that are here still."""
        since = time.monotonic() - LONGEST_SECONDS
        found: dict[str, bytes] = {}
        for owner_id in owner_ids:
            key, at = self._keys.get((kind, owner_id), (b"", 0.0))
            if key and at > since:
                self._keys.move_to_end((kind, owner_id))
                found[owner_id] = key
        return found

    def forget(self, kind: str, owner_ids: Iterable[str]) -> None:
        """These were destroyed."""
        for owner_id in owner_ids:
            self._keys.pop((kind, owner_id), None)

    def clear(self) -> None:
        """Forget every key."""
        self._keys.clear()
