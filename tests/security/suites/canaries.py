"""Canaries in every restricted field of a platform on which the demo was played: where they lie."""

from tests.bench.report import Row
from tests.security.platform import played
from tests.security.sweep.sweeping import Sweep, sweep


def measure() -> list[Row]:
    """Plant on a platform on which the demo was played, and search all that it holds and shows."""
    return rows(sweep(played()))


def rows(done: Sweep) -> list[Row]:
    """The figures of a sweep."""
    fields = len(done.stage.aviary.fields)
    megabytes = round(done.bytes / 1_000_000)
    kept = len(done.stage.seen)
    places = f"{len(done.pieces)} kinds of places, {megabytes} MB"
    wrong = "; ".join(done.found[:3])
    return [
        Row("canaries planted", len(done.planted), "", note=f"in {fields} fields"),
        Row("of them kept, and read by whoever may", kept, ""),
        Row(
            "files, rows, messages, mails and pages searched", done.pieces.total(), "", note=places
        ),
        Row("canaries found where they must not be", len(done.found), "", 0, note=wrong),
        Row("answers that repeat what they refuse", len(done.echoed), "", 0),
        Row("kinds of places that show the public word", len(done.witnessed), ""),
    ]


def missed() -> list[str]:
    """Nothing is held back: `measure` names what it finds."""
    return []
