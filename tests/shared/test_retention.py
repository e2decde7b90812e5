"""Retention: what is kept long enough ends by itself, a hold keeps it, and a report counts it."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cri_shared import clock
from cri_shared.retention import Rule

from tests.shared.consoles import SECRET, Console, cleared, opened

ROOM = "/console/keeping"
NOW = dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC)


@pytest.fixture
async def research(database_url: str, tmp_path: Path) -> AsyncIterator[Console]:
    with clock.frozen(NOW):
        async with opened("research", tmp_path, database_url=database_url) as console:
            await console.sign_in("operator")
            yield console


async def counts(console: Console) -> dict[str, tuple[int, int]]:
    """Rule -> (due, held), of those that have any."""
    lines = await console.service.retention.report()
    return {line.name: (line.due, line.held) for line in lines if line.due or line.held}


class TestTheEngine:
    async def test_it_ends_what_was_kept_long_enough_and_nothing_sooner(
        self, research: Console
    ) -> None:
        letters = research.service.database.outbox.tables.dead_letters
        await research.bury(cleared("r1"))
        with clock.frozen(NOW + dt.timedelta(days=30, seconds=-1)):
            assert "dead-letters" not in await counts(research)
            await research.service.clockwork.do_duties(all_now=True)
            assert len(await research.rows(letters)) == 1
        with clock.frozen(NOW + dt.timedelta(days=30)):
            assert (await counts(research))["dead-letters"] == (1, 0)
            await research.service.clockwork.do_duties(all_now=True)
            assert await research.rows(letters) == []
            assert "dead-letters" not in await counts(research)
        noted = [row for row in await research.rows(research.service.database.outbox.tables.audit)]
        ended = [(row.about, row.facts) for row in noted if row.action == "retention.ended"]
        assert ended == [("dead-letters", {"rows": 1})]

    async def test_how_long_is_what_the_operator_set(self, tmp_path: Path) -> None:
        async with opened("research", tmp_path) as console:
            console.service.settings.keep_dead_letters_days = 3
            lines = {line.name: line.length for line in await console.service.retention.report()}
            assert lines["dead-letters"] == dt.timedelta(days=3)

    async def test_a_mail_that_cannot_be_sent_goes_and_its_job_ends_quietly(
        self, research: Console
    ) -> None:
        from cri_shared.mail import Mail

        service = research.service
        async with service.database.writing() as work:
            await service.post.post(work, Mail("a@example.org", "x", SECRET))
        with clock.frozen(NOW + dt.timedelta(days=2)):
            await service.clockwork.do_duties(all_now=True)
            assert await research.rows(service.database.outbox.tables.mails) == []
            assert await service.clockwork.do_jobs() == 1
            assert await research.rows(service.database.outbox.tables.jobs) == []
        assert list((service.settings.mail_dir or Path()).glob("*.eml")) == []

    async def test_sessions_and_invitations_that_are_over_leave_the_staff_store(
        self, research: Console
    ) -> None:
        await research.service.identity.invite("late@staff.example", "Late", ["operator"])
        with clock.frozen(NOW + dt.timedelta(days=1)):
            assert {k: v for k, v in (await counts(research)).items() if "staff" in k} == {
                "staff-invitations": (1, 0),
                "staff-sessions": (1, 0),
            }
            await research.service.clockwork.do_duties(all_now=True)
            assert not any((await research.service.identity.over()).values())

    def test_an_ending_needs_keys(self) -> None:
        async def ending(*_: object) -> None: ...

        with pytest.raises(ValueError, match="needs the key"):
            Rule("x", "X", None, None, 1, ending=ending)  # type: ignore[arg-type]


class TestHolds:
    async def hold(self, console: Console, **changed: str) -> str:
        form = {"about": "r1", "reason": "court", "until": "2027-06-30"} | changed
        return await console.acted(f"{ROOM}/holds", **form)

    async def test_what_is_held_stays_until_the_last_day_is_over(self, research: Console) -> None:
        letters = research.service.database.outbox.tables.dead_letters
        await research.bury(cleared("r1"))
        await research.bury(cleared("r2"), number=2)
        page = await self.hold(research)
        assert "It is kept until that day." in page
        assert "30 June 2027" in page
        with clock.frozen(dt.datetime(2027, 6, 30, 12, tzinfo=dt.UTC)):
            assert (await counts(research))["dead-letters"] == (1, 1)
            await research.service.clockwork.do_duties(all_now=True)
            assert [row.about for row in await research.rows(letters)] == ["r1"]
        with clock.frozen(dt.datetime(2027, 7, 1, 12, tzinfo=dt.UTC)):
            await research.service.clockwork.do_duties(all_now=True)
            assert await research.rows(letters) == []

    async def test_placed_twice_it_is_one_and_lifted_twice_it_is_lifted(
        self, research: Console
    ) -> None:
        holds = research.service.database.outbox.tables.holds
        await research.bury(cleared("r1"))
        await self.hold(research)
        await self.hold(research)
        (hold,) = await research.rows(holds)
        for _ in range(2):
            page = await research.acted(f"{ROOM}/holds/{hold.hold_id}/lift")
            assert "It is no longer held." in page
            assert "Nothing is held." in page
        assert [action for action, *_ in await research.audited()] == ["hold.placed", "hold.lifted"]

    @pytest.mark.parametrize(
        ("changed", "wrong"),
        [
            ({"about": "nobody"}, "Nothing here has this number"),
            ({"about": ""}, "Write the number of what must be kept"),
            ({"reason": "whim"}, "Choose why it must be kept"),
            ({"until": "2026-11-25"}, "Choose a day within the next two years"),
            ({"until": "2029-01-01"}, "Choose a day within the next two years"),
            ({"until": ""}, "Choose the last day"),
        ],
    )
    async def test_the_form_comes_back_with_what_is_wrong(
        self, tmp_path: Path, changed: dict[str, str], wrong: str
    ) -> None:
        with clock.frozen(NOW):
            async with opened("research", tmp_path) as console:
                await console.sign_in("operator")
                await console.bury(cleared("r1"))
                form = {"about": "r1", "reason": "court", "until": "2027-06-30"} | changed
                answer = await console.post(f"{ROOM}/holds", **form)
                assert answer.status_code == 422
                assert wrong in answer.text
                assert await console.rows(console.service.database.outbox.tables.holds) == []

    async def test_auditors_read_and_place_nothing(self, tmp_path: Path) -> None:
        async with opened("search", tmp_path) as console:
            assert (await console.client.get(ROOM)).headers["location"] == "/console/sign-in"
            await console.sign_in("auditor")
            assert "Hold it</button>" not in await console.see(ROOM)
            for path in (f"{ROOM}/holds", f"{ROOM}/holds/x/lift"):
                assert (await console.post(path, about="x")).status_code == 403


async def test_the_command_counts_and_with_a_dry_run_ends_nothing(research: Console) -> None:
    from cri_shared.cli.keeping import _retain

    service = research.service
    await research.bury(cleared("r1"))
    await research.bury(cleared("r2"), number=2)
    await TestHolds().hold(research, about="r2", until="2027-01-31")
    with clock.frozen(NOW + dt.timedelta(days=31)):
        for dry, left in ((True, 2), (False, 1)):
            said = await _retain(service, dry=dry)
            assert said[0].split() == ["rule", "kept", "rows", "due" if dry else "ended", "held"]
            assert said[1].split() == ["dead-letters", "30", "days", "2", "1", "1"]
            assert said[-1] == "held: r2 until 2027-01-31 (court), by Op 1"
            assert len(await research.rows(service.database.outbox.tables.dead_letters)) == left
    assert SECRET not in "".join(said)
