"""Intake comes back from its backups as an operator does it, and what was erased stays so."""

import dataclasses
import json
import shutil
import sqlite3
import stat
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from cri_intake.models import Case, messaging
from cri_shared.backup import age
from cri_shared.backup.making import make
from cri_shared.backup.owner import owners_of
from cri_shared.events.intake import QuestionCleared
from cri_shared.privacy.vault import Erased
from cri_shared.testing.waiting import eventually
from sqlalchemy import make_url, select

from tests.intake.conftest import Intake
from tests.intake.lives import asked, at_work, contents, erase, lose, readable
from tests.intake.officers import Officer, posted
from tests.intake.operators import Operator
from tests.shared.toy import Toy, started

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


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
        for damaged in damages_of(kept_apart):
            said = operator.restore(*files, more=(*more, "--erasures", str(damaged)), status=2)
            assert "list" in said
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


@pytest.mark.parametrize(
    ("operator", "damaged"),
    [
        *(("sqlite", ""), ("sqlite", "database_url"), ("sqlite", "keystore_url")),
        ("sqlite", "key_dir"),
        pytest.param("postgresql", "", marks=pytest.mark.postgres),
    ],
    indirect=["operator"],
)
async def test_what_is_given_up_still_tells_what_was_erased(
    operator: Operator, damaged: str
) -> None:
    """Nobody backed up since, so that the newest list knows nothing of it."""
    ids = await asked(operator, 3)
    made = operator.back_up()
    async with at_work(operator) as intake:
        await erase(intake, ids[:1])
    if damaged == "key_dir":
        shutil.rmtree(operator.settings.key_dir)
    elif damaged:
        file = Path(str(make_url(getattr(operator.settings, damaged)).database))
        file.write_bytes(b"no database any more" * 1000)
    listed = operator.directory / "backups" / "intake-erasures.txt"
    assert listed.read_text().startswith("end 0 ")
    files = [made["intake", part] for part in ("data", "keys")]
    said = operator.restore(*files, more=("--replace", "--erasures", str(listed)))
    assert "1 known" in said
    assert ("cannot be read any more" in said) is damaged.endswith("url")
    async with at_work(operator) as intake:
        assert [await readable(intake, number) for number in (1, 2)] == [True, True]
        with pytest.raises(Erased):
            await intake.rig.keys.get("case", ids[0])
        async with intake.rig.service.database.reading() as session:
            left = set((await session.execute(select(Case.question_id))).scalars())
        assert left == set(ids[1:])


def damages_of(kept_apart: Path) -> Iterator[Path]:
    """The list of erasures without its first line, its last one, its middle, or with another id."""
    lines = kept_apart.read_text().splitlines()
    half = len(lines) // 2
    kind, one, at = lines[0].split()
    for damaged in (
        *(lines[1:], lines[:-1], lines[:half], lines[:half] + lines[half + 1 :], []),
        [f"{kind} {one[:-1]}{'0' if one[-1] != '0' else '1'} {at}", *lines[1:]],
    ):
        path = kept_apart.with_name("damaged.txt")
        path.write_text("\n".join(damaged))
        yield path


async def test_a_key_that_was_taken_back_stays_so(operator: Operator) -> None:
    await asked(operator, 1)
    made = operator.back_up()
    operator.run("revoke-key", operator.api_key.split("_")[2])
    async with at_work(operator) as intake:
        await intake.rig.service.clockwork.do_jobs()
    operator.restore(made["intake", "data"], more=("--replace",))
    async with at_work(operator) as intake:
        assert (await intake.post("an-idempotency-key-001")).status_code == 401


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
    good = keys.read_bytes()
    for place in (400, len(good) // 2, len(good) - 1):
        for damaged in (good[:place], good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]):
            bad.write_bytes(damaged)
            assert "intake-bad-data" in refused(operator, data, bad, more=("--replace",))
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
