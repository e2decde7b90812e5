"""Shelves hold what may be found and nothing else, in any order of what is heard."""

import random
from collections import Counter

import pytest
from cri_search.models import Entry, OnShelf, ShelfCount
from cri_shared.events import Event
from cri_shared.events.publishing import EntryArchived, EntryWithdrawn
from cri_shared.places import codes_over
from sqlalchemy import select

from tests.search.conftest import Search, published, revised
from tests.search.library import facts

COUNTRIES = ("AM", "GE", "CD")
TOPICS = ("health.medication", "health.mental", "housing.rent", "education.school")
Places = set[tuple[str, str, str]]  # (shelf, country, entry)


@pytest.fixture
def search(empty_on: Search) -> Search:
    """A search that has heard nothing yet, on each database."""
    return empty_on


def something(dice: random.Random) -> Event:
    """Anything that may be told of one of five entries, at any version."""
    entry_id, version = f"e{dice.randrange(5)}", dice.randrange(1, 9)
    match dice.randrange(6):
        case 0:
            return EntryArchived(entry_id=entry_id, version=version)
        case 1:
            return EntryWithdrawn(entry_id=entry_id, version=version)
    entry = facts(
        entry_id,
        {"en": (f"Question {version}?", "An answer.")},
        slug=f"slug-{entry_id}",
        version=version,
        country=dice.choice(COUNTRIES),
        topics=tuple(dice.sample(TOPICS, dice.randrange(1, 4))),
    )
    return (published if version == 1 else revised)(entry)


async def shelved(search: Search) -> tuple[Places, Counter[tuple[str, str]]]:
    """Where entries stand, and how many of a country each shelf says it holds."""
    async with search.rig.service.database.reading() as session:
        standing = (await session.execute(select(OnShelf))).scalars()
        places = {(one.code, one.country, one.entry_id) for one in standing}
        counts = (await session.execute(select(ShelfCount))).scalars()
        return places, Counter({(one.code, one.country): one.entries for one in counts})


async def due(search: Search) -> Places:
    """Where entries that may be found belong, by their own rows."""
    async with search.rig.service.database.reading() as session:
        entries = (await session.execute(select(Entry))).scalars().all()
    return {
        (code, one.country, one.entry_id)
        for one in entries
        if one.country and one.state == "published"
        for code in codes_over(one.topics)
    }


@pytest.mark.parametrize("seed", range(3))
async def test_they_are_right_after_whatever_was_heard(search: Search, seed: int) -> None:
    dice, seen = random.Random(seed), Counter[int]()
    for _ in range(80):
        await search.hear(something(dice))
        places, counts = await shelved(search)
        assert places == await due(search)
        assert +counts == Counter((code, country) for code, country, _ in places)
        assert min(counts.values(), default=0) >= 0
        seen[len(places)] += 1
    assert len(seen) > 5  # they filled and emptied


async def test_a_pack_is_another_after_each_change_and_the_same_between(search: Search) -> None:
    async def fingerprints() -> dict[str, bytes]:
        return {country: await search.app.state.packs.fingerprint(country) for country in COUNTRIES}

    dice, changed = random.Random(1), Counter[str]()
    for _ in range(60):
        before, (places, _) = await fingerprints(), await shelved(search)
        told = something(dice)
        await search.hear(told)
        after, (later, _) = await fingerprints(), await shelved(search)
        for country in {country for _, country, _ in places ^ later}:
            assert before[country] != after[country], told
            changed[country] += 1
        await search.hear(told)  # again, as when a service asks for what was said
        assert await fingerprints() == after, told
    assert min(changed[country] for country in COUNTRIES) > 1


async def test_others_are_of_the_same_country_first_and_never_itself(search: Search) -> None:
    here = [
        facts(f"a{n}", {"en": (f"Here {n}?", "Yes.")}, slug=f"a{n}", topics=("health.medication",))
        for n in range(3)
    ]
    there = facts(
        "g1", {"en": ("There?", "Yes.")}, slug="g1", country="GE", topics=("health.mental",)
    )
    apart = facts("h1", {"en": ("Rent?", "Yes.")}, slug="h1", topics=("housing.rent",))
    await search.hear(*(published(one) for one in (*here, there, apart)))
    page = (await search.get("/en/entries/a0")).text
    assert max(page.index("Here 1?"), page.index("Here 2?")) < page.index("There?")
    assert "Rent?" not in page
