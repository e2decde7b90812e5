"""Whether what somebody does to an audit trail is found, and given its name."""

import random
from collections import Counter
from functools import cache

from tests.bench.report import Row
from tests.shared.tampering import TAMPERINGS, chain_of, cut, head_of, kinds_found

TRIES = 3000


@cache
def _tried() -> tuple[Counter[str], Counter[str]]:
    """(tries, finds) of each way to tamper, on chains of 2 to 40 entries."""
    draw = random.Random(20261126)
    tried, found = Counter[str](), Counter[str]()
    for number in range(TRIES):
        tamper = list(TAMPERINGS)[number % len(TAMPERINGS)]
        chain = chain_of(draw.randrange(2, 41))
        kinds = kinds_found(tamper(chain, draw), head_of(chain))
        tried[tamper.__name__] += 1
        found[tamper.__name__] += bool(kinds & TAMPERINGS[tamper])
    return tried, found


def measure() -> list[Row]:
    """How many tamperings were found, of how many, and how many whole trails were called wrong."""
    tried, found = _tried()
    named = ", ".join(f"{name} {found[name]}/{tried[name]}" for name in sorted(tried))
    missed = tried.total() - found.total()
    alarms = sum(bool(kinds_found(chain_of(n), head_of(chain_of(n)))) for n in range(1, 41))
    blind = bool(kinds_found(cut(chain_of(9), random.Random(1))))
    return [
        Row("tamperings tried", tried.total(), ""),
        Row("tamperings found", found.total(), "", note=named),
        Row("tamperings that were missed", missed, "", 0.0),
        Row("whole trails that were called wrong", alarms, "", 0.0),
        Row(
            "cut ends found without the heads of others",
            float(blind),
            "",
            note="none can be: that is why other services keep the heads",
        ),
    ]


def missed() -> list[str]:
    """The ways to tamper that were not always found."""
    tried, found = _tried()
    return [name for name in tried if found[name] < tried[name]]
