"""What readers say of an answer: counted without knowing them, told in weeks of five or more."""

import datetime as dt
from typing import Any

import pytest
from bs4 import BeautifulSoup
from cri_search.counting import tell_counts
from cri_search.models import Miss, Rating, SentForm
from cri_shared import clock
from cri_shared.events.publishing import EntryWithdrawn
from cri_shared.privacy.gate import Suspect
from cri_shared.web import gating
from sqlalchemy import select

from tests.search.conftest import Search
from tests.search.library import NOW
from tests.search.test_listings import contact

PATH = "/en/entries/insulin-slug/feedback"
NEXT_WEEK = NOW + dt.timedelta(days=7)


@pytest.fixture(autouse=True)
def quick_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate without its word lists, which take seconds to load: Karim is a name."""

    async def look(text: str | None) -> list[Suspect]:
        at = (text or "").find("Karim")
        return [Suspect("name", "Karim", at, at + 5)] if at >= 0 else []

    monkeypatch.setattr(gating, "pointing_at_people", look)


async def token(search: Search, path: str = PATH) -> str:
    page = BeautifulSoup((await search.get(path)).text, "html.parser")
    field = page.select_one("input[name=form_token]")
    assert field is not None
    return str(field["value"])


async def send(search: Search, form_token: str | None = None, **said: str) -> Any:
    form = {"form_token": form_token or await token(search), **said}
    return await search.client.post(PATH, data=form)


async def rows(search: Search, table: Any) -> list[Any]:
    async with search.rig.service.database.reading() as session:
        return list((await session.execute(select(table))).scalars())


async def told(search: Search, subject: str) -> int:
    """How many events wait to be published under a subject."""
    outbox = search.rig.service.database.outbox.tables.outbox
    async with search.rig.service.database.reading() as session:
        rows = await session.execute(select(outbox).where(outbox.c.subject == subject))
        return len(rows.all())


class TestTheForm:
    async def test_the_page_of_an_answer_leads_to_it_and_stays_the_same_for_all(
        self, search: Search
    ) -> None:
        page = await search.get("/en/entries/insulin-slug")
        for address in (f"{PATH}?useful=yes", f"{PATH}?useful=no", f'{PATH}"'):
            assert address in page.text
        assert "form_token" not in page.text
        form = await search.get(f"{PATH}?useful=yes")
        assert form.headers["cache-control"] == "no-store"
        assert "set-cookie" not in form.headers
        assert 'value="yes" checked' in form.text
        assert "Do not write names" in form.text

    async def test_a_word_counts_once_however_often_it_is_sent(self, search: Search) -> None:
        form_token = await token(search)
        for _ in range(2):
            thanks = await send(search, form_token, useful="yes")
            assert (thanks.status_code, "Thank you" in thanks.text) == (200, True)
        (rating,) = await rows(search, Rating)
        assert (rating.entry_id, rating.useful, rating.not_useful) == ("insulin", 1, 0)
        assert rating.week == dt.date(2026, 11, 23)
        assert len(await rows(search, SentForm)) == 1

    async def test_a_mistake_is_told_once_and_nothing_of_it_is_kept(self, search: Search) -> None:
        form_token = await token(search)
        for _ in range(2):
            await send(search, form_token, kind="contact", text="The office has moved.")
        assert await told(search, "cri.search.mistake.reported.v1") == 1
        assert not await rows(search, Rating)

    @pytest.mark.parametrize(
        ("said", "wrong"),
        [
            ({}, "Choose yes or no, or say what is wrong"),
            ({"text": "Old."}, "Choose what is wrong"),
            ({"useful": "maybe"}, "Choose one of the options"),
            ({"kind": "wrong", "text": "x" * 1001}, "This text is too long"),
            ({"useful": "yes", "website": "spam"}, "This page was open for too long."),
        ],
    )
    async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
        self, search: Search, said: dict[str, str], wrong: str
    ) -> None:
        page = await send(search, **said)
        assert page.status_code == 422
        assert wrong in page.text
        assert said.get("text", "") in page.text
        assert not await rows(search, Rating)

    async def test_a_token_that_is_not_ours_counts_nothing(self, search: Search) -> None:
        assert (await send(search, "forged", useful="yes")).status_code == 422
        assert not await rows(search, Rating)

    async def test_a_name_stays_outside_unless_it_is_none(self, search: Search) -> None:
        text = {"kind": "wrong", "text": "Ask at Karim, the pharmacy."}
        page = await send(search, **text)
        assert page.status_code == 422
        assert "Take out the names of people" in page.text
        assert not await told(search, "cri.search.mistake.reported.v1")
        soup = BeautifulSoup(page.text, "html.parser")
        marks = soup.select_one("input[name=marks_name]")
        assert marks is not None
        said = {"marks_name": str(marks["value"]), "keep_name": "public_body"}
        assert (await send(search, **text, **said)).status_code == 200
        assert await told(search, "cri.search.mistake.reported.v1") == 1

    async def test_what_was_taken_back_cannot_be_judged(self, search: Search) -> None:
        form_token = await token(search)
        await search.hear(EntryWithdrawn(entry_id="insulin", version=2))
        assert (await search.get(PATH)).status_code == 410
        assert (await send(search, form_token, useful="yes")).status_code == 410
        assert (await search.get("/en/entries/nothing/feedback")).status_code == 404


class TestMistakesInListings:
    """A contact or programme is questioned as an answer is."""

    async def test_it_is_told_once_with_its_words_and_nothing_is_lost(self, search: Search) -> None:
        await search.hear(contact())
        path = "/en/listings/c-1/mistake"
        assert f'href="{path}"' in (await search.get("/en/countries/AM")).text
        form = {"form_token": await token(search, path)}
        empty = await search.client.post(path, data={**form, "text": "It moved."})
        assert (empty.status_code, "Choose what is wrong" in empty.text) == (422, True)
        assert "It moved." in empty.text
        named = await search.client.post(path, data={**form, "kind": "wrong", "text": "Karim left"})
        assert "Take out the names of people" in named.text
        for _ in range(2):
            sent = {**form, "kind": "contact", "text": "It moved."}
            thanks = await search.client.post(path, data=sent)
            assert "/en/countries/AM#contact-c-1" in thanks.text
        assert await told(search, "cri.search.listing.reported.v1") == 1

    async def test_what_was_taken_away_cannot_be_questioned(self, search: Search) -> None:
        await search.hear(contact(), contact(2).model_copy(update={"contact": None}))
        assert (await search.get("/en/listings/c-1/mistake")).status_code == 404


async def end_of_week(search: Search) -> None:
    with clock.frozen(NEXT_WEEK):
        async with search.rig.service.database.writing() as work:
            await tell_counts(work)


class TestCounts:
    @pytest.mark.parametrize(("readers", "events"), [(4, 0), (5, 1)])
    async def test_a_week_is_told_where_five_said_something(
        self, search: Search, readers: int, events: int
    ) -> None:
        for number in range(readers):
            await send(search, useful="no" if number else "yes")
        async with search.rig.service.database.writing() as work:
            await tell_counts(work)
        assert len(await rows(search, Rating)) == 1  # its week is not over
        await end_of_week(search)
        assert await told(search, "cri.search.entry.rated.v1") == events
        assert not await rows(search, Rating)

    @pytest.mark.parametrize(("searches", "events"), [(4, 0), (5, 1)])
    async def test_searches_without_a_result_are_counted_without_their_words(
        self, search: Search, searches: int, events: int
    ) -> None:
        for number in range(searches):
            await search.get(f"/en/search?q=zzzxqw{number}&country=AM&topic=health")
        await search.get("/en/search?q=zzzxqw&part=results&country=AM&topic=health")
        await search.get("/en/search?q=zzzxqw")
        await search.get("/en/search?q=insulin&country=AM")
        await search.app.state.misses.write()
        (miss,) = await rows(search, Miss)
        assert (miss.country, miss.topic, miss.searches) == ("AM", "health", searches)
        await end_of_week(search)
        assert await told(search, "cri.search.search.missed.v1") == events
        assert not await rows(search, Miss)
