"""The verbs of backups; what they need is imported when one runs."""

import datetime as dt
from typing import Annotated

import typer

from cri_stack.layout import SERVICES, Layout
from cri_stack.saying import VAR, Answer, Json, Var

KeyOption = Annotated[
    typer.FileText, typer.Option("--key", help="file with the private key; - reads it from input")
]
ServiceOption = Annotated[list[str] | None, typer.Option(help="only these; may be given often")]
OnlyOption = Annotated[str | None, typer.Option(metavar="data|keys", help="only one part")]
BeforeOption = Annotated[
    dt.datetime | None, typer.Option(help="the newest backups up to this moment (UTC)")
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="give up what is there now")]
WithoutOption = Annotated[
    bool, typer.Option("--without-list", help="there is no list of erasures beside them")
]
DryOption = Annotated[bool, typer.Option("--dry-run", help="verify everything, change nothing")]


def add_backup_verbs(command: typer.Typer) -> None:
    """Add them to the command."""
    for verb in (backup, restore, rebuild_index):
        command.command()(verb)


def backup(var: Var = VAR, as_json: Json = False) -> None:
    """Back up every service while it works, encrypted for who holds the private key."""
    from cri_stack import backups

    answer = Answer("backup", as_json=as_json)
    done = backups.back_up(answer.platform(var), answer.say, as_json=as_json)
    raise answer.end(done.told, done.status, done.why)


def restore(
    key: KeyOption,
    service: ServiceOption = None,
    only: OnlyOption = None,
    before: BeforeOption = None,
    replace: ReplaceOption = False,
    without_list: WithoutOption = False,
    dry_run: DryOption = False,
    var: Var = VAR,
    as_json: Json = False,
) -> None:
    """Bring the platform back from its newest backups; all are verified before any is loaded.

    Status 2: refused, and nothing changed.
    """
    from cri_shared.backup import BackupRefused

    from cri_stack import backups
    from cri_stack.up import AlreadyRunning

    wanted = backups.Wanted(
        key=key.read(),
        services=_chosen("--service", service, SERVICES),
        parts=_chosen("--only", [only] if only else None, backups.PARTS),
        before=before and before.replace(tzinfo=dt.UTC),
        how=_given({"--replace": replace, "--without-list": without_list}),
        dry_run=dry_run,
    )
    answer = Answer("restore", as_json=as_json)
    try:
        done = backups.restore(Layout.found(var), wanted, answer.say, as_json=as_json)
    except (AlreadyRunning, BackupRefused) as refusal:
        raise answer.stop(str(refusal)) from None
    raise answer.end(done.told, done.status, done.why)


def rebuild_index(var: Var = VAR, as_json: Json = False) -> None:
    """Write every public entry into the index anew, while the platform is up."""
    from cri_stack import backups

    answer = Answer("rebuild-index", as_json=as_json)
    words = ["rebuild-index"]
    done = backups.run(answer.platform(var), "publishing", words, answer.say)
    said = None if done.status else {"said": done.told}
    raise answer.end(said, done.status, done.why)


def _chosen(name: str, some: list[str] | None, every: tuple[str, ...]) -> tuple[str, ...]:
    """Those of all that somebody names, in the usual order."""
    if strangers := set(some or ()) - set(every):
        raise typer.BadParameter(f"{name} is one of {', '.join(every)}, not {min(strangers)}")
    return tuple(one for one in every if not some or one in some)


def _given(words: dict[str, bool]) -> tuple[str, ...]:
    return tuple(word for word, given in words.items() if given)
