"""A service starts only with keys nobody else can read, and rotation loses nothing."""

import base64
import datetime as dt
import os
from pathlib import Path

import pytest
from cri_shared import clock
from cri_shared.privacy.keys import KeyRing, KeysUnusable
from cri_shared.privacy.vault import Unreadable, new_key

DATA_KEY = bytes(range(32))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def ring(directory: Path) -> KeyRing:
    return KeyRing.create(directory)


def write_key(path: Path, content: bytes | None = None, mode: int = 0o600) -> None:
    path.write_bytes(base64.b64encode(new_key()) if content is None else content)
    path.chmod(mode)


class TestCreating:
    def test_files_are_readable_by_the_owner_only(self, ring: KeyRing, directory: Path) -> None:
        assert directory.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}

    def test_there_is_a_root_key_and_one_named_after_the_day(self, directory: Path) -> None:
        with clock.frozen(dt.datetime(2025, 6, 1, tzinfo=dt.UTC)):
            ring = KeyRing.create(directory)
        assert ring.current.startswith("k20250601-")
        assert {path.name for path in directory.iterdir()} == {
            "root.key",
            f"{ring.current}.key",
        }

    def test_existing_keys_are_never_overwritten(self, ring: KeyRing, directory: Path) -> None:
        before = {path.name: path.read_bytes() for path in directory.iterdir()}
        with pytest.raises(KeysUnusable, match="already holds keys"):
            KeyRing.create(directory)
        assert {path.name: path.read_bytes() for path in directory.iterdir()} == before

    def test_the_same_keys_are_read_again(self, ring: KeyRing, directory: Path) -> None:
        wrapped = ring.wrap(DATA_KEY, "case/1")
        assert KeyRing.open(directory).unwrap(wrapped, "case/1") == DATA_KEY


class TestRefusingToStart:
    def test_a_missing_directory(self, directory: Path) -> None:
        with pytest.raises(KeysUnusable, match="there is no key directory"):
            KeyRing.open(directory)

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
    @pytest.mark.parametrize("which", ["root", "first"])
    def test_a_key_open_to_others(
        self, ring: KeyRing, directory: Path, mode: int, which: str
    ) -> None:
        name = "root" if which == "root" else ring.current
        (directory / f"{name}.key").chmod(mode)
        with pytest.raises(KeysUnusable, match=rf"{name}.key is open to other users; run: chmod"):
            KeyRing.open(directory)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_a_key_that_another_user_placed(self, ring: KeyRing, directory: Path) -> None:
        planted = directory / "k99991231-0000.key"
        write_key(planted)
        os.chown(planted, 12345, 12345)
        with pytest.raises(KeysUnusable, match="belongs to another user"):
            KeyRing.open(directory)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
    def test_a_directory_it_may_not_enter(self, ring: KeyRing, directory: Path) -> None:
        os.seteuid(23456)
        try:
            with pytest.raises(KeysUnusable, match="cannot be read"):
                KeyRing.open(directory)
        finally:
            os.seteuid(0)

    def test_no_root_key(self, ring: KeyRing, directory: Path) -> None:
        (directory / "root.key").unlink()
        with pytest.raises(KeysUnusable, match=r"has no root\.key"):
            KeyRing.open(directory)

    def test_no_other_key(self, ring: KeyRing, directory: Path) -> None:
        (directory / f"{ring.current}.key").unlink()
        with pytest.raises(KeysUnusable, match="has no key named"):
            KeyRing.open(directory)

    def test_a_key_with_a_strange_name(self, ring: KeyRing, directory: Path) -> None:
        write_key(directory / "backup.key")
        with pytest.raises(KeysUnusable, match="strange name: backup"):
            KeyRing.open(directory)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "does not hold 32 bytes"),
            (b"c2hvcnQ=", "does not hold 32 bytes"),
            (b"!!not base64!!", "is not base64"),
            (bytes(range(200, 232)), "is not base64"),
        ],
    )
    def test_a_damaged_key(
        self, ring: KeyRing, directory: Path, content: bytes, reason: str
    ) -> None:
        write_key(directory / "k99991231-0000.key", content)
        with pytest.raises(KeysUnusable, match=reason) as refused:
            KeyRing.open(directory)
        assert "k99991231-0000.key" in str(refused.value)

    def test_a_directory_in_the_place_of_a_key(self, ring: KeyRing, directory: Path) -> None:
        (directory / "k99991231-0000.key").mkdir()
        with pytest.raises(KeysUnusable, match="cannot be read"):
            KeyRing.open(directory)


class TestWrapping:
    def test_a_wrapped_key_moved_to_another_owner_is_refused(self, ring: KeyRing) -> None:
        with pytest.raises(Unreadable):
            ring.unwrap(ring.wrap(DATA_KEY, "case/1"), "case/2")

    def test_every_altered_byte_is_noticed(self, ring: KeyRing) -> None:
        wrapped = ring.wrap(DATA_KEY, "case/1")
        for where in range(len(wrapped)):
            altered = bytearray(wrapped)
            altered[where] ^= 1
            with pytest.raises(Unreadable):
                ring.unwrap(bytes(altered), "case/1")

    def test_the_ring_of_another_service_cannot_unwrap(self, ring: KeyRing, tmp_path: Path) -> None:
        other = KeyRing.create(tmp_path / "other")
        with pytest.raises(Unreadable):
            other.unwrap(ring.wrap(DATA_KEY, "case/1"), "case/1")


class TestRotation:
    def test_a_new_key_becomes_current_and_the_old_one_still_opens(self, ring: KeyRing) -> None:
        old, wrapped = ring.current, ring.wrap(DATA_KEY, "case/1")
        new = ring.add()
        assert (ring.current, ring.key_ids) == (new, [old, new])
        assert ring.unwrap(wrapped, "case/1") == DATA_KEY
        assert ring.wrapped_by(ring.wrap(DATA_KEY, "case/1")) == new

    def test_a_new_key_is_current_after_a_restart(self, ring: KeyRing, directory: Path) -> None:
        made = [ring.add() for _ in range(20)]
        assert KeyRing.open(directory).key_ids[1:] == made
        assert KeyRing.open(directory).current == made[-1]

    def test_a_clock_set_back_still_gives_the_newest_name(self, directory: Path) -> None:
        with clock.frozen(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)):
            ring = KeyRing.create(directory)
        with clock.frozen(dt.datetime(2025, 1, 1, tzinfo=dt.UTC)):
            assert ring.add() == ring.current

    def test_a_retired_key_is_gone_with_what_it_wrapped(
        self, ring: KeyRing, directory: Path
    ) -> None:
        old, wrapped = ring.current, ring.wrap(DATA_KEY, "case/1")
        ring.add()
        ring.retire(old)
        for holder in (ring, KeyRing.open(directory)):
            with pytest.raises(Unreadable):
                holder.unwrap(wrapped, "case/1")

    def test_the_current_key_cannot_be_retired(self, ring: KeyRing) -> None:
        with pytest.raises(KeysUnusable):
            ring.retire(ring.current)
        ring.wrap(DATA_KEY, "case/1")


class TestSecrets:
    def test_each_use_has_its_own_lasting_secret(self, ring: KeyRing, directory: Path) -> None:
        before = {name: ring.secret(name) for name in ("receipts", "forms", "outbox")}
        assert len(set(before.values())) == 3
        assert {len(secret) for secret in before.values()} == {32}
        first = ring.current
        ring.add()
        ring.retire(first)
        reopened = KeyRing.open(directory)
        assert {name: reopened.secret(name) for name in before} == before

    def test_nothing_secret_is_shown(self, ring: KeyRing) -> None:
        assert repr(ring) == f"KeyRing(current='{ring.current}', keys=1)"


class TestFollowing:
    def test_a_key_that_another_process_adds_is_current_here_too(
        self, ring: KeyRing, directory: Path
    ) -> None:
        running = KeyRing.open(directory)
        new = ring.add()
        assert running.current == new
        assert KeyRing.open(directory).unwrap(running.wrap(DATA_KEY, "case/1"), "case/1")
        assert running.unwrap(ring.wrap(DATA_KEY, "case/2"), "case/2") == DATA_KEY

    def test_a_directory_that_is_damaged_meanwhile_changes_nothing(
        self, ring: KeyRing, directory: Path
    ) -> None:
        wrapped = ring.wrap(DATA_KEY, "case/1")
        write_key(directory / "stranger.key")
        assert ring.unwrap(wrapped, "case/1") == DATA_KEY
        assert ring.unwrap(ring.wrap(DATA_KEY, "case/2"), "case/2") == DATA_KEY
