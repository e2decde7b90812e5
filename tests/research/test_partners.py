"""The registry: who is added, who may be asked, and what the world hears of it."""

import datetime as dt
import re

import pytest
from cri_research.models import Assignment, Partner
from cri_research.queries import partners as queries
from cri_shared import clock
from cri_shared.events.research import CountryChanged
from cri_shared.places import LANGUAGES
from cri_shared.testing.disk import files_with
from cri_shared.testing.events import emitted
from cri_shared.testing.identity import sign_in
from sqlalchemy import func, select

from tests.research.conftest import PARTNER, Research


async def partners(research: Research) -> int:
    async with research.rig.service.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(Partner))).scalar_one()


async def states(research: Research) -> list[tuple[str, str]]:
    events = await emitted(research.rig.service, CountryChanged)
    return [(e.country, e.partner_state) for e in events]


class TestAdding:
    async def test_a_partner_stands_in_the_registry(self, research: Research) -> None:
        partner_id = await research.add_partner(regions="Shirak, Lori", topics="health.access")
        page = await research.see(f"/console/partners/{partner_id}")
        for shown in ("Ararat Return Desk", "desk@ararat.example", "Shirak", "Armenian"):
            assert shown in page

    @pytest.mark.parametrize(
        ("changed", "field", "words"),
        [
            ({"name": ""}, "name", "Write the name"),
            ({"email": "nobody"}, "email", "Write an e-mail address with an @"),
            ({"countries": ""}, "countries", "Choose at least one country"),
            ({"countries": "ZZ"}, "countries", "Choose at least one country"),
            ({"languages": "french please"}, "languages", "Choose languages of the list"),
            ({"capacity": "0"}, "capacity", "Write a number from 1 to 50"),
            ({"mail_language": ""}, "mail_language", "Choose the language of our messages"),
            ({"risk": "extreme"}, "risk", "Choose a risk"),
            ({"topics": "magic.spells"}, "topics", "There is no such topic"),
            (
                {"agreement_from": "2026-03-01", "agreement_until": "2026-02-01"},
                "agreement_until",
                "ends before it begins",
            ),
        ],
    )
    async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
        self, research: Research, changed: dict[str, str], field: str, words: str
    ) -> None:
        page = await research.see("/console/partners/new")
        token = re.search(r'name="form_token" value="([^"]+)"', page)
        assert token is not None
        form = {**PARTNER, "notes": "Tell the PIN by Signal", "form_token": token[1], **changed}
        answer = await research.post("/console/partners/new", **form)
        assert answer.status_code == 422
        assert words in answer.text
        assert f'id="{field}-err"' in answer.text
        assert "Tell the PIN by Signal" in answer.text
        assert await partners(research) == 0

    async def test_the_form_sent_twice_adds_one_partner(self, research: Research) -> None:
        page = await research.see("/console/partners/new")
        token = re.search(r'name="form_token" value="([^"]+)"', page)
        assert token is not None
        form = {**PARTNER, "form_token": token[1]}
        first = await research.post("/console/partners/new", **form)
        again = await research.post("/console/partners/new", **form)
        assert first.headers["location"] == again.headers["location"]
        assert "was added once" in await research.see(again.headers["location"])
        assert await partners(research) == 1

    async def test_who_a_partner_is_lies_sealed_in_every_file(self, research: Research) -> None:
        await research.add_partner(notes="Lives behind the mosque", reach="Signal, after six")
        secrets = ("Ararat", "ararat.example", "behind the mosque", "after six")
        assert files_with(research.directory, *secrets) == []

    async def test_a_partner_can_be_described_anew(self, research: Research) -> None:
        partner_id = await research.add_partner()
        page = await research.see(f"/console/partners/{partner_id}/edit")
        assert "desk@ararat.example" in page
        ticked = re.findall(r'name="(?:mail_language|languages)" value="([\w-]+)" checked', page)
        assert ticked == ["en", "hy", "en", "ru"]
        url = f"/console/partners/{partner_id}/edit"
        bad = await research.post(url, **{**PARTNER, "name": ""})
        assert bad.status_code == 422
        saved = await research.post(url, **{**PARTNER, "name": "Gyumri Desk", "countries": "GE"})
        assert saved.status_code == 303
        assert "Gyumri Desk" in await research.see(f"/console/partners/{partner_id}")
        assert await states(research) == [("AM", "available"), ("AM", "none"), ("GE", "available")]

    async def test_languages_are_chosen_by_their_names(self, research: Research) -> None:
        page = await research.see("/console/partners/new")
        offered = re.findall(r'name="languages" value="[\w-]+"> ([^<]+)<', page)
        assert {"Berber", "Dari", "Moroccan Arabic", "Romany"} <= set(offered)
        assert set(offered).isdisjoint(LANGUAGES)


class TestFinding:
    async def test_the_list_is_filtered_by_country_state_and_name(self, research: Research) -> None:
        await research.add_partner()
        other = await research.add_partner(name="Maison Équateur", countries="CD")
        await research.post(f"/console/partners/{other}/suspend", why="absent")

        async def names(query: str) -> list[str]:
            page = await research.see(f"/console/partners?{query}")
            return re.findall(r'class="q" href="[^"]+"><bdi>([^<]+)<', page)

        assert await names("") == ["Ararat Return Desk", "Maison Équateur"]
        assert await names("country=CD") == ["Maison Équateur"]
        assert await names("state=available") == ["Ararat Return Desk"]
        assert await names("state=suspended") == ["Maison Équateur"]
        assert await names("q=equat") == ["Maison Équateur"]
        assert await names("q=nobody") == []

    async def test_an_unknown_partner_is_not_found(self, research: Research) -> None:
        for path in ("x", "x/edit"):
            assert (await research.client.get(f"/console/partners/{path}")).status_code == 404
        for path in ("edit", "suspend", "resume", "pin"):
            form = {**PARTNER, "why": "risk"}
            assert (await research.post(f"/console/partners/x/{path}", **form)).status_code == 404

    async def test_only_coordinators_come_in(self, research: Research) -> None:
        partner_id = await research.add_partner()
        research.client.cookies.clear()
        for path in ("questions", "partners", f"partners/{partner_id}", "countries"):
            away = await research.client.get(f"/console/{path}")
            assert away.headers["location"] == "/console/sign-in"
        await sign_in(research.client, research.app, "editor", name="Ed I.")
        for path in ("questions", "partners", f"partners/{partner_id}", "countries"):
            assert (await research.client.get(f"/console/{path}")).status_code == 403


class TestCountries:
    async def test_only_the_first_and_the_last_partner_change_a_country(
        self, research: Research
    ) -> None:
        first = await research.add_partner()
        second = await research.add_partner(name="Second")
        await research.post(f"/console/partners/{first}/suspend", why="risk")
        assert await states(research) == [("AM", "available")]
        await research.post(f"/console/partners/{second}/suspend", why="risk")
        await research.post(f"/console/partners/{first}/resume")
        assert await states(research) == [("AM", "available"), ("AM", "none"), ("AM", "available")]

    async def test_an_agreement_that_ends_or_begins_is_told_on_its_day(
        self, research: Research
    ) -> None:
        today = clock.today()
        await research.add_partner(
            agreement_from=(today + dt.timedelta(days=10)).isoformat(),
            agreement_until=(today + dt.timedelta(days=20)).isoformat(),
        )
        assert await states(research) == []
        with clock.frozen(clock.now() + dt.timedelta(days=11)):
            await research.duties()
            await research.duties()
            assert await states(research) == [("AM", "available")]
        with clock.frozen(clock.now() + dt.timedelta(days=40)):
            await research.duties()
            assert await states(research) == [("AM", "available"), ("AM", "none")]

    async def test_a_country_can_be_switched(self, research: Research) -> None:
        assert "No partner here now" in await research.see("/console/countries")
        set_to = await research.post("/console/countries/AM", automatic="no")
        assert set_to.status_code == 303
        assert (await research.post("/console/countries/AM", automatic="x")).status_code == 422
        assert (await research.post("/console/countries/ZZ", automatic="no")).status_code == 404


class TestSuspending:
    async def test_open_questions_go_to_another_partner_and_the_first_gets_no_mail(
        self, research: Research
    ) -> None:
        first = await research.add_partner()
        await research.add_partner(name="Second", email="second@x.example", topics="health.access")
        await research.clear()
        letter = await research.letter()
        assert letter.to == "desk@ararat.example"
        await research.post(f"/console/partners/{first}/suspend", why="risk")
        await research.duties()
        assert [m.to for m in await research.letters()] == ["second@x.example"]
        async with research.phone() as phone:
            assert (await phone.open(letter)).status_code == 422

    async def test_suspending_twice_is_said_kindly(self, research: Research) -> None:
        partner_id = await research.add_partner()
        url = f"/console/partners/{partner_id}"
        assert (await research.post(f"{url}/suspend")).status_code == 422
        await research.post(f"{url}/suspend", why="risk")
        again = await research.post(f"{url}/suspend", why="risk")
        assert again.status_code == 303
        assert "This was done already" in await research.see(url)


class TestHighRisk:
    async def test_nothing_is_sent_before_there_is_a_pin(self, research: Research) -> None:
        partner_id = await research.add_partner(risk="high")
        research_id = await research.clear()
        assert await research.letters() == []
        page = await research.see(f"/console/questions/{research_id}")
        assert "Needs a PIN first" in page
        sent = await research.post(f"/console/questions/{research_id}/dispatch", partner=partner_id)
        assert sent.status_code == 303
        assert await research.letters() == []
        made = await research.post(f"/console/partners/{partner_id}/pin")
        assert re.search(r'class="bigcode"><bdi dir="ltr">\d{6}<', made.text)
        await research.duties()
        assert len(await research.letters()) == 1

    async def test_a_pin_is_shown_once_and_kept_as_a_hash(self, research: Research) -> None:
        partner_id = await research.add_partner(risk="high", reach="Signal, after six")
        assert "Signal, after six" in await research.see(f"/console/partners/{partner_id}/edit")
        made = await research.post(f"/console/partners/{partner_id}/pin")
        told = made.text.partition('class="bigcode"')[2].partition("</div>")[0]
        assert "Signal, after six" in told, "the coordinator reads how to tell it"
        found = re.search(r'class="bigcode"><bdi dir="ltr">(\d{6})<', made.text)
        assert found is not None
        assert found[1] not in await research.see(f"/console/partners/{partner_id}")
        calm = await research.add_partner(name="Calm")
        assert (await research.post(f"/console/partners/{calm}/pin")).status_code == 404


async def test_the_record_counts_what_a_partner_did(research: Research) -> None:
    monday = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
    with clock.frozen(monday):
        await research.sign_in("Ann")
        partner_id = await research.add_partner()
        await research.clear()
        first = await research.letter()
        await research.clear()
        second = await research.letter()
        async with research.phone() as phone:
            await phone.open(second)
            await phone.post("decline", decline_reason="no_capacity")
    with clock.frozen(monday + dt.timedelta(days=3)):
        await research.sign_in("Bea")
        async with research.phone() as phone:
            await phone.open(first)
            await phone.answer()
        page = await research.see(f"/console/partners/{partner_id}")
        facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
        assert facts["Answered"] == "1"
        assert facts["Declined"] == "1"
        assert facts["Late"] == "0"
        assert facts["Working days to an answer (median)"] == "3"
    async with research.rig.service.database.reading() as session:
        sent = (await session.execute(select(func.count()).select_from(Assignment))).scalar_one()
    assert sent == 2


async def test_only_the_last_questions_tell_how_a_partner_works(
    research_on: Research, monkeypatch: pytest.MonkeyPatch
) -> None:
    research = research_on
    monkeypatch.setattr(queries, "RECENT", 2)
    monday = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
    with clock.frozen(monday):
        await research.sign_in("Ann")
        partner_id = await research.add_partner()
        await research.clear()
        async with research.phone() as phone:
            await phone.open(await research.letter())
            await phone.post("decline", decline_reason="no_capacity")
        assert "0 answered, 1 declined, 0 late" in await research.see("/console/partners")
    for hours in (1, 2):
        with clock.frozen(monday + dt.timedelta(hours=hours)):
            await research.clear()
            async with research.phone() as phone:
                await phone.open(await research.letter())
                await phone.answer()
    with clock.frozen(monday + dt.timedelta(hours=3)):
        await research.sign_in("Bea")
        directory = await research.see("/console/partners")
        page = await research.see(f"/console/partners/{partner_id}")
    assert "2 answered, 0 declined, 0 late" in directory
    assert "Of the last 2 questions" in directory
    assert "Of the last 2 questions" in page
    assert "<dt>Declined</dt><dd>0</dd>" in page
