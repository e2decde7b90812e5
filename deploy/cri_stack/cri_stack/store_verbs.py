"""`cri migrate-store`: from the databases and the index of one machine to servers of their own."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from cri_stack.layout import Layout
from cri_stack.saying import VAR, Answer, Json, Var, told

To = Annotated[
    Path | None,
    typer.Option(help="databases: file of lines NAME=URL, such as secrets/operator.env"),
]
Index = Annotated[
    str | None,
    typer.Option(metavar="URL", help="the search index: address of a Meilisearch or cri-index"),
]
Replace = Annotated[
    bool, typer.Option("--replace", help="with --index: write anew what the index there holds")
]


def migrate_store(
    to: To = None,
    index: Index = None,
    replace: Replace = False,
    var: Var = VAR,
    as_json: Json = False,
) -> None:
    """Move to PostgreSQL (--to) or to another search index (--index), and compare what arrived.

    --to copies every SQLite database of a platform that is not up; the databases there must be
    empty, and the files stay as they are. --index fills an empty index while the platform is up or
    not, and compares one that is full; the index from before answers until the address is changed.
    """
    from cri_stack.moving import CannotMove
    from cri_stack.moving_index import NotTheSame
    from cri_stack.up import AlreadyRunning

    answer = Answer("migrate-store", as_json=as_json)
    layout = answer.platform(var)
    try:
        if to and not (index or replace):
            raise answer.end(_databases(layout, to, answer))
        if index and not to:
            raise answer.end(_index(layout, index, answer, anew=replace))
    except (AlreadyRunning, CannotMove) as refusal:
        raise answer.stop(str(refusal)) from None
    except OSError as trouble:
        raise answer.stop(told(trouble)) from None
    except NotTheSame as differs:
        raise answer.stop(str(differs), 1) from None
    raise answer.stop("Say what is to move: --to FILE or --index URL, which alone has --replace.")


def _databases(layout: Layout, to: Path, answer: Answer) -> dict[str, int]:
    from cri_stack.moving import move
    from cri_stack.up import alone

    lines = (line.partition("=") for line in to.read_text().splitlines() if "=" in line)
    targets = {name.strip(): url.strip() for name, _, url in lines}
    with alone(layout):
        moved = asyncio.run(move(layout, targets, answer.say))
    answer.show(f"Start everything with these settings now: {to}")
    return moved


def _index(layout: Layout, url: str, answer: Answer, *, anew: bool) -> dict[str, Any]:
    from cri_stack.moving_index import move_index

    url = url.rstrip("/")
    found = move_index(layout, url, answer.say, anew=anew)
    answer.show(f"{url} holds {found['found']['documents']} documents, those that are public.")
    if url != layout.environment()["CRI_INDEX_URL"]:
        answer.show(
            f"Start publishing and search with CRI_INDEX_URL={url} now. Say this again then: it"
            " tells what was published meanwhile, and `cri rebuild-index` takes that in."
        )
    return found
