"""What is public comes back to askers: suggestions, changes, honest words about partners."""

import datetime as dt
from pathlib import Path
from typing import Any

import httpx
import pytest
from cri_intake.models import Case, KnownVersion
from cri_intake.rules import is_worth_showing, resemblance
from cri_shared.events import publishing as p
from cri_shared.events.research import CountryChanged
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, approved, hear
from tests.intake.test_delivery import mails, open_page, web_question
from tests.intake.test_pages import GOOD, ask, cases, receipt_on, token

QUESTION = "Can an adult with diabetes obtain insulin in the Shirak region, and at what cost?"
WANTED = {
    "country": "AM",
    "question": "What does insulin cost in Gyumri for a person with diabetes?",
}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


def facts(version: int = 1, **changed: Any) -> p.EntryFacts:
    day = dt.date(2026, 10, 1)
    known: dict[str, Any] = {
        "entry_id": "e1",
        "version": version,
        "slug": "am-insulin-k7p2",
        "country": "AM",
        "topics": ("health.medication",),
        "outcome": "found",
        "information_date": day,
        "review_by": day,
        "published_on": day,
        "languages": (
            p.LanguageVersion(language="en", question=QUESTION, answer="Pharmacies in *Gyumri*."),
            p.LanguageVersion(
                language="fr",
                question="Trouve-t-on de l'insuline dans la région de Chirak, et à quel prix ?",
                answer="Oui.",
            ),
        ),
    }
    return p.EntryFacts(**(known | changed))


async def published(intake: Intake, version: int = 1, **changed: Any) -> None:
    entry = facts(version, **changed)
    await hear(intake, p.EntryPublished(entry_id=entry.entry_id, entry=entry))


async def check(intake: Intake, lang: str = "en", **changed: str) -> str:
    form = WANTED | {"form_token": await token(intake, lang), "email": "a@b.example"} | changed
    answer = await intake.client.post(f"/{lang}/ask/check", data=form)
    assert answer.status_code in (200, 422)
    return answer.text


class TestSuggestions:
    async def test_an_answer_that_exists_is_shown_before_sending(self, intake: Intake) -> None:
        await published(intake)
        page = await check(intake)
        assert f"{intake.rig.settings.search_url}/en/entries/am-insulin-k7p2" in page
        assert QUESTION in page
        assert "a@b.example" in page  # the form comes back filled in
        assert await cases(intake) == 0

    async def test_a_slip_of_the_finger_does_not_hide_it(self, intake: Intake) -> None:
        await published(intake)
        assert QUESTION in await check(intake, question="How much is isulin for diabetis there?")

    async def test_it_is_shown_in_the_readers_language(self, intake: Intake) -> None:
        await published(intake)
        page = await check(intake, "fr", question="Quel est le prix de l'insuline à Chirak ?")
        assert "/fr/entries/am-insulin-k7p2" in page
        assert "insuline dans la région" in page

    @pytest.mark.parametrize(
        ("lang", "question"),
        [
            ("ar", "هل الأنسولين مجاني في غيومري؟"),
            ("ar", "كم سعر الأدوية لمرض السكري؟"),
            ("ru", "Есть ли бесплатный инсулин в Гюмри?"),
            ("sq", "Sa kushton insulina në Gyumri?"),
        ],
    )
    async def test_one_that_is_only_in_other_languages_is_shown_and_says_in_which(
        self, intake: Intake, lang: str, question: str
    ) -> None:
        english = p.LanguageVersion(language="en", question=QUESTION, answer="In *Gyumri*.")
        await published(intake, languages=(english,))
        page = await check(intake, lang, question=question)
        assert f'<details lang="en" dir="ltr"><summary><span>{QUESTION} <span' in page

    @pytest.mark.parametrize(
        "changed",
        [
            {"country": "NP"},
            {"question": "Which school takes children who come back?"},
            {"question": "Где найти школу для детей, которые вернулись?"},
        ],
    )
    async def test_what_does_not_fit_is_not_shown(
        self, intake: Intake, changed: dict[str, str]
    ) -> None:
        await published(intake)
        page = await check(intake, **changed)
        assert QUESTION not in page
        assert "no answer that fits" in page

    async def test_without_country_or_question_the_form_says_so(self, intake: Intake) -> None:
        page = await check(intake, country="")
        assert 'id="country-err"' in page
        assert 'id="role-err"' not in page

    async def test_a_search_that_found_nothing_comes_with_suggestions(self, intake: Intake) -> None:
        await published(intake)
        page = await intake.client.post("/en/ask/start", data=WANTED)
        assert QUESTION in page.text

    @pytest.mark.parametrize("ending", [p.EntryArchived, p.EntryWithdrawn])
    async def test_what_is_no_longer_public_is_not_suggested(
        self, intake: Intake, ending: Any
    ) -> None:
        await hear(intake, ending(entry_id="e1", version=2))
        await published(intake)  # an older version comes late
        assert QUESTION not in await check(intake)
        await published(intake, 3)
        assert QUESTION in await check(intake)

    async def test_the_newest_version_wins(self, intake: Intake) -> None:
        renewed = "Where is insulin sold in Gyumri for diabetes?"
        only = p.LanguageVersion(language="en", question=renewed, answer="x")
        newer = facts(2, languages=(only,))
        await hear(intake, p.EntryRevised(entry_id="e1", entry=newer))
        await published(intake)
        assert renewed in await check(intake)
        async with intake.rig.service.database.reading() as session:
            assert len((await session.execute(select(KnownVersion))).scalars().all()) == 1

    @pytest.mark.parametrize(
        ("wanted", "question", "shown"),
        [
            ({"insulin", "cost"}, ["insulin", "cost", "shirak"], True),
            ({"insulin"}, ["insulin"], True),
            ({"insulin", "school", "fee", "child"}, ["insulin"], False),
            (set(), ["insulin"], False),
        ],
    )
    def test_it_must_be_near_enough(
        self, wanted: set[str], question: list[str], shown: bool
    ) -> None:
        assert is_worth_showing(resemblance(wanted, question, []), wanted) is shown


async def answered(intake: Intake, form_token: str, entry_id: str = "e1") -> httpx.Response:
    form = {"form_token": form_token, "entry_id": entry_id}
    sent = await intake.client.post("/en/ask/answered", data=form)
    assert sent.status_code == 303
    return await intake.client.get(sent.headers["location"])


class TestBeforeSending:
    async def test_answers_come_once_before_a_question_is_sent_and_nothing_is_lost(
        self, intake: Intake
    ) -> None:
        await published(intake)
        form = GOOD | WANTED | {"form_token": await token(intake, "en")}
        page = (await intake.client.post("/en/ask", data=form)).text
        assert QUESTION in page
        assert "<em>Gyumri</em>" in page  # it can be read without leaving the form
        assert str(GOOD["email"]) in page
        assert await cases(intake) == 0
        for _ in range(2):
            page = (await intake.client.post("/en/ask", data=form | {"seen": "yes"})).text
            assert receipt_on(page)
        assert receipt_on((await intake.client.post("/en/ask", data=form)).text)  # an old page
        assert await cases(intake) == 1

    async def test_where_nothing_fits_a_question_is_sent_at_once(self, intake: Intake) -> None:
        await published(intake)
        assert receipt_on(await ask(intake))

    async def test_those_that_the_reader_reads_come_first(self, intake: Intake) -> None:
        only = p.LanguageVersion(language="en", question=f"{QUESTION} Now?", answer="Yes.")
        await published(intake, entry_id="e2", slug="am-english", languages=(only,))
        await published(intake)
        page = await check(intake, "fr", question="Can I obtain insulin in the Shirak region?")
        assert page.index("/fr/entries/am-insulin-k7p2") < page.index("/fr/entries/am-english")

    async def test_a_part_of_the_page_comes_while_somebody_types(self, intake: Intake) -> None:
        await published(intake)
        part = await intake.client.post("/en/ask/existing", data=WANTED)
        assert 'data-said="1 answer exists already"' in part.text
        assert "<html" not in part.text
        assert part.headers["cache-control"] == "no-store"
        for few in ({"country": "AM"}, {"question": "insulin?"}, {"country": "ZZ" * 9}):
            nothing = await intake.client.post(
                "/en/ask/existing", data=WANTED | {"question": ""} | few
            )
            assert nothing.text.strip() == ""

    async def test_who_saves_data_gets_no_script(self, intake: Intake) -> None:
        assert "ask.js" in (await intake.client.get("/en/ask")).text
        saving = await intake.client.get("/en/ask", headers={"save-data": "on"})
        assert "ask.js" not in saving.text

    async def test_an_answer_that_was_enough_is_counted_once_and_without_who(
        self, intake: Intake
    ) -> None:
        await published(intake)
        same = await token(intake, "en")
        for _ in range(2):
            page = await answered(intake, same)
            assert "Your question was not sent" in page.text
        await answered(intake, same, entry_id="unknown")
        await answered(intake, "forged")
        officer = await Officer.arrive(intake)
        assert "fewer than 5" in (await officer.client.get("/console/figures")).text
        for _ in range(4):
            await answered(intake, await token(intake, "en"))
        assert "<dd>5</dd>" in (await officer.client.get("/console/figures")).text


class TestCountries:
    async def test_the_form_says_where_there_is_no_partner(self, intake: Intake) -> None:
        await hear(intake, CountryChanged(country="NP", partner_state="none"))
        page = (await intake.client.get("/en/ask?country=NP")).text
        assert "Nepal (no partner now)" in page
        assert "We have no partner in Nepal now" in page
        await hear(intake, CountryChanged(country="NP", partner_state="available"))
        page = (await intake.client.get("/en/ask?country=NP")).text
        assert "no partner" not in page
        assert '<option value="NP" selected>' in page

    async def test_an_address_chooses_a_country_and_nothing_else(self, intake: Intake) -> None:
        page = await intake.client.get("/en/ask?country=ZZ&question=secret&email=x@y.example")
        assert page.status_code == 200
        assert "secret" not in page.text.split("<form")[-1]
        assert 'value="x@y.example"' not in page.text


class TestCovered:
    async def answered(self, intake: Intake) -> tuple[str, str]:
        receipt, question_id = await web_question(intake, country="AM")
        research_id = await (await Officer.arrive(intake)).release(question_id)
        await hear(intake, approved(research_id))
        return receipt, research_id

    def covered(self, research_id: str, version: int, **changed: Any) -> p.QuestionCovered:
        known: dict[str, Any] = {
            "entry_id": "e1",
            "research_ids": (research_id, "somebody-elses"),
            "slug": "am-insulin-k7p2",
            "version": version,
        }
        return p.QuestionCovered(**(known | changed))

    async def test_the_follow_page_links_to_the_public_entry(self, intake: Intake) -> None:
        receipt, research_id = await self.answered(intake)
        await hear(intake, self.covered(research_id, 1))
        page = await open_page(intake, receipt)
        assert "/en/entries/am-insulin-k7p2" in page
        assert "This answer has changed" not in page
        assert len(await mails(intake)) == 1  # the delivery alone

    async def test_past_askers_are_told_once_of_a_change(self, intake: Intake) -> None:
        receipt, research_id = await self.answered(intake)
        await hear(intake, self.covered(research_id, 1))
        await hear(intake, self.covered(research_id, 2, changed=True))
        await hear(intake, self.covered(research_id, 2, changed=True))
        await hear(intake, self.covered(research_id, 1))
        assert "This answer has changed" in await open_page(intake, receipt)
        texts = [str(mail) for mail in await mails(intake)]
        assert len(texts) == 2
        assert sum("has changed" in text for text in texts) == 1
        assert not [t for t in texts if "insulin" in t]


class TestAsking:
    async def test_the_language_is_the_writers_choice(self, intake: Intake) -> None:
        page = await intake.client.get("/nl/ask")
        assert '<option value="nl" selected>' in page.text
        await ask(intake, "nl", language="ar")
        async with intake.rig.service.database.reading() as session:
            assert (await session.execute(select(Case.language))).scalar_one() == "ar"

    async def test_several_spoken_languages_are_kept(self, intake: Intake) -> None:
        form: dict[str, Any] = {**GOOD, "form_token": await token(intake), "country": ""}
        answer = await intake.client.post("/fr/ask", data=form | {"spoken_languages": ["ar", "ru"]})
        assert answer.status_code == 422
        assert 'value="ar" checked' in answer.text
        assert 'value="ru" checked' in answer.text

    async def test_too_many_at_once_are_recorded_and_set_aside(self, intake: Intake) -> None:
        intake.rig.settings.asks_per_minute = 3
        pages = [await ask(intake, "en", country="AM") for _ in range(5)]
        assert all(receipt_on(page) for page in pages)
        async with intake.rig.service.database.reading() as session:
            held = (await session.execute(select(Case.held))).scalars().all()
        assert sorted(held) == [False, False, False, True, True]
        officer = await Officer.arrive(intake)
        assert 'Set aside <span class="num">2</span>' in (await officer.get("")).text
        assert 'All open <span class="num">3</span>' in (await officer.get("")).text

    async def test_the_number_is_on_a_page_to_print_and_in_no_picture(self, intake: Intake) -> None:
        page = await ask(intake, "en")
        assert "data:image/png;base64," in page
        assert "/en/follow</bdi>" in page

    async def test_saying_that_the_number_is_saved_leads_on(self, intake: Intake) -> None:
        same = await token(intake, "en")
        await intake.client.post("/en/ask", data={**GOOD, "form_token": same})
        saved = await intake.client.post("/en/ask/saved", data={"form_token": same})
        assert saved.headers["location"] == "/en/follow"
        async with intake.rig.service.database.reading() as session:
            assert (await session.execute(select(Case.saved_at))).scalar_one() is not None
        forged = await intake.client.post("/en/ask/saved", data={"form_token": "forged"})
        assert forged.status_code == 303


class TestAnotherCountry:
    async def test_who_asks_about_one_that_is_not_ours_hears_honestly_what_comes(
        self, intake: Intake
    ) -> None:
        form = (await intake.client.get("/en/ask")).text
        assert form.index('value="XK"') < form.index('<option value="ZZ">Another country</option>')
        assert "Choose the last line" in form
        asked = await ask(intake, "en", country="ZZ", question="In Senegal: is there insulin?")
        assert "We tell you whether we can look for an answer" in asked
        assert "A partner in the country looks" not in asked
        page = await open_page(intake, receipt_on(asked))
        assert "Another country" in page
        assert "A partner in the country is looking" not in page

    async def test_an_officer_finds_it_and_says_which_of_ours_it_is_or_that_it_is_none(
        self, intake: Intake
    ) -> None:
        receipt, question_id = await web_question(intake, country="ZZ")
        officer = await Officer.arrive(intake)
        queue = (await officer.get("?view=new&country=ZZ")).text
        assert question_id in queue
        await officer.post(f"/{question_id}/take")
        case = (await officer.get(f"/{question_id}")).text
        assert '<option value="">Choose a country</option>' in case, "none is chosen by accident"
        triage = {"topic": "health.medication", "urgency": "normal", "sensitivity": "green"}
        wrong = await officer.post(f"/{question_id}/triage", country="ZZ", **triage)
        assert wrong.status_code == 422
        words = "We do not work in Senegal. This organisation does."
        await officer.post_looked(f"/{question_id}/refuse", reason="outside", words=words)
        assert words in await open_page(intake, receipt)
