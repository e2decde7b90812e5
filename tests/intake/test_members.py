"""People of a partner organisation sign in, and see what is theirs and nothing else."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from cri_intake.models import Member
from cri_intake.queries import organisations
from cri_shared import clock
from cri_shared.identity.staff import MEMBER
from cri_shared.testing.identity import PASSWORD
from cri_shared.web.lanes import Lanes
from pyotp import TOTP
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, posted
from tests.intake.test_helpers import code_for, followed, page, shown


async def organisation_id(intake: Intake) -> str:
    async with intake.rig.service.database.reading() as session:
        return (await session.execute(select(Member.organisation_id).limit(1))).scalar_one()


class Colleague(Officer):
    """Somebody of an organisation, or an operator, with a browser."""

    async def see(self, path: str) -> str:
        answer = await self.client.get(f"/console{path}")
        assert answer.status_code == 200, answer.text
        return answer.text

    async def send(self, path: str, **fields: Any) -> httpx.Response:
        self.intake.app.state.lanes = Lanes()
        return await self.client.post(f"/console{path}", data={"csrf": self.staff.csrf, **fields})

    async def form(self, _path: str, of: str) -> str:
        found = re.search(r'name="form_token" value="([^"]+)"', await self.see(of))
        assert found is not None
        return found[1]


async def member(intake: Intake, name: str = "Mia M.", house: str = "Caritas") -> Colleague:
    """An operator lets somebody of an organisation in, who comes by the link."""
    operator = await Colleague.arrive(intake, f"Op {name}", "operator")
    assert isinstance(operator, Colleague)
    found = re.search(
        rf'/organisations/([\w-]+)"><bdi>{house}<', await operator.see("/organisations")
    )
    assert found is not None
    where = f"/organisations/{found[1]}"
    email = f"{name[:3].lower()}@house.example"
    form = {"person": name, "address": email, "form_token": await operator.form("", where)}
    for _ in range(2):  # the second click shows the same link
        made = await operator.send(f"{where}/people", **form)
        link = re.search(r"/console/invited/([\w-]+)", made.text)
        assert link is not None, made.text
    identity = intake.rig.service.identity
    invited = await identity.invitation(link[1])
    assert invited.roles == (MEMBER,)
    code = TOTP(invited.totp_secret).at(clock.now())
    session = await identity.accept(link[1], password=PASSWORD, code=code, language="en")
    transport = httpx.ASGITransport(app=intake.app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url=intake.client.base_url)
    client.cookies.set(intake.rig.settings.cookie_name, session)
    staff = await identity.whoever(session)
    assert staff is not None
    return Colleague(intake, client, staff)


class TestTheirQuestions:
    async def test_they_see_status_and_answer_of_their_own_and_no_others(
        self, intake: Intake
    ) -> None:
        own = await posted(intake, 1)
        other_key, mine = await intake.another_key("Another house"), intake.key
        intake.key = other_key
        others = await posted(intake, 2, reference="THEIRS")
        intake.key = mine
        mia = await member(intake)
        listed = await mia.see("/ours")
        assert "OUR-REF-77" in listed
        assert "THEIRS" not in listed
        seen = await mia.see(f"/ours/{own}")
        assert "Karen" not in seen
        assert (await mia.client.get(f"/console/ours/{others}")).status_code == 404
        assert (await mia.client.get("/console/questions")).status_code == 403
        assert "Staff only" not in seen

    async def test_they_turn_the_pages_of_a_long_list(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(organisations, "PAGE", 2)
        posted_ids = [await posted(intake, n, reference=f"REF-{n}") for n in range(5)]
        mia = await member(intake)
        read: list[str] = []
        where = "/ours"
        while where:
            page = await mia.see(where)
            read += re.findall(r'class="q" href="/console/ours/([\w-]+)"', page)
            older = re.search(r'href="(\?after=[\w=-]+)">Older questions', page)
            where = f"/ours{older[1]}" if older else ""
        assert sorted(read) == sorted(posted_ids)
        assert len(read) == 5
        assert 'href="/console/ours">Newest questions' in page
        unknown = await mia.client.get("/console/ours?after=nonsense")
        assert unknown.status_code == 422
        assert "Start from the first page" in unknown.text

    async def test_they_write_once_however_often_they_click(self, intake: Intake) -> None:
        own = await posted(intake, 1)
        mia = await member(intake)
        form = {"message": "One more thing.", "form_token": await mia.form("", f"/ours/{own}")}
        for _ in range(2):
            assert (await mia.send(f"/ours/{own}/message", **form)).status_code == 303
        assert (await mia.see(f"/ours/{own}")).count("One more thing.") == 1

    async def test_they_come_by_a_code_and_go_again(self, intake: Intake) -> None:
        question_id = await followed(intake)
        mia = await member(intake)
        assert "We do not know this code" in (await mia.send("/ours/code", code="12")).text
        code = shown(await code_for(intake))
        for _ in range(2):
            came = await mia.send("/ours/code", code=code)
            assert came.headers["location"] == f"/console/ours/{question_id}"
        assert "<bdi>Caritas</bdi>: reads where" in await page(intake)
        theirs = await mia.see(f"/ours/{question_id}")
        assert "Goma" not in theirs
        assert "<summary>Follow it no more</summary>" in theirs
        assert (await mia.send(f"/ours/{question_id}/message", message="x")).status_code == 422
        for _ in range(2):  # the second click finds that it is done
            gone = await mia.send(f"/ours/{question_id}/give-back")
            assert gone.headers["location"] == "/console/ours"
            assert "You follow this question no more." in await mia.see("/ours")
            assert "Caritas" not in await page(intake)
        await intake.another_key("Another house")
        noa = await member(intake, "Noa N.", "Another house")
        assert (await noa.send(f"/ours/{question_id}/give-back")).status_code == 404


class TestTheirKeys:
    async def test_they_change_keys_and_never_those_of_others(self, intake: Intake) -> None:
        other = (await intake.another_key("Another house")).split("_")[2]
        mia = await member(intake)
        keys = await mia.see("/keys")
        assert intake.key.split("_")[2] in keys
        assert other not in keys
        form = {"scopes": "cases:read-own", "form_token": await mia.form("", "/keys")}
        made = await mia.send("/keys", **form)
        assert made.status_code == 201
        found = re.search(r"cri_live_\w+_[\w-]{43}", made.text)
        assert found is not None
        assert (await intake.get("/questions", found[0])).status_code == 200
        assert (await mia.send(f"/keys/{other}/revoke")).status_code == 404
        for _ in range(2):
            old = intake.key.split("_")[2]
            assert (await mia.send(f"/keys/{old}/revoke")).status_code == 303
        assert (await intake.get("/questions")).status_code == 401


class TestLettingIn:
    @pytest.fixture
    def database_url(self, tmp_path: Path) -> str:
        return f"sqlite+aiosqlite:///{tmp_path}/service.db"

    async def test_who_is_taken_away_sees_nothing_at_once_and_may_come_back(
        self, intake: Intake
    ) -> None:
        mia = await member(intake)
        operator = await Colleague.arrive(intake, "Op", "operator")
        assert isinstance(operator, Colleague)
        where = f"/organisations/{await organisation_id(intake)}"
        for _ in range(2):
            gone = await operator.send(f"{where}/people/end", member=mia.staff.email)
            assert gone.status_code == 303
        assert (await mia.client.get("/console/ours")).status_code == 404
        form = {"person": "Mia M.", "address": mia.staff.email}
        form["form_token"] = await operator.form("", where)
        assert (await operator.send(f"{where}/people", **form)).status_code == 303
        assert "Caritas" in await mia.see("/ours")

    async def test_staff_are_no_members_and_members_are_no_staff(self, intake: Intake) -> None:
        mia = await member(intake)
        officer = await Officer.arrive(intake)
        operator = await Colleague.arrive(intake, "Op", "operator")
        assert isinstance(operator, Colleague)
        where = f"/organisations/{await organisation_id(intake)}"
        form = {"person": "Leen", "address": officer.staff.email}
        form["form_token"] = await operator.form("", where)
        assert (await operator.send(f"{where}/people", **form)).status_code == 422
        both = {"staff_id": mia.staff.staff_id, "roles": [MEMBER, "officer"]}
        refused = await operator.send("/staff/roles", **both)
        assert "has no other role here" in refused.text
