"""What lies inside a backup: a gzipped tar, so that age, tar and cat alone can open it.

`manifest.json` comes first and says what it is. Each member follows in parts of a few megabytes
(`database/000000`, `database/000001`, ...). `digests.json` comes last: size and SHA-256 of each
member, and a mac of all that under a secret of the key files, because age lets anybody who knows
a recipient write a file for it.
"""

import hashlib
import hmac
import json
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from cri_shared.backup.age import DAMAGED, Unopened

FORMAT = 1
PART_BYTES = 4 << 20
MANIFEST, DIGESTS = "manifest.json", "digests.json"
_MOST_MEMBERS = 1000  # whoever knows a recipient may write a file that holds more
_BLOCK = tarfile.BLOCKSIZE
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Manifest:
    """What a backup is: whose, which part, of when, from what, and how many rows of each table.

    `revision` is that of the tables' migrations, where they have any; `made_at` is in ISO 8601.
    """

    owner: str
    part: str
    made_at: str
    software: str
    database: str
    server: str
    revision: str | None
    rows: dict[str, int]
    format: int = FORMAT


class Member(NamedTuple):
    """One thing in a backup and its bytes, in pieces of any size."""

    name: str
    pieces: Iterable[bytes]


@dataclass
class _Sum:
    size: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self.sha256.update(data)


def pack(manifest: Manifest, members: Iterable[Member], secret: bytes) -> Iterator[bytes]:
    """The bytes of a backup, before encryption."""
    gzip = zlib.compressobj(level=1, wbits=_GZIP)
    for block in _tar(manifest, members, secret):
        if squeezed := gzip.compress(block):
            yield squeezed
    yield gzip.flush()


def _tar(manifest: Manifest, members: Iterable[Member], secret: bytes) -> Iterator[bytes]:
    head = json.dumps(asdict(manifest)).encode()
    yield from _file(MANIFEST, head)
    sums: dict[str, _Sum] = {}
    for member in members:
        so_far = sums[member.name] = _Sum()
        for number, part in enumerate(_parts(member.pieces)):
            so_far.add(part)
            yield from _file(f"{member.name}/{number:06}", part)
    digests = {name: [one.size, one.sha256.hexdigest()] for name, one in sums.items()}
    mac = _mac(secret, head, digests)
    yield from _file(DIGESTS, json.dumps({"members": digests, "mac": mac}).encode())
    yield bytes(2 * _BLOCK)


def _file(name: str, data: bytes) -> Iterator[bytes]:
    about = tarfile.TarInfo(name)
    about.size, about.mode = len(data), 0o600
    yield about.tobuf(tarfile.USTAR_FORMAT)
    yield data
    yield bytes(-len(data) % _BLOCK)


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of one size, the last of which may be smaller."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= PART_BYTES:
            yield bytes(held[:PART_BYTES])
            del held[:PART_BYTES]
    yield bytes(held)


def _mac(secret: bytes, head: bytes, digests: dict[str, list[Any]]) -> str:
    told = head + b"\n" + json.dumps(digests, sort_keys=True).encode()
    return hmac.digest(secret, told, "sha256").hex()


class Unpacking:
    """Takes a backup's bytes as they come, and hands on each part of each member.

    Nothing that was handed on may be believed before `end` says that all of it is whole.
    `begin` is told the manifest first, and may raise.
    """

    def __init__(
        self, begin: Callable[[Manifest], None], take: Callable[[str, bytes], None]
    ) -> None:
        self._begin, self._take = begin, take
        self._gzip = zlib.decompressobj(wbits=_GZIP)
        self._held = bytearray()
        self._head = b""
        self._sums: dict[str, _Sum] = {}
        self._told: dict[str, Any] | None = None
        self.manifest: Manifest | None = None

    def write(self, data: bytes) -> None:
        """The next bytes; raises `Unopened`, and what `begin` and `take` raise."""
        try:
            while data:
                self._held += self._gzip.decompress(data, PART_BYTES)
                data = self._gzip.unconsumed_tail
                self._advance()
        except (zlib.error, tarfile.HeaderError, ValueError, TypeError, KeyError):
            raise Unopened(DAMAGED) from None

    def end(self, secret: bytes) -> Manifest:
        """What it was, once every digest and the mac are right; raises `Unopened`."""
        if self.manifest is None or self._told is None or not self._gzip.eof:
            raise Unopened(DAMAGED)
        mac = _mac(secret, self._head, self._told["members"])
        if not hmac.compare_digest(mac, str(self._told["mac"])):
            raise Unopened("it was made with other key files")
        found = {name: [one.size, one.sha256.hexdigest()] for name, one in self._sums.items()}
        if found != self._told["members"]:
            raise Unopened(DAMAGED)
        return self.manifest

    def _advance(self) -> None:
        while len(self._held) >= _BLOCK and self._told is None:
            about = tarfile.TarInfo.frombuf(bytes(self._held[:_BLOCK]), "ascii", "strict")
            if about.size > PART_BYTES:
                raise Unopened(DAMAGED)
            if len(self._held) < _BLOCK + about.size + -about.size % _BLOCK:
                return
            data = bytes(self._held[_BLOCK : _BLOCK + about.size])
            del self._held[: _BLOCK + about.size + -about.size % _BLOCK]
            self._file(about.name, data)

    def _file(self, name: str, data: bytes) -> None:
        if self.manifest is None:
            told = json.loads(data)
            if told["format"] != FORMAT:
                raise Unopened("another release of CRI made it, in a form that is not known here")
            self._head, self.manifest = data, Manifest(**told)
            self._begin(self.manifest)
        elif name == DIGESTS:
            self._told = json.loads(data)
        else:
            member = name.rpartition("/")[0]
            if len(self._sums) >= _MOST_MEMBERS:
                raise Unopened(DAMAGED)
            self._sums.setdefault(member, _Sum()).add(data)
            self._take(member, data)
