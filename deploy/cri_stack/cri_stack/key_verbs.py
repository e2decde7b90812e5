"""`cri keys`: make, list and change the keys of a platform or of a deployment."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cri_stack.layout import SERVICES, Layout
from cri_stack.saying import VAR, Answer, Json, Var, stop, told

keys = typer.Typer(no_args_is_help=True, help="The keys of services, of NATS and of the index.")

Directory = Annotated[Path, typer.Argument(help="directory that holds the secrets, and only yours")]


@keys.command()
def make(
    directory: Directory,
    database: Annotated[
        str, typer.Option(help="host and port of PostgreSQL, as services reach it")
    ] = "postgres:5432",
    nats: Annotated[
        list[str] | None, typer.Option(help="host of a nats-server; may be given several times")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make every secret that services in containers need; what is there stays. Safe to repeat.

    `cri up` needs none of this. Repeated, it makes the certificate of NATS anew 60 days before it
    ends, or where the hosts changed.
    """
    from cri_shared.privacy.keys import KeysUnusable

    from cri_stack.deployment import Deployment

    answer = Answer("keys make", as_json=as_json)
    try:
        Deployment(directory, database, tuple(nats or ["nats"])).make()
    except (KeysUnusable, ValueError) as refusal:
        raise answer.stop(str(refusal)) from None
    except OSError as trouble:
        raise answer.stop(told(trouble)) from None
    answer.show(f"All secrets are in {directory}. Back it up, apart from the databases.")
    raise answer.end({"directory": str(directory)})


@keys.command()
def kubernetes(
    directory: Directory,
    namespace: Annotated[str, typer.Option(help="where the services run")] = "cri",
) -> None:
    """Print what `cri keys make` made as Secrets, for `kubectl apply -f -`."""
    from cri_stack.deployment import Deployment

    try:
        items = list(Deployment(directory).kubernetes(namespace))
    except OSError as missing:
        raise stop(f"{missing.filename}: not there; run `cri keys make` first.") from None
    typer.echo(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=2))


@keys.command()
def add(directory: Directory, service: str, as_json: Json = False) -> None:
    """Add a key to those of a service that `cri keys make` made; the first step of a rotation.

    Give it to the service, start that again, then `cri-<service> keys rotate` where it runs.
    """
    from cri_shared.privacy.keys import KeyRing, KeysUnusable

    answer = Answer("keys add", as_json=as_json)
    _check(service, answer)
    try:
        added = KeyRing.open(Layout(directory.resolve()).keys(service)).add()
    except KeysUnusable as refusal:
        raise answer.stop(str(refusal)) from None
    answer.show(f"{added} is made.")
    raise answer.end({"service": service, "key": added})


@keys.command("list")
def show(var: Var = VAR, as_json: Json = False) -> None:
    """Print the keys of each service, oldest first: their names, which tell their days."""
    from cri_shared.privacy.keys import KeyRing, KeysUnusable

    answer = Answer("keys list", as_json=as_json)
    layout = answer.platform(var)
    found: dict[str, list[str]] = {}
    for ring in ("identity", *SERVICES):
        try:
            found[ring] = list(KeyRing.open(layout.keys(ring)).key_ids)
        except KeysUnusable as refusal:
            raise answer.stop(str(refusal)) from None
    answer.show(*(f"{ring:<11} {'  '.join(ids)}" for ring, ids in found.items()))
    raise answer.end(found)


@keys.command()
def rotate(service: str, var: Var = VAR, as_json: Json = False) -> None:
    """Make a new key for a service, as `cri-<service> keys rotate` does."""
    from cri_stack.backups import run

    answer = Answer("keys rotate", as_json=as_json)
    _check(service, answer)
    done = run(answer.platform(var), service, ["keys", "rotate"], answer.say)
    said = None if done.status else {"service": service, "said": done.told}
    raise answer.end(said, done.status, done.why)


def _check(service: str, answer: Answer) -> None:
    if service not in SERVICES:
        raise answer.stop(f"{service} is none of {', '.join(SERVICES)}.")
