"""A set of words that takes no memory of a process: eight bytes of a file for each word."""

import mmap
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable


class Packed:
    """The words of a packed list, to ask whether one is among them.

    A word is known by 64 bits of its hash: of 10^13 words that are on no list, one seems to be.
    """

    def __init__(self, name: str) -> None:
        with as_file(file_of(name)) as file, file.open("rb") as opened:
            mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        self._hashes = memoryview(mapped).cast("Q")

    def __contains__(self, word: str) -> bool:
        sought = _hash(word)
        at = bisect_left(self._hashes, sought)
        return at < len(self._hashes) and self._hashes[at] == sought


def file_of(name: str) -> Traversable:
    """Where a list is packed."""
    return files(__package__).joinpath(f"data/{name}.hashes")


def packed(words: Iterable[str]) -> bytes:
    """What a list's file holds: the hashes in order, in the byte order of x86 and ARM."""
    return array("Q", sorted(map(_hash, set(words)))).tobytes()


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(errors="surrogatepass"), digest_size=8).digest())
