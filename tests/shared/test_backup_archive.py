"""The file of a backup: what comes out is what went in, or nothing does."""

import io
import json
import os
import subprocess
import tarfile
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from cri_shared.backup import BackupFailed, BackupRefused, age
from cri_shared.backup.age import Unopened
from cri_shared.backup.archive import PART_BYTES, Manifest, Member, Unpacking, pack
from cri_shared.backup.files import draft
from cri_shared.backup.trouble import told

from tests.shared.small_disk import files_of_at_most

SECRET = b"of the key files"
PRIVATE, RECIPIENT = age.new_key()
KEYS = age.keys_of(PRIVATE)
MANIFEST = Manifest(
    owner="intake",
    part="data",
    made_at="2026-11-26T06:00:00+00:00",
    software="0.1.0",
    database="sqlite",
    server="3.45",
    revision="abc",
    rows={"cases": 3},
)


def sealed(members: list[Member], secret: bytes = SECRET) -> bytes:
    out = io.BytesIO()
    age.encrypt(pack(MANIFEST, members, secret), out, age.recipients_of(RECIPIENT))
    return out.getvalue()


def opened(data: bytes, secret: bytes = SECRET) -> dict[str, bytes]:
    """What a backup holds, member by member."""
    found: dict[str, bytes] = {}

    def take(member: str, part: bytes) -> None:
        found[member] = found.get(member, b"") + part

    unpacking = Unpacking(lambda _manifest: None, take)
    age.decrypt(io.BytesIO(data), KEYS, unpacking.write)
    assert unpacking.end(secret) == MANIFEST
    return found


@pytest.mark.parametrize("size", [0, 1, 511, 512, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1])
def test_every_size_comes_back(size: int) -> None:
    content = os.urandom(size)
    pieces = [content[: size // 3], content[size // 3 :]]
    members = [Member("database", pieces), Member("files/root.key", [b"k"])]
    assert opened(sealed(members)) == {"database": content, "files/root.key": b"k"}


def small() -> bytes:
    return sealed([Member("database", [os.urandom(150_000)])])


def test_it_is_refused_with_one_bit_changed_in_any_region() -> None:
    good = small()
    assert len(opened(good)["database"]) == 150_000
    places = {*range(0, 400, 7), *range(400, len(good), 1499), len(good) - 1}
    for place in sorted(places):
        bad = bytearray(good)
        bad[place] ^= 1
        with pytest.raises(Unopened):
            opened(bytes(bad))


def test_it_is_refused_cut_off_at_any_length_or_with_something_behind() -> None:
    good = small()
    chunks = range(len(good) % (65536 + 16), len(good), 65536 + 16)  # where age's pieces may end
    for length in {*range(0, 400, 9), *range(400, len(good), 2999), *chunks, len(good) - 1}:
        with pytest.raises(Unopened):
            opened(good[:length])
    with pytest.raises(Unopened):
        opened(good + b"x")


def test_pieces_in_another_order_are_refused() -> None:
    good = small()
    begin = len(good) - 150_000
    piece = 65536 + 16
    swapped = good[:begin] + good[begin + piece : begin + 2 * piece] + good[begin : begin + piece]
    with pytest.raises(Unopened):
        opened(swapped + good[begin + 2 * piece :])


def test_whoever_knows_the_recipient_alone_cannot_make_one() -> None:
    forged = sealed([Member("database", [b"mine"])], secret=b"guessed")
    with pytest.raises(Unopened, match="other key files"):
        opened(forged)


def test_another_key_does_not_open_it() -> None:
    other = age.keys_of(age.new_key()[0])
    with pytest.raises(Unopened, match="not made for this key"):
        age.decrypt(io.BytesIO(small()), other, lambda _data: None)


def test_a_valid_file_of_something_else_is_no_backup() -> None:
    for content in (b"", b"hello", zlib.compress(b"hello"), os.urandom(5000)):
        with pytest.raises(Unopened):
            opened(pyrage.encrypt(content, age.recipients_of(RECIPIENT)))


def test_a_form_of_another_release_is_named() -> None:
    gzip = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    head = json.dumps({"format": 2, "something": "new"}).encode()
    about = tarfile.TarInfo("manifest.json")
    about.size = len(head)
    tar = about.tobuf() + head.ljust(512, b"\0") + bytes(1024)
    with pytest.raises(Unopened, match="another release"):
        opened(pyrage.encrypt(gzip.compress(tar) + gzip.flush(), age.recipients_of(RECIPIENT)))


def test_gzip_and_tar_alone_open_what_age_gives() -> None:
    content = os.urandom(PART_BYTES + 5)
    plain = pyrage.decrypt(sealed([Member("database", [content])]), KEYS)
    listed = subprocess.run(["tar", "tz"], input=plain, capture_output=True, check=True).stdout
    assert listed.split() == [
        *(b"manifest.json", b"database/000000", b"database/000001", b"digests.json")
    ]
    cat = ["tar", "xz", "--to-stdout", "--wildcards", "database/*"]
    assert subprocess.run(cat, input=plain, capture_output=True, check=True).stdout == content


def test_memory_stays_bounded_for_a_large_database() -> None:
    size = 8 * PART_BYTES
    piece = os.urandom(1 << 20)

    def pieces() -> Iterator[bytes]:
        for _ in range(size // len(piece)):
            yield piece

    tracemalloc.start()
    try:
        sealing = pack(MANIFEST, [Member("database", pieces())], SECRET)
        counted = sum(map(len, sealing))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert counted > size * 0.9
    assert most < 5 * PART_BYTES


def test_a_bomb_is_read_in_small_pieces() -> None:
    gzip = zlib.compressobj(level=9, wbits=16 + zlib.MAX_WBITS)
    bomb = gzip.compress(bytes(512)) + b"".join(gzip.compress(bytes(1 << 20)) for _ in range(200))
    unpacking = Unpacking(lambda _manifest: None, lambda _member, _part: None)
    tracemalloc.start()
    try:
        with pytest.raises(Unopened):
            unpacking.write(bomb)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 8 * PART_BYTES


def test_a_full_disk_leaves_no_half_of_a_backup(tmp_path: Path) -> None:
    members = [Member("database", [os.urandom(1 << 20)])]
    with (
        pytest.raises(BackupFailed, match="is full"),
        files_of_at_most(100_000),
        told(tmp_path),
        draft(tmp_path / ".intake.new") as file,
    ):
        age.encrypt(pack(MANIFEST, members, SECRET), file, age.recipients_of(RECIPIENT))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("given", ["", " , ", "age1xyz", "its own key", "someone@example.org"])
def test_what_is_no_recipient_is_refused_without_quoting_it(given: str) -> None:
    given = PRIVATE if given == "its own key" else given
    with pytest.raises(BackupRefused) as refused:
        age.recipients_of(given)
    assert "CRI_BACKUP_RECIPIENTS" in str(refused.value)
    assert PRIVATE not in str(refused.value)


@pytest.mark.parametrize("given", ["", "# only a comment", "a recipient", "AGE-SECRET-KEY-1ABC"])
def test_what_is_no_key_is_refused_without_quoting_it(given: str) -> None:
    given = RECIPIENT if given == "a recipient" else given
    with pytest.raises(BackupRefused, match="holds no private key"):
        age.keys_of(given)


def test_a_key_file_of_age_keygen_is_understood() -> None:
    written = f"# created: 2026-11-26\n# public key: {RECIPIENT}\n{PRIVATE}\n"
    age.decrypt(io.BytesIO(small()), age.keys_of(written), lambda _data: None)
