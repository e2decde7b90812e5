"""The event catalogue in Markdown: `python -m cri_shared.events.catalogue [--check]`.

Writes `EVENTS.md` of every service and of shared/, in the repository at the current directory.
With --check it changes nothing, prints every page that is out of date, and exits with 1.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from cri_shared.events.base import SERVICES, Event
from cri_shared.events.headers import Headers
from cri_shared.events.shapes import heard_by, parts_of, published_by, schemas, shape_of
from cri_shared.events.wording import fields_table, table
from cri_shared.made import settle

_GOLDEN = Path("tests/contracts/golden")
_MADE = "Made from the code by `make catalogue`."
_CHANGES = """\
Within a version a contract only gains optional fields, and whoever reads one ignores the fields
that it does not know. Anything else makes a new version beside the old one, under a subject that
ends in `.v2`. That takes three releases, so services may be upgraded one at a time, in any order:

1. v2 is declared with the hearers of v1. Each of them reads both, with the same effect.
2. The producer publishes v2 in place of v1. Every fact is published once, so no effect happens
   twice; each subject keeps its numbers and its seals, and `cri-after` keeps the order across both.
3. At least 45 days later v1 goes, with its golden sample and its schema. By then no stream, outbox
   or inbox holds one; dead letters of v1 must have been handled or dropped.

With each release `python -m tests.contracts.released` takes in what grew. The contract tests prove
that this release reads all that the one before may write, and the other way round."""


def pages(root: Path) -> Iterator[tuple[Path, str]]:
    """Each page of the catalogue, by its file under `root`.

    Raises `FileNotFoundError` where an event has no golden sample there.
    """
    yield root / "shared" / "EVENTS.md", _text(_common())
    for service in SERVICES:
        yield root / "services" / service / "EVENTS.md", _text(_page(root, service))


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _common() -> Iterator[str]:
    yield from ("# Events of CRI", "")
    yield f"{_MADE} An event is a fact with all that its hearers need: a JSON object on NATS."
    yield "The page of a service tells the fields of what it publishes."
    yield from ("", "## Who tells whom", "")
    events = [event for service in SERVICES for event in published_by(service)]
    yield from table(
        ("event", "subject", "heard by"),
        (
            (_link(event, f"../services/{event.producer}/"), f"`{event.subject}`", _hearers(event))
            for event in events
        ),
    )
    yield from ("", "## Headers", "")
    yield "CloudEvents 1.0 in binary mode. A header that is not needed is left out, never empty."
    yield ""
    yield from fields_table(schemas([Headers], "")[Headers.__name__], {})
    yield from ("", "## Classes", "")
    yield "Every field says how secret it is: C0 public, C1 internal (ids, states, days), C2"
    yield "sensitive (released questions and their answers). What tells who asked is in no event."
    yield from ("", "## How a contract changes", "", _CHANGES)


def _page(root: Path, service: str) -> Iterator[str]:
    published = published_by(service)
    yield from (f"# Events of {service}", "")
    yield f"{_MADE} Headers, classes, and how a contract changes:"
    yield "[events of CRI](../../shared/EVENTS.md)."
    yield from ("", "## Publishes", "")
    yield from table(
        ("event", "when", "heard by"),
        ((_link(event), _doc(event), _hearers(event)) for event in published),
    )
    yield from ("", "## Hears", "")
    yield from table(
        ("event", "when", "published by"),
        (
            (_link(event, f"../{event.producer}/"), _doc(event), event.producer)
            for event in heard_by(service)
        ),
    )
    yield from ("", "## What they carry")
    for event in published:
        yield from _event(root, event)
    parts = sorted({part for e in published for part in parts_of(e)}, key=lambda p: p.__name__)
    for part in parts:
        yield from ("", f"### {part.__name__}", "", _doc(part), "", *_fields(part))


def _event(root: Path, event: type[Event]) -> Iterator[str]:
    yield from ("", f"### {event.__name__}", "")
    yield f"`{event.subject}`, in order for each `{event.about}`. {_doc(event)}"
    yield from ("", *_fields(shape_of(event)), "")
    yield from ("<details><summary>A sample</summary>", "", "```json")
    yield (root / _GOLDEN / f"{event.subject}.json").read_text().rstrip()
    yield from ("```", "", "</details>")


def _fields(model: type[BaseModel]) -> list[str]:
    found = schemas([model], "")
    return fields_table(found[model.__name__], found)


def _link(event: type[Event], folder: str = "") -> str:
    page = f"{folder}EVENTS.md" if folder else ""
    return f"[{event.__name__}]({page}#{event.__name__.lower()})"


def _doc(model: type[BaseModel]) -> str:
    return " ".join(inspect.cleandoc(model.__doc__ or "").split())


def _hearers(event: type[Event]) -> str:
    return ", ".join(event.heard_by)


def main(arguments: list[str]) -> int:
    """Write or check every page; 2 where the current directory is not the repository."""
    try:
        made = list(pages(Path()))
    except FileNotFoundError as missing:
        sys.stderr.write(f"{missing.filename} is missing\n")
        return 2
    return settle(made, arguments, "make catalogue")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
