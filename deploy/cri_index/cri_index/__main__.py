"""The command `cri-index`."""

import fcntl
import os
from pathlib import Path
from typing import Annotated

import typer
from cri_shared.observe import configure_logs
from cri_shared.web import server

from cri_index import memory
from cri_index.server import create_app

MASTER_KEY = "CRI_INDEX_MASTER_KEY"

main = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@main.callback()
def _about() -> None:
    """A small local server for the part of the Meilisearch API that CRI uses."""


@main.command()
def serve(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on")] = 7700,
    data: Annotated[Path, typer.Option(help="directory of the index")] = Path("var/index"),
) -> None:
    """Serve until stopped; the master key is read from CRI_INDEX_MASTER_KEY."""
    memory.behave()
    configure_logs("index")
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise typer.BadParameter("another cri-index works in this directory") from None
        try:
            app = create_app(data, os.environ.get(MASTER_KEY, ""))
        except ValueError as refusal:
            raise typer.BadParameter(f"{MASTER_KEY}: {refusal}") from None
        server.serve(app, host=host, port=port)


if __name__ == "__main__":
    main()
