"""What somebody may do to a chain of audit entries: each returns the chain as it is then."""

import random
from collections.abc import Callable

from cri_shared.trail.walk import START, Entry, Head, Kind, Walk, mac_of

KEY = b"k" * 32
Chain = list[Entry]


def chain_of(length: int) -> Chain:
    """A chain of entries that were sealed one after the other."""
    before, made = START, []
    for number in range(1, length + 1):
        content = f"entry {number}".encode()
        before = mac_of(KEY, number, before, content)
        made.append(Entry(number, before, content, number))
    return made


def altered(chain: Chain, draw: random.Random) -> Chain:
    at = draw.randrange(len(chain))
    return [*chain[:at], chain[at]._replace(content=b"something else"), *chain[at + 1 :]]


def deleted(chain: Chain, draw: random.Random) -> Chain:
    """The entry is gone, its seal is there."""
    at = draw.randrange(len(chain))
    return [*chain[:at], chain[at]._replace(content=None), *chain[at + 1 :]]


def taken_out(chain: Chain, draw: random.Random) -> Chain:
    """Entry and seal are gone."""
    at = draw.randrange(len(chain) - 1)
    return [*chain[:at], *chain[at + 1 :]]


def closed_up(chain: Chain, draw: random.Random) -> Chain:
    """Entry and seal are gone, and those behind moved up by one number."""
    at = draw.randrange(len(chain) - 1)
    behind = [entry._replace(number=entry.number - 1) for entry in chain[at + 1 :]]
    return [*chain[:at], *behind]


def swapped(chain: Chain, draw: random.Random) -> Chain:
    """Two entries stand in each other's place."""
    one, other = sorted(draw.sample(range(len(chain)), 2))
    made = list(chain)
    made[one] = chain[one]._replace(content=chain[other].content)
    made[other] = chain[other]._replace(content=chain[one].content)
    return made


def cut(chain: Chain, draw: random.Random) -> Chain:
    """The end is gone."""
    return chain[: draw.randrange(len(chain))]


def inserted(chain: Chain, draw: random.Random) -> Chain:
    """An entry of somebody without the key, with a mac of their own."""
    at = draw.randrange(len(chain))
    forged = Entry(at + 1, mac_of(b"x" * 32, at + 1, START, b"forged"), b"forged", 0)
    behind = [entry._replace(number=entry.number + 1) for entry in chain[at:]]
    return [*chain[:at], forged, *behind]


def written_anew(chain: Chain, draw: random.Random) -> Chain:
    """All of it again, by somebody who has the key, without one entry."""
    at = draw.randrange(len(chain))
    before, made = START, []
    for number, entry in enumerate([*chain[:at], *chain[at + 1 :]], 1):
        before = mac_of(KEY, number, before, entry.content or b"")
        made.append(entry._replace(number=number, mac=before))
    return made


TAMPERINGS: dict[Callable[[Chain, random.Random], Chain], frozenset[Kind]] = {
    altered: frozenset({Kind.ALTERED}),
    deleted: frozenset({Kind.MISSING}),
    taken_out: frozenset({Kind.MISSING}),
    closed_up: frozenset({Kind.ALTERED, Kind.MOVED, Kind.CUT, Kind.REPLACED}),
    swapped: frozenset({Kind.MOVED}),
    cut: frozenset({Kind.CUT}),
    inserted: frozenset({Kind.ALTERED, Kind.MOVED, Kind.REPLACED}),
    written_anew: frozenset({Kind.CUT, Kind.REPLACED}),
}


def kinds_found(chain: Chain, head: Head | None = None) -> set[Kind]:
    """What going along a chain names."""
    walk = Walk(KEY)
    walk.expect([head] if head else [])
    for entry in chain:
        walk.take(entry)
    return {one.kind for one in walk.end()}


def head_of(chain: Chain) -> Head:
    """What another service kept of it."""
    return Head("intake", "2026-11-25", chain[-1].number, chain[-1].mac, "research")
