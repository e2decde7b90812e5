"""`cri staff`: who works at the consoles."""

import asyncio
from typing import Annotated

import typer

from cri_stack.layout import Layout
from cri_stack.saying import VAR, Answer, Json, Var

people = typer.Typer(no_args_is_help=True, help="Who works at the consoles.")


@people.command()
def invite(
    role: Annotated[list[str], typer.Option(help="may be given several times")],
    name: Annotated[str, typer.Option(help="as colleagues will read it")],
    email: Annotated[str, typer.Option(help="with which the person signs in")],
    var: Var = VAR,
    as_json: Json = False,
) -> None:
    """Print a link, good once and for a day, with which a person becomes staff."""
    from cri_shared.errors import Refusal

    from cri_stack import staff

    answer = Answer("staff invite", as_json=as_json)
    try:
        link = asyncio.run(staff.invite(Layout.found(var), email=email, name=name, roles=role))
    except Refusal as refusal:
        raise answer.stop(str(refusal)) from None
    answer.show(link)
    raise answer.end({"link": link})


@people.command("list")
def list_staff(var: Var = VAR, as_json: Json = False) -> None:
    """Everybody with an account, and what each may do."""
    from cri_stack import staff

    answer = Answer("staff list", as_json=as_json)
    everybody = asyncio.run(staff.everybody(Layout.found(var)))
    for name, email, roles, active in everybody:
        off = "" if active else "  (disabled)"
        answer.show(f"{name:<24} {email:<32} {', '.join(roles)}{off}")
    keys = ("name", "email", "roles", "active")
    raise answer.end([dict(zip(keys, person, strict=True)) for person in everybody])


@people.command()
def disable(email: str, var: Var = VAR, as_json: Json = False) -> None:
    """Shut a person out of every console, at once."""
    from cri_shared.errors import Refusal

    from cri_stack import staff

    answer = Answer("staff disable", as_json=as_json)
    try:
        asyncio.run(staff.disable(Layout.found(var), email))
    except Refusal as refusal:
        raise answer.stop(str(refusal)) from None
    answer.show(f"{email} can no longer sign in.")
    raise answer.end({"email": email, "active": False})
