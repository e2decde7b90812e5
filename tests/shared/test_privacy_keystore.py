"""What a key sealed is readable until the key is destroyed, and then nowhere."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from cri_shared import clock
from cri_shared.privacy import recent_keys
from cri_shared.privacy.key_tables import wrapped_keys
from cri_shared.privacy.keys import KeyRing
from cri_shared.privacy.keystore import KeyExists, KeyStore, SweepRefused
from cri_shared.privacy.vault import Erased, Unreadable
from cri_shared.testing.disk import files_with

START = dt.datetime(2025, 6, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
async def store(key_store_url: str, ring: KeyRing) -> AsyncIterator[KeyStore]:
    store = KeyStore(key_store_url, ring)
    await store.create_tables()
    yield store
    await store.close()


@pytest.fixture
async def elsewhere(store: KeyStore, key_store_url: str, ring: KeyRing) -> AsyncIterator[KeyStore]:
    """The same store seen from another process: nothing remembered."""
    elsewhere = KeyStore(key_store_url, ring)
    yield elsewhere
    await elsewhere.close()


async def wrapped_rows(store: KeyStore) -> dict[str, bytes]:
    async with store._readers.connect() as connection:
        rows = await connection.execute(sa.select(wrapped_keys.c.owner_id, wrapped_keys.c.wrapped))
        return {owner_id: wrapped for owner_id, wrapped in rows}


class TestKeeping:
    async def test_a_key_comes_back_after_a_restart(
        self, store: KeyStore, elsewhere: KeyStore
    ) -> None:
        key = await store.create("case", "c1")
        assert len(key) == 32
        assert await store.get("case", "c1") == key
        assert await elsewhere.get("case", "c1") == key

    async def test_kinds_do_not_mix(self, store: KeyStore) -> None:
        keys = [await store.create("case", "1"), await store.create("partner", "1")]
        assert keys[0] != keys[1]
        assert [await store.get("case", "1"), await store.get("partner", "1")] == keys

    async def test_making_the_tables_twice_keeps_the_keys(self, store: KeyStore) -> None:
        key = await store.create("case", "c1")
        await store.create_tables()
        assert await store.get("case", "c1") == key

    async def test_a_second_key_for_one_owner_is_refused(
        self, store: KeyStore, elsewhere: KeyStore
    ) -> None:
        key = await store.create("case", "c1")
        with pytest.raises(KeyExists):
            await store.create("case", "c1")
        assert await elsewhere.get("case", "c1") == key

    async def test_many_keys_are_made_all_or_none(
        self, store: KeyStore, elsewhere: KeyStore
    ) -> None:
        made = await store.create_many("case", [f"c{n}" for n in range(600)])
        assert await elsewhere.get_many("case", list(made)) == made
        with pytest.raises(KeyExists):
            await store.create_many("case", ["new", "c3"])
        assert await elsewhere.get_many("case", ["new"]) == {}

    async def test_no_owners_need_no_keys(self, store: KeyStore) -> None:
        assert await store.create_many("case", []) == {}
        assert await store.get_many("case", []) == {}

    async def test_a_message_delivered_twice_finds_its_key(
        self, store: KeyStore, elsewhere: KeyStore
    ) -> None:
        assert await store.ensure("research", "r1") == await elsewhere.ensure("research", "r1")

    async def test_concurrent_deliveries_agree_on_one_key(
        self, store: KeyStore, elsewhere: KeyStore
    ) -> None:
        both = [store, elsewhere] * 10
        assert len(set(await asyncio.gather(*(s.ensure("research", "r1") for s in both)))) == 1

    async def test_the_key_itself_is_never_stored(self, store: KeyStore) -> None:
        key = await store.create("case", "c1")
        assert key not in (await wrapped_rows(store))["c1"]

    async def test_a_key_swapped_with_another_owners_is_unreadable(
        self, store: KeyStore, elsewhere: KeyStore
    ) -> None:
        await store.create_many("case", ["a", "b"])
        rows = await wrapped_rows(store)
        async with store._engine.begin() as connection:
            await connection.execute(
                sa.update(wrapped_keys).where(wrapped_keys.c.owner_id == "a"),
                {"wrapped": rows["b"]},
            )
        with pytest.raises(Unreadable):
            await elsewhere.get("case", "a")

    async def test_memory_stays_bounded(self, store: KeyStore) -> None:
        await store.create_many("case", [f"c{n}" for n in range(2_000)])
        assert len(store._recent._keys) == recent_keys.MOST


class TestErasing:
    async def test_a_destroyed_key_is_erased_here_and_elsewhere(
        self, store: KeyStore, elsewhere: KeyStore
    ) -> None:
        await store.create("case", "c1")
        assert await store.destroy("case", "c1") == 1
        for one in (store, elsewhere):
            with pytest.raises(Erased):
                await one.get("case", "c1")

    async def test_erasing_again_changes_nothing(self, store: KeyStore) -> None:
        await store.create("case", "c1")
        await store.destroy("case", "c1")
        assert await store.destroy("case", "c1") == 0

    async def test_an_owner_that_never_was_is_erased_too(self, store: KeyStore) -> None:
        with pytest.raises(Erased):
            await store.get("case", "never")

    async def test_erased_owners_are_left_out_of_many(self, store: KeyStore) -> None:
        made = await store.create_many("case", ["a", "b"])
        await store.destroy("case", "a")
        assert await store.get_many("case", ["a", "b"]) == {"b": made["b"]}

    async def test_another_process_forgets_a_destroyed_key_within_a_minute(
        self, store: KeyStore, elsewhere: KeyStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await store.create("case", "c1")
        await elsewhere.get("case", "c1")
        await store.destroy("case", "c1")
        real = recent_keys.time.monotonic
        monkeypatch.setattr(recent_keys.time, "monotonic", lambda: real() + 61)
        with pytest.raises(Erased):
            await elsewhere.get("case", "c1")

    async def test_no_byte_of_a_destroyed_key_stays_in_the_files(
        self, store: KeyStore, tmp_path: Path
    ) -> None:
        await store.create_many("case", [f"c{n}" for n in range(50)])
        wrapped = (await wrapped_rows(store))["c7"]
        assert files_with(tmp_path, wrapped)
        await store.destroy("case", "c7")
        assert files_with(tmp_path, wrapped) == []


async def swept(store: KeyStore, known: set[str], older_than: dt.datetime) -> int:
    """Sweep the keys of cases."""
    stored = await store.made_before("case", older_than, most=100)
    return await store.sweep("case", stored, known)


class TestSweeping:
    async def test_owners_come_in_order_some_at_a_time(self, store: KeyStore) -> None:
        with clock.frozen(START):
            await store.create_many("case", ["b", "d", "a", "c"])
            await store.create("partner", "e")
        later = START + HOUR
        assert await store.made_before("case", later, most=3) == ["a", "b", "c"]
        assert await store.made_before("case", later, after="c", most=3) == ["d"]

    async def test_an_old_key_without_an_owner_is_destroyed(self, store: KeyStore) -> None:
        with clock.frozen(START):
            await store.create_many("case", ["kept", "orphan"])
            await store.create("partner", "orphan")
        assert await swept(store, {"kept"}, START + HOUR) == 1
        assert set(await wrapped_rows(store)) == {"kept", "orphan"}
        assert set(await store.get_many("case", ["kept", "orphan"])) == {"kept"}

    async def test_a_young_key_waits_for_its_owner(self, store: KeyStore) -> None:
        with clock.frozen(START):
            await store.create("case", "being-recorded")
        assert await swept(store, set(), START) == 0
        assert await swept(store, set(), START + HOUR) == 1

    async def test_a_wrong_list_of_owners_destroys_nothing(self, store: KeyStore) -> None:
        with clock.frozen(START):
            await store.create_many("case", [f"c{n}" for n in range(20)])
        with pytest.raises(SweepRefused):
            await swept(store, {"c1"}, START + HOUR)
        assert len(await wrapped_rows(store)) == 20


class TestRotating:
    async def test_every_key_moves_to_the_current_wrapping_key(
        self, store: KeyStore, elsewhere: KeyStore, ring: KeyRing
    ) -> None:
        made = await store.create_many("case", [f"c{n:04}" for n in range(1_200)])
        old = ring.current
        ring.add()
        assert await store.rewrap() == 1_200
        assert await store.rewrap() == 0
        ring.retire(old)
        assert await elsewhere.get_many("case", list(made)) == made

    async def test_a_lost_wrapping_key_makes_its_keys_unreadable(
        self, store: KeyStore, elsewhere: KeyStore, ring: KeyRing
    ) -> None:
        await store.create("case", "c1")
        old = ring.current
        ring.add()
        ring.retire(old)
        with pytest.raises(Unreadable):
            await elsewhere.get("case", "c1")
