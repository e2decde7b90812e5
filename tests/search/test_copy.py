"""The copy tells what is public now, whatever the order in which it heard of it."""

import datetime as dt
import itertools

import httpx
import pytest
from cri_search.models import Entry, EntryText
from cri_shared import clock
from cri_shared.events import Event
from cri_shared.events.publishing import EntryArchived, EntryWithdrawn
from cri_shared.events.research import CountryChanged
from cri_shared.events.training import EditionCancelled, EditionChanged, EditionPublished
from cri_shared.testing.identity import sign_in
from sqlalchemy import select

from tests.search.conftest import Search, published, revised
from tests.search.library import edition, facts, library

FIRST = facts("e1", {"en": ("First?", "One.")}, slug="first")
SECOND = facts(
    "e1", {"en": ("Second?", "Two."), "nl": ("Tweede?", "Twee.")}, slug="first", version=2
)


async def first(search: Search) -> httpx.Response:
    return await search.get("/en/entries/first")


@pytest.fixture
def empty(empty_on: Search) -> Search:
    """A search that has heard nothing yet, here on each database."""
    return empty_on


async def test_every_page_can_be_read_on_each_database(empty: Search) -> None:
    await empty.hear(*(published(entry) for entry in library()))
    paths = ["", "search?q=insulin", "entries/insulin-slug", "countries", "countries/AM"]
    for path in [*paths, "topics/health", "topics/education.school"]:
        page = await empty.get(f"/en/{path}")
        assert page.status_code == 200, path
    assert "Is insulin free in Gyumri?" in (await empty.get("/en/topics/health")).text
    await sign_in(empty.client, empty.app, "operator")
    assert (await empty.get("/console/holdings")).status_code == 200


class TestEntries:
    async def test_the_newer_version_wins_in_any_order(self, empty: Search) -> None:
        await empty.hear(revised(SECOND), published(FIRST))
        assert "Second?" in (await first(empty)).text
        assert "Tweede?" in (await empty.get("/nl/entries/first")).text

    async def test_a_revision_replaces_all_language_versions(self, empty: Search) -> None:
        shorter = facts("e1", {"en": ("Third?", "Three.")}, slug="first", version=3)
        await empty.hear(published(FIRST), revised(SECOND), revised(shorter))
        page = await empty.get("/nl/entries/first")
        assert "Third?" in page.text
        assert "Tweede?" not in page.text

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    async def test_of_one_version_the_earliest_day_of_the_next_check_counts(
        self, empty: Search, order: tuple[int, int]
    ) -> None:
        sooner = FIRST.model_copy(update={"review_by": dt.date(2026, 11, 1)})
        told = (published(FIRST), revised(sooner))
        await empty.hear(*(told[at] for at in order))
        known = (await empty.get("/api/v1/entries/e1")).json()
        assert (known["review_by"], known["standing"]["due"]) == ("2026-11-01", True)

    async def test_an_archived_entry_is_shown_with_a_banner(self, search: Search) -> None:
        await search.hear(EntryArchived(entry_id="insulin", version=1))
        page = await search.get("/en/entries/insulin-slug")
        assert page.status_code == 200
        assert "This answer is archived." in page.text
        assert "Is insulin free in Gyumri?" in page.text

    async def test_an_archived_entry_is_not_found_by_searching(self, search: Search) -> None:
        await search.hear(EntryArchived(entry_id="insulin", version=1))
        assert "insulin-slug" not in (await search.get("/en/search?q=insulin")).text
        assert "insulin-slug" not in (await search.get("/en/countries/AM")).text

    @pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
    async def test_a_withdrawn_entry_is_gone_in_any_order(
        self, empty: Search, order: tuple[int, ...]
    ) -> None:
        events: list[Event] = [
            published(FIRST),
            revised(SECOND),
            EntryWithdrawn(entry_id="e1", version=2),
        ]
        await empty.hear(*(events[at] for at in order))
        page = await first(empty)
        assert page.status_code == 410
        assert "This answer was taken back" in page.text
        assert "Second?" not in page.text

    async def test_a_tombstone_keeps_id_address_and_day_only(self, search: Search) -> None:
        await search.hear(EntryWithdrawn(entry_id="insulin", version=2))
        async with search.rig.service.database.reading() as session:
            entry = await session.get(Entry, "insulin")
            texts = await session.execute(select(EntryText).where(EntryText.entry_id == "insulin"))
            assert entry is not None
            assert not texts.all()
        kept = {
            column.name: value
            for column in Entry.__table__.columns
            if (value := getattr(entry, column.name))
        }
        assert set(kept) == {"entry_id", "slug", "state", "ended_on", "version", "ended_version"}

    async def test_an_archived_entry_that_is_renewed_is_public_again(self, empty: Search) -> None:
        await empty.hear(published(FIRST), EntryArchived(entry_id="e1", version=1), revised(SECOND))
        page = await first(empty)
        assert "archived" not in page.text
        assert "Second?" in page.text

    async def test_archived_before_it_was_published_is_archived(self, empty: Search) -> None:
        await empty.hear(EntryArchived(entry_id="e1", version=1))
        assert (await first(empty)).status_code == 404
        await empty.hear(published(FIRST))
        assert "This answer is archived." in (await first(empty)).text

    async def test_an_event_heard_twice_changes_nothing(self, empty: Search) -> None:
        await empty.hear(published(SECOND), published(SECOND))
        assert "Second?" in (await first(empty)).text


class TestPlacesAndWorkshops:
    async def test_a_country_tells_its_partner_state_honestly(self, search: Search) -> None:
        assert "No partner at the moment" in (await search.get("/en/countries/AF")).text
        assert "A partner takes questions" in (await search.get("/en/countries/AM")).text
        assert "We do not know yet" in (await search.get("/en/countries/GH")).text
        await search.hear(CountryChanged(country="AM", partner_state="none"))
        assert "No partner at the moment" in (await search.get("/en/countries/AM")).text

    async def test_home_announces_the_next_workshops(self, search: Search) -> None:
        home = (await search.get("/en/")).text
        assert "10 December 2026" in home
        assert "Few places left" in home

    async def test_a_workshop_opens_in_the_language_of_the_reader(self, search: Search) -> None:
        for lang, opens in (("fr", "fr"), ("nl", "nl"), ("ru", "en")):
            home = (await search.get(f"/{lang}/")).text
            assert f"http://127.0.0.1:8004/{opens}/workshops/ghent" in home

    async def test_a_change_is_shown_and_an_older_one_ignored(self, empty: Search) -> None:
        later = [{"starts_at": "2027-01-14T09:00:00Z", "ends_at": "2027-01-14T12:00:00Z"}]
        newer = edition("ghent", version=2, town="Liège", places="waiting_list", sittings=later)
        await empty.hear(
            EditionChanged(edition_id="ghent", edition=newer),
            EditionPublished(edition_id="ghent", edition=edition("ghent")),
        )
        home = (await empty.get("/en/")).text
        for told in ("Liège", "Waiting list", "14 January 2027"):
            assert told in home
        assert "Ghent" not in home

    async def test_a_workshop_that_takes_nobody_any_more_says_so(self, empty: Search) -> None:
        closed = edition("ghent", version=2, takes_sign_ups=False)
        await empty.hear(
            EditionPublished(edition_id="ghent", edition=edition("ghent")),
            EditionChanged(edition_id="ghent", edition=closed),
        )
        home = (await empty.get("/en/")).text
        assert "Sign-up closed" in home
        assert "Few places left" not in home
        reopened = edition("ghent", version=3, takes_sign_ups=True)
        await empty.hear(EditionChanged(edition_id="ghent", edition=reopened))
        assert "Few places left" in (await empty.get("/en/")).text

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    async def test_a_cancelled_workshop_is_not_announced(
        self, empty: Search, order: tuple[int, int]
    ) -> None:
        events: list[Event] = [
            EditionPublished(edition_id="ghent", edition=edition("ghent")),
            EditionCancelled(edition_id="ghent", version=2),
        ]
        await empty.hear(*(events[at] for at in order))
        assert "Talking about return" not in (await empty.get("/en/")).text

    async def test_a_workshop_that_has_begun_is_not_announced(self, empty: Search) -> None:
        await empty.hear(EditionPublished(edition_id="ghent", edition=edition("ghent")))
        for lang, moment, there in (("en", "08:59", True), ("nl", "09:00", False)):
            with clock.frozen(dt.datetime.fromisoformat(f"2026-12-10T{moment}Z")):
                assert ("Talking about return" in (await empty.get(f"/{lang}/")).text) is there
