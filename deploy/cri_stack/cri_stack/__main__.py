"""The command `cri`; what a verb needs is imported when it runs, so that each starts at once."""

import datetime as dt
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cri_stack.backup_verbs import add_backup_verbs
from cri_stack.key_verbs import keys
from cri_stack.layout import Layout, LayoutUnusable
from cri_stack.saying import VAR, Answer, Json, Var, mutter, say, stop, told
from cri_stack.staff_verbs import people
from cri_stack.store_verbs import migrate_store
from cri_stack.upgrade_verbs import upgrade

command = typer.Typer(
    name="cri", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
command.add_typer(people, name="staff")
command.add_typer(keys, name="keys")
command.add_typer(upgrade, name="upgrade")

PortBase = Annotated[
    int | None,
    typer.Option(min=1024, max=65528, help="use the eight ports from here on"),
]
DEMO_VAR = Path("var/demo")


@command.callback()
def begin() -> None:
    """Run and operate the whole platform on one machine."""
    os.umask(0o077)  # the files that a verb makes are nobody else's


@command.command()
def up(
    var: Var = VAR,
    port_base: PortBase = None,
    demo: Annotated[bool, typer.Option("--demo", help="let a file move the clock")] = False,
) -> None:
    """Run everything as processes of this machine until Ctrl-C."""
    from cri_stack.logs import LogsUnusable
    from cri_stack.ports import PortTaken
    from cri_stack.up import AlreadyRunning
    from cri_stack.up import up as run

    try:
        status = run(Layout.of(var, port_base=port_base, demo=demo), say)
    except (PortTaken, AlreadyRunning, LogsUnusable) as refusal:
        raise stop(str(refusal)) from None
    except OSError as trouble:
        raise stop(told(trouble)) from None
    raise typer.Exit(status)


@command.command()
def demo(
    var: Var = DEMO_VAR,
    port_base: PortBase = None,
    leave: Annotated[bool, typer.Option("--exit", help="check everything and leave")] = False,
    twice: Annotated[bool, typer.Option("--twice", help="send every form twice")] = False,
    today: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="as if it were this day")
    ] = None,
) -> None:
    """Play every question of the demo on a platform of its own; stays up until Ctrl-C."""
    from cri_stack.demo.platform import NotADemo
    from cri_stack.demo.play import demo as play
    from cri_stack.ports import PortTaken, check_ports

    layout = Layout.of(var, port_base=port_base, demo=True)
    try:
        check_ports(layout)
        day = today.date() if today else None
        status = play(layout, leave=leave, twice=twice, today=day)
    except (PortTaken, NotADemo) as refusal:
        raise stop(str(refusal)) from None
    raise typer.Exit(status)


@command.command("demo-code")
def demo_code(email: str, var: Var = DEMO_VAR) -> None:
    """Print the code with which somebody of the demo signs in at this moment."""
    from cri_stack.demo.logins import code_of

    code = code_of(Layout.found(var), email)
    if code is None:
        raise stop(f"Nobody in {var} signs in as {email}.")
    typer.echo(code)


@command.command()
def prepare(var: Var = VAR, as_json: Json = False) -> None:
    """Make keys and databases, or bring them up to date; `cri up` does it by itself."""
    from cri_shared.db.patience import EXIT_STATUS, MigrationBlocked
    from cri_shared.privacy.keys import KeysUnusable

    from cri_stack.preparing import prepare as make

    answer = Answer("prepare", as_json=as_json)
    try:
        done = make(Layout.found(var))
    except (ValueError, KeysUnusable) as wrong:
        raise answer.stop(str(wrong)) from None
    except OSError as trouble:
        raise answer.stop(told(trouble)) from None
    except MigrationBlocked as blocked:
        raise answer.stop(str(blocked), EXIT_STATUS) from None
    answer.show("Keys and databases are up to date.")
    raise answer.end([asdict(one) for one in done])


@command.command()
def provision(
    var: Var = VAR,
    replicas: Annotated[
        int | None,
        typer.Option(min=1, max=5, help="how many servers of a cluster keep each stream"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make streams, durables and index keys on running servers; `cri up` does it by itself.

    A stream keeps the servers and the room that it has, unless others are named: `--replicas`, and
    the setting CRI_NATS_STREAM_MB, the megabytes of each. Exit status 1: some of it was done.
    """
    from cri_stack.bus import BusUnusable
    from cri_stack.provisioning import CannotProvision, provision_all

    answer = Answer("provision", as_json=as_json)
    try:
        done = provision_all(answer.platform(var), replicas)
    except BusUnusable as unusable:
        raise answer.stop(str(unusable)) from None
    except CannotProvision as refused:
        raise answer.stop(str(refused), 1 if refused.begun else 2) from None
    answer.show(*(f"{what:<10} {name}" for name, what in done.items()))
    raise answer.end(done)


@command.command("nats-users")
def nats_users(var: Var = VAR) -> None:
    """Print the users for the configuration of a nats-server of your own; makes their seeds."""
    from cri_stack.bus import users

    typer.echo(users(Layout.found(var)), nl=False)


@command.command("nats-config", hidden=True)
def nats_config(var: Var = VAR) -> None:
    """Write the configuration of the bus of one machine; `cri up` does it by itself."""
    from cri_stack.bus import BusUnusable, configure

    try:
        configure(Layout.found(var))
    except BusUnusable as unusable:
        raise stop(str(unusable)) from None


@command.command()
def status(
    var: Var = VAR,
    as_json: Json = False,
) -> None:
    """Say on one screen how everything is; exit status 1 where somebody should look."""
    from cri_stack import status as asked

    answer = Answer("status", as_json=as_json)
    parts = asked.status(answer.platform(var))
    if not as_json:
        asked.show(parts)
    raise answer.end(asked.as_json(parts), 0 if all(part.good for part in parts) else 1)


@command.command()
def doctor(var: Var = VAR, as_json: Json = False) -> None:
    """Check every service, and what all of them together take; exit status 1 where one failed."""
    from cri_stack.doctor import examine

    answer = Answer("doctor", as_json=as_json)
    findings = examine(answer.platform(var), answer.say)
    good = all(one.good for one in findings)
    raise answer.end([asdict(one) for one in findings], 0 if good else 1)


@command.command()
def audit(var: Var = VAR, as_json: Json = False) -> None:
    """Check every audit trail beside what others kept of it; exit status 1: one is not whole."""
    from cri_stack.auditing import verify_all

    answer = Answer("audit", as_json=as_json)
    whole, trails = verify_all(answer.platform(var), answer.say)
    raise answer.end(trails, 0 if whole else 1)


add_backup_verbs(command)
command.command("migrate-store")(migrate_store)


def main() -> None:
    """Run the command line."""
    try:
        command()
    except LayoutUnusable as unusable:
        mutter(str(unusable))
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
