"""While owners come in fast, one commit makes keys for many; what nobody took does not stay."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from cri_shared import clock
from cri_shared.privacy import keys_ahead
from cri_shared.privacy.key_tables import wrapped_keys
from cri_shared.privacy.keys import KeyRing
from cri_shared.privacy.keys_ahead import FRESH, KeysAhead
from cri_shared.privacy.keystore import KeyStore

NOON = dt.datetime(2025, 6, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


class CountedStore(KeyStore):
    """A store that counts the transactions that made keys."""

    made = 0

    async def _put(self, rows: list[dict[str, object]]) -> None:
        self.made += 1
        await super()._put(rows)

    async def owners(self) -> set[str]:
        """Who has a key, as another process would find it."""
        async with self._readers.connect() as connection:
            return set((await connection.scalars(sa.select(wrapped_keys.c.owner_id))).all())


@pytest.fixture
async def store(key_store_url: str, ring: KeyRing) -> AsyncIterator[CountedStore]:
    store = CountedStore(key_store_url, ring)
    await store.create_tables()
    yield store
    await store.close()


@pytest.fixture(autouse=True)
def moments(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """All happens in one moment, until a test moves it on."""
    passed = SimpleNamespace(seconds=0.0)
    stopwatch = SimpleNamespace(monotonic=lambda: passed.seconds)
    monkeypatch.setattr(keys_ahead, "time", stopwatch)
    return passed


async def test_where_owners_are_rare_each_key_is_made_when_it_is_needed(
    store: CountedStore, moments: SimpleNamespace
) -> None:
    ahead, taken = KeysAhead(store, "case"), set[str]()
    for _ in range(5):
        taken.add((await ahead.take())[0])
        moments.seconds += 2.0
    assert await store.owners() == taken


async def test_a_burst_waits_for_few_commits(store: CountedStore) -> None:
    ahead = KeysAhead(store, "case")
    with clock.frozen(NOON):
        taken = dict(await asyncio.gather(*(ahead.take() for _ in range(200))))
    assert len(taken) == 200
    assert store.made < 20


async def test_a_key_is_durable_before_it_is_given(
    store: CountedStore, key_store_url: str, ring: KeyRing
) -> None:
    elsewhere, ahead = KeyStore(key_store_url, ring), KeysAhead(store, "case")
    for _ in range(20):
        owner_id, key = await ahead.take()
        assert await elsewhere.get("case", owner_id) == key
    await elsewhere.close()


@pytest.mark.parametrize("count", [1, 2, 7, 20, 50, 150])
async def test_after_a_kill_the_sweep_takes_what_was_left(store: CountedStore, count: int) -> None:
    ahead = KeysAhead(store, "case")
    with clock.frozen(NOON):
        taken = {(await ahead.take())[0] for _ in range(count)}
    stored = await store.made_before("case", NOON + HOUR, most=1_000)
    left = len(stored) - count
    assert await store.sweep("case", stored, taken) == left
    assert await store.owners() == taken


async def test_keys_that_nobody_took_for_a_while_are_destroyed_not_given(
    store: CountedStore,
) -> None:
    ahead = KeysAhead(store, "case")
    with clock.frozen(NOON):
        taken = {(await ahead.take())[0] for _ in range(41)}
    before = await store.owners()
    assert before > taken
    with clock.frozen(NOON + FRESH + dt.timedelta(seconds=1)):
        later, _key = await ahead.take()
    assert later not in before
    assert taken <= await store.owners()
    assert not (before - taken) & await store.owners()


async def test_a_clean_end_leaves_no_key_without_an_owner(store: CountedStore) -> None:
    ahead = KeysAhead(store, "case")
    taken = {(await ahead.take())[0] for _ in range(41)}
    assert await store.owners() > taken
    await ahead.close()
    assert await store.owners() == taken
