"""`cri-<service> backup`, `restore` and `backup-key`: what an operator does against bad days."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cri_shared.cli.keeping import erasures_in
from cri_shared.db.patience import EXIT_STATUS, MigrationBlocked
from cri_shared.privacy.keys import KeysUnusable
from cri_shared.service import Service
from cri_shared.settings import ServiceSettings

STEP_BYTES = 256 << 20  # between two words about progress
Read = Callable[[], ServiceSettings]
Load = Callable[[], Service]

JsonOption = Annotated[bool, typer.Option("--json", help="for programs")]
IdentityOption = Annotated[
    bool, typer.Option(help="the identity store too, which services may share")
]
FilesArgument = Annotated[list[Path], typer.Argument(help="a backup of data, of keys, or both")]
KeyOption = Annotated[
    typer.FileText, typer.Option("--key", help="file with the private key; - reads it from input")
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="give up what is there now")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="verify all of it and change nothing")]
ListOption = Annotated[
    typer.FileText | None, typer.Option("--erasures", help="the newest list of erasures")
]
WithoutOption = Annotated[
    bool,
    typer.Option("--without-list", help="there is none: what was erased since may come back"),
]
KeyFileArgument = Annotated[Path, typer.Argument(help="a new file for the private key")]


def add_backup_verbs(cli: typer.Typer, read: Read, load: Load, package: str) -> None:
    """Add the verbs to a service's command; what they need is imported when one runs."""
    _add_backup(cli, read, load, package)
    _add_restore(cli, read, load, package)
    _add_restored(cli, read, load)
    _add_backup_key(cli)


def _add_backup(cli: typer.Typer, read: Read, load: Load, package: str) -> None:
    @cli.command()
    def backup(identity: IdentityOption = True, as_json: JsonOption = False) -> None:
        """Back up this service while it works: files of data and of keys, encrypted for others.

        Old ones go once the new ones are there. The list of erasures lies beside those of data.
        """
        from cri_shared.cli.backing_up import back_up

        say = _say(quiet=as_json)
        done = []
        with _ended():
            for made in back_up(read(), package, load, _progress(say), identity=identity):
                done.append(asdict(made))
                gone = f", {len(made.removed)} old ones removed" if made.removed else ""
                say(f"{made.file}: {made.size} bytes, {made.rows} rows{gone}")
        if as_json:
            typer.echo(json.dumps(done))


def _add_restore(cli: typer.Typer, read: Read, load: Load, package: str) -> None:
    @cli.command()
    def restore(
        files: FilesArgument,
        key: KeyOption,
        replace: ReplaceOption = False,
        dry_run: DryOption = False,
        erasures: ListOption = None,
        without_list: WithoutOption = False,
        as_json: JsonOption = False,
    ) -> None:
        """Bring this service back from backups, all verified before anything is touched.

        What was erased since is erased again, and what was said since is asked for. Status 2:
        refused, and nothing changed.
        """
        from cri_shared.cli.restoring import Wanted
        from cri_shared.cli.restoring import restore as bring_back

        erased = erasures_in(erasures.readlines()) if erasures else None
        wanted = Wanted(files, key.read(), erased, without_list, replace, dry_run)
        said: list[str] = []
        say = said.append if as_json else _say(quiet=False)
        with _ended():
            verified = bring_back(read(), package, load, wanted, say, _progress(say))
        if as_json:
            told = [asdict(one.manifest) | {"file": str(one.path)} for one in verified]
            typer.echo(json.dumps({"restored": not dry_run, "backups": told, "said": said}))
        else:
            say("Nothing was changed." if dry_run else "Restored: it may be started.")


def _add_restored(cli: typer.Typer, read: Read, load: Load) -> None:
    @cli.command()
    def restored(erasures: ListOption = None) -> None:
        """Say that the database came back in another way than by `restore`, before it is served.

        From PostgreSQL's own archive, or with a disk. What was erased since is erased again, and
        what was said since is asked for.
        """
        from cri_shared.cli.restoring import Came, open_again

        erased = erasures_in(erasures.readlines()) if erasures else {}
        with _ended():
            for line in asyncio.run(open_again(load(), [Came(read().service, "data")], erased)):
                typer.echo(line)


def _add_backup_key(cli: typer.Typer) -> None:
    @cli.command("backup-key")
    def backup_key(file: KeyFileArgument) -> None:
        """Make a key for backups: prints the recipient, and writes the private key to a file.

        The private key belongs on no machine of CRI, and in two safe places: nothing else opens
        a backup.
        """
        from cri_shared.cli.backing_up import make_key

        with _ended():
            typer.echo(make_key(file))


@contextmanager
def _ended() -> Iterator[None]:
    """End with one line and a status where it is refused (2), fails (1) or must wait (75)."""
    from sqlalchemy.exc import OperationalError

    from cri_shared.backup import BackupFailed, BackupRefused
    from cri_shared.db.trouble import is_unreached

    try:
        yield
    except (BackupRefused, BackupFailed) as why:
        raise _stop(str(why), why.status) from None
    except KeysUnusable as unusable:
        raise _stop(f"Keys are not usable: {unusable}", 2) from None
    except MigrationBlocked as blocked:
        raise _stop(str(blocked), EXIT_STATUS) from None
    except OperationalError as trouble:
        if not is_unreached(trouble):
            raise
        reason = str(trouble.orig).rstrip(".") or type(trouble.orig).__name__
        raise _stop(f"A database was not reached: {reason}.", BackupFailed.status) from None


def _stop(words: str, status: int) -> typer.Exit:
    typer.echo(words, err=True)
    return typer.Exit(status)


def _say(*, quiet: bool) -> Callable[[str], Any]:
    return (lambda _line: None) if quiet else typer.echo


def _progress(say: Callable[[str], Any]) -> Callable[[int], None]:
    """Say how far it is, now and then."""
    steps = [0]

    def progress(size: int) -> None:
        if size // STEP_BYTES != steps[0]:
            steps[0] = size // STEP_BYTES
            if steps[0]:
                say(f"  {size >> 20} MB so far")

    return progress
