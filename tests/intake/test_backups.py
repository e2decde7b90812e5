"""Intake is backed up and brought back as an operator does it, and what was erased stays so."""

import dataclasses
import datetime as dt
import json
import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import pytest
from cri_intake.__main__ import command
from cri_intake.actions.erasing import erase_case
from cri_intake.app import create_app
from cri_intake.models import Case, Wish, messaging
from cri_intake.settings import Settings
from cri_shared import clock
from cri_shared.backup import age
from cri_shared.backup.files import alone
from cri_shared.backup.making import make
from cri_shared.backup.owner import owners_of
from cri_shared.db.migrate import migrate
from cri_shared.events.intake import QuestionCleared
from cri_shared.privacy.vault import Erased
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.services import settings_for
from cri_shared.testing.waiting import eventually
from cri_shared.testing.web import running
from sqlalchemy import make_url, select
from typer.testing import CliRunner, Result

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, posted
from tests.shared.small_disk import files_of_at_most
from tests.shared.toy import Toy, started

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
DAY = dt.timedelta(days=1)
KEPT = {"data": (1, 28, 29, 36), "keys": (29, 36)}  # on the last of these days


class Operator:
    """Who works at the command line of one intake, and holds the private key elsewhere."""

    def __init__(self, directory: Path, **told: str) -> None:
        self.directory = directory
        self.settings = settings_for(Settings, directory / "var", key_per_minute=500, **told)
        self.api_key = ""
        self.private, recipient = age.new_key()
        told = {
            name: getattr(self.settings, name.lower())
            for name in (
                *("DATABASE_URL", "KEYSTORE_URL", "IDENTITY_DATABASE_URL"),
                *("KEY_DIR", "IDENTITY_KEY_DIR"),
            )
        }
        self.env = {f"CRI_INTAKE_{name}": str(value) for name, value in told.items()} | {
            "CRI_BACKUP_RECIPIENTS": recipient,
            "CRI_BACKUP_DIR": str(directory / "backups"),
            "CRI_BACKUP_KEYS_DIR": str(directory / "key-backups"),
        }

    def run(self, *words: str, status: int = 0, told: str = "", **changed: str) -> str:
        """Run a verb to its end; gives what it said."""
        env = self.env | changed
        with ThreadPoolExecutor(1) as apart:  # a verb has a loop of its own
            run = apart.submit(CliRunner().invoke, command, list(words), input=told, env=env)
        done: Result = run.result()
        assert done.exit_code == status, (done.output, done.exception)
        return done.output

    def restore(self, *files: Path, status: int = 0, more: tuple[str, ...] = ()) -> str:
        words = [*map(str, files), "--key", "-", *more]
        return self.run("restore", *words, status=status, told=self.private)

    def back_up(self) -> dict[tuple[str, str], Path]:
        """Make backups; gives the file of each owner and part."""
        done = json.loads(self.run("backup", "--json"))
        return {(made["owner"], made["part"]): Path(made["file"]) for made in done}


@pytest.fixture
def operator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Operator:
    # Logs are set up once per process, and this one belongs to pytest.
    monkeypatch.setattr("cri_shared.cli.command.configure_logs", lambda _service: None)
    (tmp_path / "var").mkdir()
    if getattr(request, "param", "sqlite") == "sqlite":
        return Operator(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    names = ("database_url", "keystore_url", "identity_database_url")
    urls = {name: server.create_database() for name in names}
    migrate("cri_shared.identity", urls["identity_database_url"])
    operator = Operator(tmp_path, **urls)
    operator.env["CRI_POSTGRESQL_BIN"] = str(server.programs)
    return operator


@asynccontextmanager
async def at_work(operator: Operator) -> AsyncIterator[Intake]:
    """Intake while it is up."""
    app = create_app(operator.settings)
    async with running(app) as client:
        intake = Intake(app, client, operator.api_key, operator.directory)
        if not intake.key:
            intake.key = operator.api_key = await intake.another_key("Caritas")
        yield intake


async def asked(operator: Operator, count: int) -> list[str]:
    """Let an organisation ask; gives the ids of the questions."""
    async with at_work(operator) as intake:
        return [await posted(intake, number) for number in range(count)]


async def erase(intake: Intake, question_ids: list[str]) -> None:
    """Erase cases, keys included."""
    rig = intake.rig
    async with rig.service.database.writing() as work:
        for question_id in question_ids:
            case = await work.session.get_one(Case, question_id)
            await erase_case(work, rig, case, wish=Wish.ASKER)
    await rig.keys.erase(await rig.ledger.known())  # all at once, before each by its job
    while await rig.service.clockwork.do_jobs():
        pass


async def readable(intake: Intake, number: int) -> bool:
    """Whether the answer to an organisation, sealed under the case's key, can be read again."""
    again = await intake.post(f"an-idempotency-key-{number:03}")
    return again.headers.get("Idempotent-Replayed") == "true"


def lose(operator: Operator, *names: str) -> None:
    """Let files of the live service be gone."""
    for name in names:
        for file in (operator.directory / "var").glob(f"{name}*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()


def test_a_backup_is_private_and_its_parts_lie_apart(operator: Operator) -> None:
    made = operator.back_up()
    assert set(made) == {
        *(("intake", "data"), ("intake", "keys"), ("identity", "data"), ("identity", "keys"))
    }
    for (_owner, part), path in made.items():
        assert path.parent.name == {"data": "backups", "keys": "key-backups"}[part]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes().startswith(b"age-encryption.org/v1")
    left = {path.name for path in operator.directory.rglob("*") if path.name.endswith("new")}
    assert not left


@pytest.mark.parametrize(
    ("operator", "lost", "cases"),
    [
        *(("sqlite", "data", 3), ("sqlite", "keys", 3), ("sqlite", "both", 100)),
        pytest.param("postgresql", "both", 100, marks=pytest.mark.postgres),
    ],
    indirect=["operator"],
)
async def test_erased_cases_stay_erased(operator: Operator, lost: str, cases: int) -> None:
    ids = await asked(operator, cases + 5)
    made = operator.back_up()
    async with at_work(operator) as intake:
        await erase(intake, ids[:cases])
    operator.run("backup")
    parts = ["data", "keys"] if lost == "both" else [lost]
    files = [made["intake", part] for part in parts]
    more: tuple[str, ...] = ("--replace",)
    if lost == "both":
        refused = operator.restore(*files, more=more, status=2)
        assert "--erasures" in refused
        kept_apart = operator.directory / "backups" / "intake-erasures.txt"
        more = (*more, "--erasures", str(kept_apart))
    said = operator.restore(*files, more=more)
    assert f"{cases} known" in said
    async with at_work(operator) as intake:
        async with intake.rig.service.database.reading() as session:
            left = set((await session.execute(select(Case.question_id))).scalars())
            noted = select(messaging.audit.c.about, messaging.audit.c.facts)
            noted = noted.where(messaging.audit.c.action == "backup.restored")
            told = [(about, facts["part"]) for about, facts in await session.execute(noted)]
        assert left == set(ids[cases:])
        assert told == [("intake", part) for part in sorted(parts, reverse=True)]
        assert all([await readable(intake, number) for number in range(cases, len(ids))])
        with pytest.raises(Erased):
            await intake.rig.keys.get("case", ids[0])


@pytest.mark.nats
async def test_nothing_is_lost_or_doubled_on_the_bus(
    operator: Operator, nats_url: str, tmp_path: Path
) -> None:
    operator = Operator(tmp_path, role="all", nats_url=nats_url)
    url = f"sqlite+aiosqlite:///{tmp_path}/research.db"
    async with started("research", url, nats_url) as research:
        released: list[str] = []

        async def work(*numbers: int) -> list[str]:
            """Ask and release some questions; gives their ids once research has them all."""
            async with at_work(operator) as intake:
                officer = await Officer.arrive(intake)
                ids = [await posted(intake, number) for number in numbers]
                released.extend([await officer.release(one) for one in ids])
                await eventually(heard(research, released), timeout=60, what="each heard once")
                return ids

        await work(0)
        made = operator.back_up()
        _, last = await work(1, 2)
        async with at_work(operator) as intake:
            await erase(intake, [last])
            await eventually(partial(nothing_waits, intake), timeout=60, what="tombstones")
        operator.restore(made["intake", "data"], more=("--replace",))
        await work(3)
        async with at_work(operator) as intake:
            await eventually(partial(nothing_waits, intake), timeout=60, what="all said")
            outbox = messaging.outbox
            cleared = select(outbox).where(outbox.c.subject == QuestionCleared.subject)
            async with intake.rig.service.database.reading() as session:
                rows = (await session.execute(cleared.order_by(outbox.c.number))).all()
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert [row.about for row in rows if row.erased_at is None] == [*released[:2], released[3]]


def heard(research: Toy, names: list[str]) -> Callable[[], Awaitable[bool]]:
    async def there() -> bool:
        return sorted(await research.effects()) == sorted(names)

    return there


async def nothing_waits(intake: Intake) -> bool:
    outbox = messaging.outbox
    waiting = select(outbox.c.id).where(outbox.c.published_at.is_(None))
    async with intake.rig.service.database.reading() as session:
        return (await session.execute(waiting)).first() is None


async def test_everything_is_lost_and_comes_back(operator: Operator) -> None:
    ids = await asked(operator, 3)
    made = operator.back_up()
    lose(operator, "intake", "identity", "keys")
    files = list(made.values())
    said = operator.restore(*files, more=("--without-list",))
    assert "Restored" in said
    async with at_work(operator) as intake:
        assert all([await readable(intake, number) for number in range(len(ids))])
        for file in operator.settings.key_dir.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def refused(operator: Operator, *files: Path, more: tuple[str, ...] = ()) -> str:
    """What is said where a restore is refused, in one line, and nothing changes."""
    before = contents(operator)
    said = operator.restore(*files, status=2, more=more)
    assert contents(operator) == before
    assert len(said.strip().splitlines()) == 1 + said.count(": whole, made"), said
    return said


def contents(operator: Operator) -> dict[str, bytes]:
    files = (file for file in (operator.directory / "var").rglob("*") if file.is_file())
    return {str(file): file.read_bytes() for file in files if not file.name.endswith("-shm")}


async def test_what_does_not_fit_is_refused_before_anything_is_touched(operator: Operator) -> None:
    await asked(operator, 1)
    made = operator.back_up()
    data, keys = made["intake", "data"], made["intake", "keys"]
    assert "holds rows: --replace" in refused(operator, data)
    bad = operator.directory / "intake-bad-data.tar.gz.age"
    good = data.read_bytes()
    for length in (0, 100, len(good) // 2, len(good) - 1):
        bad.write_bytes(good[:length])
        assert "damaged or cut off" in refused(operator, bad, more=("--replace",))
    for place in (30, 400, len(good) // 2, len(good) - 1):
        bad.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert "intake-bad-data" in refused(operator, bad, keys, more=("--replace",))
    assert "one file of intake's data" in refused(operator, data, data, more=("--replace",))
    assert "No such file" in refused(operator, operator.directory / "none.age")
    bad.write_bytes(data.read_bytes())
    operator.private = age.new_key()[0]
    assert "not made for this key" in refused(operator, bad, more=("--replace",))
    operator.private = "something else"
    assert "no private key" in refused(operator, bad, more=("--replace",))


async def test_a_live_service_is_not_written_over(operator: Operator) -> None:
    await asked(operator, 1)
    made = operator.back_up()
    async with at_work(operator):
        said = operator.restore(made["intake", "data"], more=("--replace",), status=2)
    assert "intake.db is in use" in said


async def test_another_services_and_another_installations_are_refused(
    operator: Operator, tmp_path: Path
) -> None:
    (tmp_path / "other" / "var").mkdir(parents=True)
    other = Operator(tmp_path / "other")
    other.private, other.env["CRI_BACKUP_RECIPIENTS"] = (
        operator.private,
        operator.env["CRI_BACKUP_RECIPIENTS"],
    )
    made = other.back_up()
    assert "made with other key files" in refused(operator, made["intake", "data"])
    for more in ((), ("--replace",)):
        said = refused(operator, made["intake", "keys"], more=more)
        assert "another installation: move them away" in said
    told = operator.settings.model_copy(
        update={
            "backup_recipients": operator.env["CRI_BACKUP_RECIPIENTS"],
            "backup_dir": tmp_path / "theirs",
        }
    )
    one = owners_of(operator.settings, "cri_intake")["intake"]
    theirs = make(dataclasses.replace(one, name="research", settings=told), "data")
    assert "it is research's" in refused(operator, Path(theirs.file))


async def test_a_newer_releases_tables_are_refused(operator: Operator) -> None:
    path = make_url(operator.settings.database_url).database
    with closing(sqlite3.connect(str(path))) as connection, connection:
        connection.execute("UPDATE cri_intake_version SET version_num = 'of-tomorrow'")
    data = operator.back_up()["intake", "data"]
    assert "newer release" in refused(operator, data, more=("--replace",))


async def test_a_dry_run_only_tells(operator: Operator) -> None:
    await asked(operator, 1)
    made = operator.back_up()
    before = contents(operator)
    said = operator.restore(made["intake", "data"], more=("--replace", "--dry-run"))
    assert "Nothing was changed" in said
    assert contents(operator) == before
    words = ("--replace", "--dry-run", "--json")
    told = json.loads(operator.restore(made["intake", "data"], more=words))
    assert told["restored"] is False
    assert told["backups"][0]["rows"]["cases"] == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"CRI_BACKUP_RECIPIENTS": ""}, "No recipient is set"),
        ({"CRI_BACKUP_RECIPIENTS": "age1oops"}, "must be recipients of age"),
        ({"CRI_BACKUP_KEYS_DIR": "{}/backups"}, "must be two places"),
        ({"CRI_BACKUP_DIR": "{}/var/intake.db/x"}, "cannot be used: Not a directory"),
        ({"CRI_INTAKE_KEYSTORE_URL": "sqlite+aiosqlite:///{}/var/intake.db"}, "of their own"),
        ({"CRI_KEEP_BACKUPS_DAYS": "36"}, "less_than_equal"),
        ({"CRI_KEEP_KEY_BACKUPS_DAYS": "8"}, "less_than_equal"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    operator: Operator, changed: dict[str, str], words: str
) -> None:
    told = {name: value.format(operator.directory) for name, value in changed.items()}
    assert words in operator.run("backup", status=2, **told)


async def test_a_full_disk_leaves_the_backups_that_there_were(operator: Operator) -> None:
    await asked(operator, 1)
    made = operator.back_up()
    with clock.frozen(clock.now() + 50 * DAY), files_of_at_most(100_000):
        said = operator.run("backup", status=1)
    assert "intake.db" in said
    assert all(path.exists() for path in made.values())
    assert len(list((operator.directory / "backups").glob("*.age"))) == 2


def test_two_do_not_make_the_same_backup_at_once(operator: Operator) -> None:
    with alone(operator.directory / "backups" / "intake.lock", "it"):
        assert "Another process makes this backup" in operator.run("backup", status=2)


def test_old_backups_go_once_a_new_one_is_there(operator: Operator) -> None:
    start = clock.now()
    for day in (0, 1, 28, 29, 36):
        with clock.frozen(start + day * DAY):
            operator.run("backup", "--no-identity")
    left = {
        part: sorted(path.name for path in (operator.directory / folder).glob("intake-*.age"))
        for part, folder in (("data", "backups"), ("keys", "key-backups"))
    }
    assert left == {
        part: [f"intake-{start + day * DAY:%Y%m%dT%H%M%SZ}-{part}.tar.gz.age" for day in days]
        for part, days in KEPT.items()
    }


def test_a_check_notices_when_backups_stop(operator: Operator) -> None:
    away = {"CRI_NATS_URL": "nats://127.0.0.1:1"}  # what fails here is NATS
    assert "ok      backups: none are made" in operator.run(
        "check", status=1, **away, CRI_BACKUP_RECIPIENTS=""
    )
    assert "FAILED  backups: there is none of data" in operator.run("check", status=1, **away)
    operator.run("backup", "--no-identity")
    said = operator.run("check", status=1, **away)
    assert "ok      backups: the newest are 0 hours old" in said
    with clock.frozen(clock.now() + 3 * DAY):
        said = operator.run("check", status=1, **away)
    assert "FAILED  backups: the newest of data is 3 days old" in said


def test_a_key_for_backups_is_made_once(operator: Operator) -> None:
    path = operator.directory / "backup.key"
    recipient = operator.run("backup-key", str(path)).strip()
    assert recipient.startswith("age1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert age.keys_of(path.read_text())
    assert "File exists" in operator.run("backup-key", str(path), status=2)
