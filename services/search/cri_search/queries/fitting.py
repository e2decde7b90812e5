"""Contacts and programmes that fit a search, from the own copy: told at once, gone at once."""

from collections import defaultdict

from cri_shared import clock
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_search.models import Listing, ListingWord
from cri_search.queries import spelling
from cri_search.queries.listings import Listed, as_listed
from cri_search.rig import Rig
from cri_search.rules.asked import Asked, topics_within
from cri_search.rules.fitting import SHARED, Word, fit, sought, unfinished

MOST = 50
_LOOKED_AT = 20_000  # words of listings, for a search of words that very many have


async def fitting(rig: Rig, asked: Asked, reader: str) -> list[Listed]:
    """What fits the words, country and topics of a search, best first, at most `MOST`.

    The last word may be half typed: then its beginning is enough where it tells of a listing
    itself. Other filters are about answers: with one of them there is nothing.
    """
    wanted = sought(asked.q, reader)
    if not wanted or asked.language or asked.outcome or asked.checked_since:
        return []
    copy, longer = rig.service.database, Word()
    if (start := unfinished(asked.q)) and start in wanted[-1]:
        longer = Word(await spelling.beginning(copy, rig.spellings, start)) - wanted[-1]
        wanted[-1] |= longer
    async with copy.reading() as session:
        return await _best(session, asked, reader, wanted, longer)


async def _best(
    session: AsyncSession, asked: Asked, reader: str, wanted: list[Word], longer: Word
) -> list[Listed]:
    known = await _known(session, Word().union(*wanted) - longer, longer, asked.country)
    fits = {listing_id: fit(wanted, words) for listing_id, words in known.items()}
    best = sorted((one for one in fits if fits[one][0]), key=lambda one: fits[one], reverse=True)
    rows = select(Listing).where(Listing.listing_id.in_(best[:MOST]), Listing.facts.is_not(None))
    today, topics = clock.today(), set(topics_within(asked.topic))
    found = [as_listed(row, reader, today) for row in (await session.execute(rows)).scalars()]
    return sorted(
        (
            one
            for one in found
            if not one.is_over(today) and (not topics or topics & set(one.facts.topics))
        ),
        key=lambda one: (*(-part for part in fits[one.listing_id]), one.due, one.facts.name),
    )


async def _known(
    session: AsyncSession, words: Word, longer: Word, countries: tuple[str, ...]
) -> dict[str, dict[str, int]]:
    """Listing -> those of the words that it is found by -> how much each tells of it.

    Words that are only `longer` count where they are its own, not its country's or topics'.
    """
    rows = select(ListingWord.listing_id, ListingWord.word, ListingWord.weight).where(
        ListingWord.word.in_(words) | (ListingWord.word.in_(longer) & (ListingWord.weight > SHARED))
    )
    if countries:
        rows = rows.join(Listing, Listing.listing_id == ListingWord.listing_id)
        rows = rows.where(Listing.country.in_(countries))
    known: dict[str, dict[str, int]] = defaultdict(dict)
    ordered = rows.order_by(ListingWord.weight.desc()).limit(_LOOKED_AT)
    for listing_id, word, weight in await session.execute(ordered):
        known[listing_id][word] = weight
    return known
