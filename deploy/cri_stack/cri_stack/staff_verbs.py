"""`cri staff`: who works at the consoles."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer

from cri_stack.saying import VAR, Answer, Beside, Json, Var

T = TypeVar("T")
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
    from cri_stack import staff

    answer = Answer("staff invite", as_json=as_json)
    layout = answer.platform(var)
    link = _done(answer, staff.invite(layout, email=email, name=name, roles=role))
    answer.show(link)
    raise answer.end({"link": link})


@people.command("list")
def list_staff(var: Var = VAR, as_json: Json = False) -> None:
    """Everybody with an account, and what each may do."""
    from cri_stack import staff

    answer = Answer("staff list", as_json=as_json)
    everybody = _done(answer, staff.everybody(answer.platform(var)))
    for name, email, roles, active in everybody:
        off = "" if active else "  (disabled)"
        answer.show(f"{name:<24} {email:<32} {', '.join(roles)}{off}")
    if not everybody:
        answer.show("Nobody has an account so far.")
    keys = ("name", "email", "roles", "active")
    raise answer.end([dict(zip(keys, person, strict=True)) for person in everybody])


@people.command()
def disable(email: str, var: Var = VAR, as_json: Json = False) -> None:
    """Shut a person out of every console, at once."""
    from cri_stack import staff

    answer = Answer("staff disable", as_json=as_json)
    _done(answer, staff.disable(answer.platform(var), email))
    answer.show(f"{email} can no longer sign in.")
    raise answer.end({"email": email, "active": False})


def _done(answer: Answer, asked: Coroutine[Any, Any, T]) -> T:
    """What was asked of the store of people; ends the verb where that cannot be."""
    from cri_shared.errors import Refusal
    from cri_shared.identity.refusals import StoreAway
    from cri_shared.observe import configure_logs
    from cri_shared.privacy.keys import KeysUnusable

    configure_logs("cri", stream=Beside())
    try:
        return asyncio.run(asked)
    except StoreAway:
        words = (
            "The database of people does not answer, or holds no tables: `cri prepare` makes them."
        )
        raise answer.stop(words) from None
    except Refusal as refusal:
        raise answer.stop(str(refusal)) from None
    except KeysUnusable as unusable:
        raise answer.stop(f"Keys are not usable: {unusable}") from None
