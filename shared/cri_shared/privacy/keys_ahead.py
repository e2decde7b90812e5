"""Keys made before anybody needs them: while owners come in fast, one commit makes keys for many.

A key is on the disk before what it seals. Where each question waits for a key of its own, that is
half of what it waits for and a quarter of what it costs.
"""

import asyncio
import contextlib
import datetime as dt
import time
from collections import deque
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from cri_shared import clock
from cri_shared.db.columns import new_id
from cri_shared.privacy.keystore import KeyStore

_COUNTED = 128  # of those taken in a second
# Far from the hour after which a key whose owner nobody knows is swept up.
FRESH = dt.timedelta(seconds=60)


class KeysAhead:
    """Ids of new owners of one kind, and their keys.

    At most a quarter as many lie ready as were taken in the second before: none where owners are
    rare; nobody waits long for the making of many; and what a crash leaves behind is so much less
    than what was just recorded that the sweep takes it away.
    """

    def __init__(self, store: KeyStore, kind: str, name: Callable[[], str] = new_id) -> None:
        self._store = store
        self._kind = kind
        self._name = name
        self._ready: deque[tuple[str, bytes]] = deque()
        self._made_at = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._taken: deque[float] = deque(maxlen=_COUNTED)
        self._asking = 0  # who waits for a key at this moment
        self._making = asyncio.Lock()

    async def take(self) -> tuple[str, bytes]:
        """The id of a new owner and its key, which is durable; raises what the database raises."""
        self._asking += 1
        try:
            async with self._making:
                if abs(clock.now() - self._made_at) > FRESH:
                    await self._let_go()
                if not self._ready:
                    await self._make()
                self._taken.append(time.monotonic())
                return self._ready.popleft()
        finally:
            self._asking -= 1

    async def close(self) -> None:
        """Destroy what nobody took; where the store does not answer, it is swept up later."""
        with contextlib.suppress(SQLAlchemyError):
            await self._let_go()

    async def _make(self) -> None:
        second_ago = time.monotonic() - 1.0
        lately = sum(at > second_ago for at in self._taken)
        names = [self._name() for _ in range(self._asking + lately // 4)]
        self._ready.extend((await self._store.create_many(self._kind, names)).items())
        self._made_at = clock.now()

    async def _let_go(self) -> None:
        unused = [owner_id for owner_id, _key in self._ready]
        self._ready.clear()
        if unused:
            await self._store.destroy(self._kind, *unused)
