"""`cri migrate-store`: from the databases of one machine to PostgreSQL."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cri_stack.layout import Layout
from cri_stack.saying import VAR, Answer, Json, Var


def migrate_store(
    to: Annotated[Path, typer.Option(help="file of lines NAME=URL, such as secrets/operator.env")],
    var: Var = VAR,
    as_json: Json = False,
) -> None:
    """Copy every SQLite database of a platform that is not up to PostgreSQL, and compare.

    The databases there must be empty. The SQLite files stay as they are.
    """
    from cri_stack.moving import CannotMove, move
    from cri_stack.up import AlreadyRunning, alone

    answer, layout = Answer("migrate-store", as_json=as_json), Layout.found(var)
    try:
        lines = (line.partition("=") for line in to.read_text().splitlines() if "=" in line)
        targets = {name.strip(): url.strip() for name, _, url in lines}
        with alone(layout):
            moved = asyncio.run(move(layout, targets, answer.say))
    except (AlreadyRunning, CannotMove, OSError) as refusal:
        raise answer.stop(str(refusal)) from None
    answer.show(f"Start everything with these settings now: {to}")
    raise answer.end(moved)
