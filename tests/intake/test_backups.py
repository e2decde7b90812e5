"""Intake is backed up as an operator does it: private, in parts that lie apart, and on time."""

import datetime as dt
import stat

import pytest
from cri_shared import clock
from cri_shared.backup import age
from cri_shared.backup.files import alone

from tests.intake.lives import asked
from tests.intake.operators import Operator
from tests.shared.small_disk import files_of_at_most

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
DAY = dt.timedelta(days=1)
KEPT = {"data": (1, 28, 29, 36), "keys": (29, 36)}  # on the last of these days


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


@pytest.mark.parametrize("verb", ["backup", "restored"])
def test_a_database_that_is_away_is_one_line(operator: Operator, verb: str) -> None:
    away = "postgresql+asyncpg://someone:s3cret-word@127.0.0.1:1/keys"
    said = operator.run(verb, status=1, CRI_INTAKE_KEYSTORE_URL=away)
    assert "A database was not reached: " in said
    assert "Connect call failed ('127.0.0.1', 1)" in said
    assert (said.count("\n"), "s3cret" in said) == (1, False)


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
