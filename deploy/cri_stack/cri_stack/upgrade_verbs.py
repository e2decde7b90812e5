"""`cri upgrade`: plan, migrate and roll on one machine, and the commands elsewhere."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cri_stack.saying import VAR, Answer, Json, Var

if TYPE_CHECKING:
    from cri_stack.planning import Plan, ServicePlan, StorePlan

upgrade = typer.Typer(
    no_args_is_help=True, help="To the installed release, one service after another."
)


@upgrade.command()
def plan(var: Var = VAR, as_json: Json = False) -> None:
    """Say what runs, what is installed, which migrations are to come, and what restarts."""
    from cri_stack.planning import StoreAway, plan_of

    answer = Answer("upgrade plan", as_json=as_json)
    try:
        found = plan_of(answer.platform(var))
    except StoreAway as away:
        raise answer.stop(str(away)) from None
    answer.show(*_lines(found))
    raise answer.end(asdict(found))


@upgrade.command()
def migrate(var: Var = VAR, as_json: Json = False) -> None:
    """Bring every database as far as the processes that run allow; safe to repeat.

    What takes something away waits while a process of an older release is there. Exit status 75:
    somebody held the tables all the time; that database is as it was, and this may be tried again.
    """
    from cri_shared.db.patience import EXIT_STATUS, MigrationBlocked
    from sqlalchemy.exc import SQLAlchemyError

    from cri_stack.migrating import migrate_all

    answer = Answer("upgrade migrate", as_json=as_json)
    try:
        done = migrate_all(answer.platform(var), answer.say)
    except ValueError as wrong:
        raise answer.stop(str(wrong)) from None
    except MigrationBlocked as blocked:
        raise answer.stop(str(blocked), EXIT_STATUS) from None
    except (SQLAlchemyError, OSError) as away:
        raise answer.stop(f"A database does not answer ({type(away).__name__}).") from None
    raise answer.end([asdict(one) for one in done])


@upgrade.command()
def roll(
    var: Var = VAR,
    wait: Annotated[
        float, typer.Option(min=1, help="seconds in which a service must be ready again")
    ] = 120,
    as_json: Json = False,
) -> None:
    """Restart what runs an older release under `cri up`, one service after another.

    Each is waited for until it is ready and has taken in what waited for it. Then streams are
    provisioned, and migrations done that waited for the end of the older release. Exit status 1:
    one did not come up, and those after it were left alone; run it again to go on.
    """
    from cri_stack.finishing import finish
    from cri_stack.planning import StoreAway
    from cri_stack.rolling import CannotRoll, DidNotComeUp
    from cri_stack.rolling import roll as restart

    answer = Answer("upgrade roll", as_json=as_json)
    layout = answer.platform(var)
    try:
        rolled = restart(layout, answer.say, wait)
        finish(layout, answer.say)
    except (CannotRoll, StoreAway) as refusal:
        raise answer.stop(str(refusal)) from None
    except DidNotComeUp as trouble:
        raise answer.stop(str(trouble), 1) from None
    raise answer.end([asdict(one) for one in rolled])


@upgrade.command()
def guide(
    where: Annotated[str, typer.Argument(metavar="compose|kubernetes|systemd")],
    as_json: Json = False,
) -> None:
    """Print the commands of an upgrade where `cri up` does not look after the services."""
    from cri_stack.guide import COMMANDS

    answer = Answer("upgrade guide", as_json=as_json)
    if where not in COMMANDS:
        raise answer.stop(f"There is a guide for {', '.join(COMMANDS)}, and none for {where}.")
    answer.show(*COMMANDS[where])
    raise answer.end(list(COMMANDS[where]))


def _lines(found: "Plan") -> Iterator[str]:
    yield f"{'service':<11} {'runs':<20} {'installed':<20} {'then':<9} backup"
    yield from map(_service, found.services)
    yield ""
    yield from map(_store, found.stores)
    if found.restarts_itself:
        yield ""
        yield (
            f"`cri up` itself runs {found.itself}: Ctrl-C and `cri up` brings it, NATS and the "
            f"index to {found.itself_installed}. Services need not wait for that."
        )


def _service(one: "ServicePlan") -> str:
    runs = ", ".join(one.running) or "not running"
    then = "restarts" if one.restarts else "stays"
    backup = "none" if one.backup_hours is None else f"{one.backup_hours} hours old"
    warning = "" if one.backup_is_recent else ": make one first (cri backup)"
    return f"{one.service:<11} {runs:<20} {one.installed:<20} {then:<9} {backup}{warning}"


def _store(one: "StorePlan") -> str:
    if one.is_newer:
        return f"{one.store:<11} was migrated by a newer release, and stays as it is"
    if not one.steps:
        return f"{one.store:<11} no migration is to come"
    steps = (
        f"{step.revision} ({step.phase})"
        + (f" waits for the end of {', '.join(step.waits_for)}" if step.waits_for else "")
        for step in one.steps
    )
    return f"{one.store:<11} to come: {'; '.join(steps)}"
