"""API keys: made, limited, changed, told of before they end, and taken back."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import pytest
from cri_intake.actions.keys import Given, warn_of_ends
from cri_intake.models import ApiKey, messaging
from cri_intake.rules import Scope, is_from, networks_of, warning_due
from cri_shared import clock
from cri_shared.identity.passwords import PasswordOfTheHouse
from cri_shared.testing.attempts import refused_at
from cri_shared.testing.identity import sign_in
from sqlalchemy import select

from tests.intake.conftest import QUESTION, Intake

IDEMPOTENCY = "0123456789abcdef"
ROOM = "/console/organisations"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


async def keys_in(intake: Intake) -> list[ApiKey]:
    async with intake.rig.service.database.reading() as session:
        return list((await session.execute(select(ApiKey).order_by(ApiKey.created_at))).scalars())


class TestRules:
    @pytest.mark.parametrize(
        ("address", "networks", "inside"),
        [
            ("192.0.2.7", [], True),
            ("192.0.2.7", ["192.0.2.0/24"], True),
            ("::ffff:192.0.2.7", ["192.0.2.0/24"], True),
            ("192.0.3.7", ["192.0.2.0/24", "2001:db8::/32"], False),
            ("2001:db8::7", ["192.0.2.0/24", "2001:db8::/32"], True),
            ("", ["192.0.2.0/24"], False),
            ("unix", ["192.0.2.0/24"], False),
        ],
    )
    def test_where_a_key_may_come_from(
        self, address: str, networks: Iterable[str], inside: bool
    ) -> None:
        assert is_from(address, list(networks)) is inside

    def test_networks_are_read_as_people_write_them(self) -> None:
        assert networks_of("192.0.2.1,\n 2001:db8::/32 ") == ["192.0.2.1/32", "2001:db8::/32"]
        with pytest.raises(ValueError, match="host bits"):
            networks_of("192.0.2.1/24")

    @pytest.mark.parametrize(
        ("days_left", "warned", "due"),
        [
            (31.0, None, None),
            (30.0, None, 30),
            (29.0, 30, None),
            (7.0, 30, 7),
            (6.9, 7, None),
            (3.0, None, 7),
        ],
    )
    def test_the_days_before_the_end_on_which_it_is_told(
        self, days_left: float, warned: int | None, due: int | None
    ) -> None:
        assert warning_due(days_left, warned) == due


class TestScopes:
    async def test_a_key_does_what_it_is_for_and_nothing_else(self, intake: Intake) -> None:
        question_id = (await intake.post(IDEMPOTENCY)).json()["question_id"]
        async with intake.rig.service.database.writing() as work:
            key = (await work.session.execute(select(ApiKey))).scalar_one()
            key.scopes = [Scope.CASES]
        assert (await intake.get(f"/questions/{question_id}")).status_code == 200
        refused = [
            await intake.post(IDEMPOTENCY + "2"),
            await intake.client.post(
                "/api/v1/questions/batch",
                json={"questions": [QUESTION]},
                headers={
                    "Authorization": f"Bearer {intake.key}",
                    "Idempotency-Key": IDEMPOTENCY,
                },
            ),
            await intake.client.post(
                f"/api/v1/questions/{question_id}/messages",
                json={"text": "more"},
                headers={
                    "Authorization": f"Bearer {intake.key}",
                    "Idempotency-Key": IDEMPOTENCY,
                },
            ),
        ]
        assert [answer.status_code for answer in refused] == [403] * 3
        assert {answer.json()["type"] for answer in refused} == {"api-key-lacks-scope"}

    async def test_one_that_only_posts_reads_nothing(self, intake: Intake) -> None:
        writing = await intake.another_key("CIRE", Given([Scope.WRITE]))
        for path in ("/questions", "/questions/none"):
            assert (await intake.get(path, writing)).status_code == 403


class TestPlaces:
    async def test_from_elsewhere_a_key_is_no_key(self, intake: Intake) -> None:
        key = await intake.another_key("CIRE", Given(networks=["192.0.2.0/24"]))
        assert (await intake.get("/questions", key)).status_code == 401
        at_home = httpx.ASGITransport(app=intake.app, client=("192.0.2.9", 1))
        base = str(intake.client.base_url)
        async with httpx.AsyncClient(transport=at_home, base_url=base) as client:
            told = {"Authorization": f"Bearer {key}"}
            assert (await client.get("/api/v1/questions", headers=told)).status_code == 200

    async def test_the_environment_in_a_key_is_part_of_it(self, intake: Intake) -> None:
        other = intake.key.replace("cri_live_", "cri_test_")
        assert (await intake.get("/questions", other)).status_code == 401


class TestWhatIsCounted:
    async def test_why_a_key_opened_nothing_is_counted_and_not_told(self, intake: Intake) -> None:
        placed = await intake.another_key("CIRE", Given(networks=["192.0.2.0/24"]))
        old, gone, narrow = [
            await intake.another_key(name, Given([Scope.WRITE])) for name in ("A", "B", "C")
        ]
        async with intake.rig.service.database.writing() as work:
            keys = {
                key.key_id: key for key in (await work.session.execute(select(ApiKey))).scalars()
            }
            keys[id_of(old)].expires_at = clock.now()
            keys[id_of(gone)].revoke()
        forged = f"{intake.key[:-4]}AAAA"
        tried = ["nonsense", "cri_live_none_x", forged, placed, old, gone]
        answers = [await intake.get("/questions", key) for key in tried]
        assert {(answer.status_code, answer.text) for answer in answers} == {
            (401, answers[0].text),
        }
        assert (await intake.get("/questions", narrow)).status_code == 403
        assert await refused_at(intake.rig.service) == {
            ("api_key.unknown", "unknown"): 2,
            ("api_key.wrong", id_of(intake.key)): 1,
            ("api_key.elsewhere", id_of(placed)): 1,
            ("api_key.expired", id_of(old)): 1,
            ("api_key.revoked", id_of(gone)): 1,
            ("api_key.scope", id_of(narrow)): 1,
        }


def id_of(key: str) -> str:
    return key.split("_")[2]


class TestUse:
    async def test_the_day_of_the_last_use_is_all_that_is_known(self, intake: Intake) -> None:
        assert (await keys_in(intake))[0].last_used_on is None
        for days in (0, 1):
            with clock.frozen(clock.now() + dt.timedelta(days=days)):
                await intake.get("/questions")
                await intake.get("/questions")
                assert (await keys_in(intake))[0].last_used_on == clock.today()


class TestEnds:
    async def test_the_organisation_hears_of_it_twice(self, intake: Intake) -> None:
        await intake.another_key("CIRE", email="cle@cire.example", language="fr")
        told = []
        for days in (100, 151, 152, 174, 175, 181):
            with clock.frozen(clock.now() + dt.timedelta(days=days)):
                async with intake.rig.service.database.writing() as work:
                    await warn_of_ends(work, intake.rig)
                await intake.rig.service.clockwork.do_jobs()
                letters = sorted((intake.directory / "mail").glob("**/*.eml"))
                told.append(len(letters))
        assert told == [0, 1, 1, 2, 2, 2]
        mail = message_from_bytes(letters[0].read_bytes(), policy=policy.default)
        assert mail["to"] == "cle@cire.example"
        words = mail.get_content()
        ending = next(key for key in await keys_in(intake) if key.warned_days)
        assert ending.key_id in words
        assert ending.secret_hash not in words
        assert "se termine" in words

    async def test_one_that_was_taken_back_is_not_told_of(self, intake: Intake) -> None:
        await intake.another_key("CIRE", email="cle@cire.example")
        with clock.frozen(clock.now() + dt.timedelta(days=160)):
            async with intake.rig.service.database.writing() as work:
                for key in (await work.session.execute(select(ApiKey))).scalars():
                    key.revoke()
                await warn_of_ends(work, intake.rig)
            async with intake.rig.service.database.reading() as session:
                assert (await session.execute(select(messaging.mails))).first() is None


class TestConsole:
    async def test_no_password_holds_the_name_of_an_organisation(self, intake: Intake) -> None:
        await intake.another_key("Rode Kruis", email="it@kruispost.example")
        rules = intake.app.state.service.identity.passwords
        for password in ("caritas-2026-blue-door", "a walk with kruispost today"):
            with pytest.raises(PasswordOfTheHouse):
                await rules.check(password)
        await rules.check("a walk along the blue doors")

    async def test_an_operator_adds_an_organisation_and_changes_its_key_without_a_pause(
        self, intake: Intake
    ) -> None:
        desk = await Operator.arrive(intake)
        page = await desk.send(ROOM, "", name="Fedasil", email="it@fedasil.example", language="nl")
        assert "Fedasil" in page.text
        assert "There is no key yet" in page.text
        place = page.url.path
        made = await desk.send(f"{place}/keys", place, scopes=list(Scope), networks="")
        first = key_on(made.text)
        assert (await intake.get("/questions", first)).status_code == 200
        second = key_on((await desk.send(f"{place}/keys", place, scopes=list(Scope))).text)
        assert first != second
        assert [(await intake.get("/questions", k)).status_code for k in (first, second)] == [
            200,
            200,
        ]
        full = await desk.client.get(place)
        assert "Two keys work" in full.text
        await desk.send(f"{place}/keys/{first.split('_')[2]}/revoke", place)
        assert [(await intake.get("/questions", k)).status_code for k in (first, second)] == [
            401,
            200,
        ]
        taken = (await desk.client.get(f"{ROOM}.csv")).content.decode("utf-8-sig")
        lines = {line["name"]: line for line in csv.DictReader(io.StringIO(taken))}
        assert (lines["Fedasil"]["keys"], lines["Fedasil"]["language"]) == ("1", "nl")
        assert second not in taken

    async def test_sent_twice_makes_one_and_shows_it_again(self, intake: Intake) -> None:
        desk = await Operator.arrive(intake)
        token = await desk.token(ROOM)
        fields = {"name": "CAW", "language": "nl", "form_token": token}
        pages = [await desk.post(ROOM, **fields) for _ in range(2)]
        assert pages[0].url == pages[1].url
        place = pages[0].url.path
        fields = {"scopes": Scope.WRITE, "form_token": await desk.token(place)}
        shown = [key_on((await desk.post(f"{place}/keys", **fields)).text) for _ in range(2)]
        assert shown[0] == shown[1]
        with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
            desk = await Operator.arrive(intake)
            late = await desk.post(f"{place}/keys", **fields)
        assert "is shown no more" in late.text
        assert shown[0] not in late.text
        again = [await desk.send(f"{place}/keys/{shown[0].split('_')[2]}/revoke", place)] * 2
        assert all(page.status_code == 200 for page in again)

    async def test_what_is_wrong_is_said_and_kept(self, intake: Intake) -> None:
        desk = await Operator.arrive(intake)
        wrong = await desk.send(ROOM, "", name="Caritas", email="nobody", language="nl")
        assert wrong.status_code == 422
        assert "with an @" in wrong.text
        assert 'value="Caritas"' in wrong.text
        taken = await desk.send(ROOM, "", name="Caritas", language="nl")
        assert "There is an organisation with this name" in taken.text
        place = (await desk.send(ROOM, "", name="CAW", language="nl")).url.path
        wrong = await desk.send(f"{place}/keys", place, networks="192.0.2.0/33")
        assert wrong.status_code == 422
        assert "Choose at least one thing" in wrong.text
        assert 'value="192.0.2.0/33"' in wrong.text

    async def test_all_of_it_is_in_the_audit_trail(self, intake: Intake) -> None:
        desk = await Operator.arrive(intake)
        place = (await desk.send(ROOM, "", name="CAW", language="nl")).url.path
        made = await desk.send(f"{place}/keys", place, scopes=[Scope.WRITE])
        key = key_on(made.text)
        await desk.send(f"{place}/keys/{key.split('_')[2]}/revoke", place)
        async with intake.rig.service.database.reading() as session:
            own = messaging.audit.c.about == place.rpartition("/")[2]
            rows = (await session.execute(select(messaging.audit).where(own))).all()
        assert [(row.action, row.actor) for row in rows] == [
            ("organisation.added", "Omar O."),
            ("key.issued", "Omar O."),
            ("key.revoked", "Omar O."),
        ]
        assert key not in repr(rows)

    async def test_nobody_else_gets_in(self, intake: Intake) -> None:
        desk = await Operator.arrive(intake, role="officer")
        assert (await desk.client.get(ROOM)).status_code == 403
        assert (await desk.post(ROOM, name="x", language="nl")).status_code == 403


class Operator:
    """An operator's browser."""

    def __init__(self, client: httpx.AsyncClient, csrf: str) -> None:
        self.client = client
        self.csrf = csrf

    @classmethod
    async def arrive(cls, intake: Intake, role: str = "operator") -> "Operator":
        transport = httpx.ASGITransport(app=intake.app)
        client = httpx.AsyncClient(
            transport=transport, base_url=intake.client.base_url, follow_redirects=True
        )
        staff = await sign_in(client, intake.app, role, name="Omar O.")
        return cls(client, staff.csrf)

    async def token(self, page: str) -> str:
        found = re.search(r'name="form_token" value="([^"]+)"', (await self.client.get(page)).text)
        return found[1] if found else ""

    async def post(self, path: str, **fields: object) -> httpx.Response:
        return await self.client.post(path, data={"csrf": self.csrf, **fields})

    async def send(self, path: str, page: str, **fields: object) -> httpx.Response:
        """Send a form of a page that was just opened."""
        return await self.post(path, form_token=await self.token(page or path), **fields)


def key_on(page: str) -> str:
    found = re.search(r"cri_live_[0-9a-f]{12}_[\w-]{43}", page)
    assert found is not None, page
    return found[0]
