"""Migrations that take something away: not in one release, and not from who may still need it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cri_shared.db.engine import make_engine
from cri_shared.db.limits import Limits
from cri_shared.db.migrate import MigrationsDiffer, check, migrate, standing
from cri_shared.db.operations import operations_in
from cri_shared.db.patience import MigrationBlocked
from cri_shared.db.phases import MigrationsWrong, check_phases, history, release
from cri_shared.db.presence import Announced
from cri_shared.release import installed
from cri_shared.testing.commands import ServiceProcess
from cri_shared.testing.waiting import until
from sqlalchemy import inspect, text

from tests.shared.growing import Growing

NOW = "0.1.0"
DROP = 'op.drop_column("things", "name")'
LEAVES = 'prepares = ("things.name",)'
MORE = 'op.add_column("others", sa.Column("more", sa.String(9)))'
NOTHING = "pass"


@pytest.fixture
def grown(growing: Growing) -> Growing:
    """A package with two revisions, both released."""
    growing.grow()
    release(Growing.name)
    return growing


def refused(version: str = NOW) -> str:
    """Why the revisions may not be released so."""
    with pytest.raises(MigrationsWrong) as wrong:
        check_phases(Growing.name, version)
    return str(wrong.value)


class TestReleases:
    """What `make check` refuses from the first release on."""

    def test_before_the_first_release_everything_may_be_written_anew(
        self, growing: Growing
    ) -> None:
        growing.grow()
        growing.add(3, DROP)
        check_phases(Growing.name, NOW)
        assert "say which were released" in refused("0.2.0")

    def test_what_was_released_is_not_changed_or_taken_out(self, grown: Growing) -> None:
        grown.add(3, MORE)
        check_phases(Growing.name, "0.2.0")
        grown.forget(2)
        grown.add(2, MORE)
        assert "2 was released and is not what it was" in refused()

    def test_a_column_does_not_go_in_the_release_that_stops_using_it(self, grown: Growing) -> None:
        grown.add(3, NOTHING, head=LEAVES)
        grown.add(4, DROP)
        assert "things.name ends, and the release before did not prepare for it" in refused()
        grown.forget(4)
        release(Growing.name)
        grown.add(4, DROP)
        check_phases(Growing.name, "0.3.0")

    @pytest.mark.parametrize(
        ("does", "why"),
        [
            ('op.drop_table("things")', "things ends"),
            ('op.rename_table("things", "items")', "things is renamed"),
            ('op.alter_column("things", "name", nullable=False)', "things.name must be given"),
            ('op.alter_column("things", "name", type_=sa.Integer())', "name changes its type"),
            ('op.alter_column("things", "name", new_column_name="n")', "name is renamed"),
            ('op.create_unique_constraint("u", "things", ["name"])', "things gets a rule"),
            ('op.create_index("i", "things", ["name"], unique=True)', "things gets a rule"),
            (
                'op.add_column("things", sa.Column("a", sa.Integer(), nullable=False))',
                "things gets a column that must be given",
            ),
        ],
    )
    def test_whatever_the_release_before_would_not_get_on_with_is_found(
        self, grown: Growing, does: str, why: str
    ) -> None:
        grown.add(3, does)
        assert why in refused()

    def test_it_is_found_in_a_batch_too(self, grown: Growing) -> None:
        batch = 'with op.batch_alter_table("things") as batch_op:'
        grown.add(3, batch, '    batch_op.drop_column("name")')
        assert "things.name ends" in refused()
        grown.add(3, batch, '    batch_op.add_column(sa.Column("more", sa.Integer()))')
        check_phases(Growing.name, NOW)

    def test_a_table_of_the_same_release_may_have_any_rule(self, grown: Growing) -> None:
        new = 'op.create_table("new", sa.Column("id", sa.Integer(), primary_key=True))'
        grown.add(3, new, 'op.create_index("i", "new", ["id"], unique=True)')
        grown.add(4, 'op.drop_table("new")', head='phase = "expand"')
        check_phases(Growing.name, NOW)

    def test_statements_of_its_own_say_their_phase(self, grown: Growing) -> None:
        grown.add(3, 'op.execute("UPDATE things SET name = 1")')
        assert 'execute): say phase = "expand" or "contract"' in refused()
        grown.add(3, 'op.execute("UPDATE things SET name = 1")', head='phase = "expand"')
        check_phases(Growing.name, NOW)

    def test_a_phase_is_not_said_that_it_has_not(self, grown: Growing) -> None:
        grown.add(3, DROP, head='phase = "expand"')
        assert 'things.name ends, so its phase is "contract"' in refused()

    def test_what_adds_and_what_takes_away_are_two_and_in_this_order(
        self, growing: Growing
    ) -> None:
        growing.grow()
        growing.add(3, NOTHING, head=LEAVES)
        release(Growing.name)
        growing.add(4, DROP, MORE)
        assert "also adds (add_column of others): make two" in refused()
        growing.add(4, DROP)
        growing.add(5, MORE)
        assert "5_later.py must come before those" in refused()

    def test_revisions_are_one_line(self, grown: Growing) -> None:
        grown.add(4, MORE)
        with pytest.raises(MigrationsWrong, match=r"4_later\.py does not follow"):
            history(Growing.name)

    def test_the_first_revisions_of_all_services_are_understood(self) -> None:
        for package in ("cri_shared.identity", "cri_intake", "cri_publishing", "cri_training"):
            (first, *_) = history(package)
            assert first.operations.makes
            assert (first.operations.takes, first.operations.unclear) == ([], [])

    def test_only_the_way_forward_counts(self) -> None:
        back = 'def upgrade():\n    pass\n\n\ndef downgrade():\n    op.drop_table("things")\n'
        assert operations_in(back).takes == []


@contextlib.asynccontextmanager
async def serving(url: str, revision: str) -> AsyncIterator[None]:
    """A process of a service whose code knows the revisions up to this one."""
    name = f"cri-intake-web 0.1.0 1234abcd {revision}"
    engine, announced = make_engine(url, Limits(name=name)), Announced()
    announced.at(url, name)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    yield
    announced.close()
    await engine.dispose()


async def columns(url: str, table: str = "things") -> set[str]:
    engine = make_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(lambda sync: inspect(sync).get_columns(table))
    await engine.dispose()
    return {one["name"] for one in found}


async def upgrade(url: str) -> list[str]:
    """Migrate; gives what waits."""
    return [one.id for one in (await asyncio.to_thread(migrate, Growing.name, url)).waiting]


class TestDatabases:
    """What is taken away, when, and from whom."""

    @pytest.fixture
    async def url(self, grown: Growing, database_url: str) -> str:
        """A database of a release before whose columns are about to leave."""
        grown.add(3, NOTHING, head=LEAVES)
        release(Growing.name)
        await upgrade(database_url)
        return database_url

    async def test_it_waits_while_an_older_process_is_there_and_goes_afterwards(
        self, grown: Growing, url: str
    ) -> None:
        grown.add(4, DROP)
        async with serving(url, "3"), serving(url, "4"):
            assert await upgrade(url) == ["4"]
            found = standing(Growing.name, url)
            assert [one.phase for one in found.waiting] == ["contract"]
            assert [str(one) for one in found.older] == ["intake (web) 0.1.0 1234abcd"]
            assert len(found.present) == 2
            assert found.words == (
                "Waits, and takes something away: 4; still there: intake (web) 0.1.0 1234abcd."
            )
            assert check(Growing.name, url) == found.words
        assert await columns(url) == {"id", "name"}
        async with serving(url, "4"):
            assert await upgrade(url) == []
        assert await columns(url) == {"id"}

    async def test_a_process_that_says_nothing_of_its_release_is_an_older_one(
        self, grown: Growing, url: str
    ) -> None:
        grown.add(4, DROP)
        async with serving(url, "of-somebody"):
            assert await upgrade(url) == ["4"]

    async def test_a_process_that_was_killed_is_not_there(
        self, grown: Growing, url: str, tmp_path: Path
    ) -> None:
        grown.add(4, DROP)
        if url.startswith("sqlite"):
            left = tmp_path / ".service.db.open" / "cri-intake-web 0.1.0 1234abcd 3 0f"
            left.parent.mkdir(exist_ok=True)
            left.touch()
        assert await upgrade(url) == []

    async def test_what_this_release_adds_after_it_does_not_go_without_it(
        self, grown: Growing, url: str
    ) -> None:
        grown.add(4, DROP)
        release(Growing.name)
        grown.add(5, MORE)
        async with serving(url, "3"):
            with pytest.raises(MigrationBlocked, match=r"intake \(web\).*release between"):
                await upgrade(url)
            assert await columns(url, "others") == {"id"}
        async with serving(url, "4"):
            assert await upgrade(url) == []
        assert await columns(url, "others") == {"id", "more"}

    async def test_the_release_before_leaves_a_newer_database_as_it_is(
        self, grown: Growing, url: str
    ) -> None:
        grown.add(4, MORE)
        await upgrade(url)
        grown.forget(4)
        assert await upgrade(url) == []
        assert standing(Growing.name, url).is_newer
        assert await columns(url, "others") == {"id", "more"}
        assert "newer release made revision 4" in check(Growing.name, url)

    async def test_what_leaves_may_be_missing_from_the_models_and_nothing_else(
        self, grown: Growing, database_url: str, tmp_path: Path
    ) -> None:
        env = tmp_path / Growing.name / "migrations" / "env.py"
        env.write_text(env.read_text().replace(', Column("name", String(9))', ""))
        await upgrade(database_url)
        with pytest.raises(MigrationsDiffer, match="name"):
            check(Growing.name, database_url)
        grown.add(3, NOTHING, head=LEAVES)
        await upgrade(database_url)
        check(Growing.name, database_url)

    async def test_what_leaves_must_not_be_needed_by_new_rows(
        self, growing: Growing, database_url: str, tmp_path: Path
    ) -> None:
        env = tmp_path / Growing.name / "migrations" / "env.py"
        env.write_text(env.read_text().replace(', Column("name", String(9))', ""))
        must = 'sa.Column("name", sa.String(9), nullable=False)'
        first = env.parent / "versions" / "1_first.py"
        first.write_text(
            first.read_text().replace("primary_key=True)", f"primary_key=True), {must}")
        )
        growing.add(2, NOTHING, head=LEAVES)
        await upgrade(database_url)
        with pytest.raises(MigrationsDiffer, match=r"things\.name leaves, and yet must be given"):
            check(Growing.name, database_url)


@pytest.mark.nats
@pytest.mark.timeout(90)
def test_a_service_tells_its_databases_which_release_it_is(
    database_url: str, tmp_path: Path, nats_url: str
) -> None:
    given = None if database_url.startswith("sqlite") else database_url
    service = ServiceProcess("training", tmp_path, nats_url=nats_url, database_url=given).prepare()
    stores = (
        ("cri_training", service.database_url),
        ("cri_shared.identity", service.env["CRI_IDENTITY_DATABASE_URL"]),
    )
    assert [standing(*store).present for store in stores] == [(), ()]
    service.start()
    try:
        for package, url in stores:
            (one,) = standing(package, url).present
            own = installed("cri_training")
            assert (one.service, one.role) == ("training", "all")
            assert (one.version, one.build) == (own.version, own.build)
            assert one.revision == history(package)[-1].id
    finally:
        service.kill()
    until(lambda: not any(standing(*store).present for store in stores), what="nobody there")
