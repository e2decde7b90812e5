"""What events make happen to search's own copy."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from functools import partial

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.db.inserting import insert_into
from cri_shared.events.publishing import EntryFacts, ProgrammeFacts
from cri_shared.events.training import EditionFacts
from cri_shared.index.documents import keywords_of, names_of
from cri_shared.web.markdown import to_plain
from sqlalchemy import bindparam, delete, select, update

from cri_search.models import (
    Base,
    CountryState,
    Edition,
    Entry,
    EntryText,
    Facts,
    Listing,
    ListingWord,
    Word,
)
from cri_search.rules import fitting
from cri_search.rules.spelling import Key, words_of
from cri_search.shelving import shelving

_KNOWN = Base.metadata.tables[Word.__tablename__]


async def _entry(work: Work, entry_id: str) -> Entry:
    known = await work.session.get(Entry, entry_id)
    if known is None:
        known = Entry.unheard(entry_id)
        work.session.add(known)
    return known


async def keep_entry(work: Work, facts: EntryFacts) -> None:
    """Keep a version of an entry with all its language versions."""
    entry = await _entry(work, facts.entry_id)
    async with shelving(work, entry), _counting_words(work, partial(_words, work, entry)):
        if entry.tell(facts):
            await _keep_texts(work, facts)


async def _keep_texts(work: Work, facts: EntryFacts) -> None:
    await work.session.flush()
    await _forget_texts(work, facts.entry_id)
    work.session.add_all(
        EntryText(
            entry_id=facts.entry_id,
            language=version.language,
            position=position,
            question=version.question,
            answer=version.answer,
            translated_from=version.translated_from,
            stale=version.stale,
        )
        for position, version in enumerate(facts.original_first)
    )


async def archive_entry(work: Work, entry_id: str, version: int) -> None:
    """Keep an entry out of searches; its address still shows it, marked."""
    entry = await _entry(work, entry_id)
    async with shelving(work, entry), _counting_words(work, partial(_words, work, entry)):
        entry.archive(version, clock.today())


async def withdraw_entry(work: Work, entry_id: str, version: int) -> None:
    """Forget an entry but for its address."""
    entry = await _entry(work, entry_id)
    async with shelving(work, entry), _counting_words(work, partial(_words, work, entry)):
        if entry.withdraw(version, clock.today()):
            await work.session.flush()
            await _forget_texts(work, entry_id)


async def _forget_texts(work: Work, entry_id: str) -> None:
    await work.session.execute(delete(EntryText).where(EntryText.entry_id == entry_id))


@asynccontextmanager
async def _counting_words(
    work: Work, words: Callable[[], Awaitable[dict[Key, str]]]
) -> AsyncIterator[None]:
    """Keep count of the words of what may be found, while something of it changes."""
    before = await words()
    yield
    after = await words()
    await _more(work, {key: after[key] for key in after.keys() - before.keys()})
    await _fewer(work, before.keys() - after.keys())


async def _words(work: Work, entry: Entry) -> dict[Key, str]:
    """The words by which an entry is found; none where it cannot be."""
    if not entry.is_found:
        return {}
    await work.session.flush()
    texts = select(EntryText.language, EntryText.question, EntryText.answer)
    rows = await work.session.execute(texts.where(EntryText.entry_id == entry.entry_id))
    names = names_of(entry.country, entry.topics) if entry.country else []
    return words_of(
        [
            *((language, f"{question}\n{to_plain(answer)}") for language, question, answer in rows),
            *(("", name) for name in names),
        ]
    )


async def _listed_words(listing: Listing) -> dict[Key, str]:
    """The words by which a contact or programme is found; none where it cannot be."""
    facts = listing.shown
    if facts is None:
        return {}
    of_all = "\n".join((*_names(facts), facts.region or ""))
    return words_of((text.language, f"{of_all}\n{text.text}") for text in facts.texts)


async def _more(work: Work, gained: dict[Key, str]) -> None:
    """One answer more has these words; written in small letters, they are known so from now on."""
    for small in (True, False):
        rows = [
            {"word": key[0], "language": key[1], "initial": key[0][0], "written": written}
            for key, written in sorted(gained.items())
            if written.islower() == small
        ]
        changes = {"entries": Word.entries + 1}
        adding = insert_into(work.session, _KNOWN).values(entries=1)
        if small:
            changes["written"] = adding.excluded.written
        if rows:
            adding = adding.on_conflict_do_update(index_elements=["word", "language"], set_=changes)
            await work.session.execute(adding, rows)


async def _fewer(work: Work, lost: Iterable[Key]) -> None:
    """One answer less has these words."""
    rows = [{"a_word": word, "a_language": language} for word, language in sorted(lost)]
    if not rows:
        return
    mine = (_KNOWN.c.word == bindparam("a_word")) & (_KNOWN.c.language == bindparam("a_language"))
    connection = await work.session.connection()
    await connection.execute(update(_KNOWN).where(mine).values(entries=_KNOWN.c.entries - 1), rows)
    await connection.execute(delete(_KNOWN).where(mine, _KNOWN.c.entries <= 0), rows)


async def keep_country(work: Work, country: str, partner_state: str) -> None:
    """Keep whether a country has a partner."""
    await work.session.merge(CountryState(country=country, partner_state=partner_state))


async def keep_listing(
    work: Work,
    what: str,
    listing_id: str,
    version: int,
    facts: Facts | None,
) -> None:
    """Keep what readers are told of a contact or programme; without facts, that it is gone."""
    known = await work.session.get(Listing, listing_id)
    if known is None:
        known = Listing(listing_id=listing_id, what=what, version=0)
        work.session.add(known)
    async with _counting_words(work, partial(_listed_words, known)):
        if known.tell(version, facts, clock.today()):
            await _keep_words(work, listing_id, facts)


async def _keep_words(work: Work, listing_id: str, facts: Facts | None) -> None:
    await work.session.flush()
    await work.session.execute(delete(ListingWord).where(ListingWord.listing_id == listing_id))
    work.session.add_all(
        ListingWord(word=word, listing_id=listing_id, weight=weight)
        for word, weight in fitting.words_of(_telling(facts) if facts else ()).items()
    )


def _telling(facts: Facts) -> Iterator[tuple[int, str, list[str]]]:
    """What is told of a contact or programme, with how much it tells and in which languages."""
    languages = [text.language for text in facts.texts]
    yield from ((fitting.NAMED, name, languages) for name in _names(facts))
    yield from ((fitting.TOLD, at, languages) for at in (facts.region, facts.address) if at)
    for text in facts.texts:
        for words in (text.text, text.ask_for, text.who_for):
            yield fitting.TOLD, words or "", [text.language]
    yield from ((fitting.SHARED, line, ["en"]) for line in keywords_of(facts.country, facts.topics))


def _names(facts: Facts) -> list[str]:
    """What it is called, and of a programme who runs it."""
    run_by = facts.run_by if isinstance(facts, ProgrammeFacts) else None
    return [name for name in (facts.name, run_by) if name]


async def keep_edition(work: Work, facts: EditionFacts) -> None:
    """Keep the public facts of a workshop."""
    (await _edition(work, facts.edition_id)).tell(facts)


async def cancel_edition(work: Work, edition_id: str, version: int) -> None:
    """Stop announcing a workshop."""
    (await _edition(work, edition_id)).cancel(version)


async def _edition(work: Work, edition_id: str) -> Edition:
    known = await work.session.get(Edition, edition_id)
    if known is None:
        known = Edition(edition_id=edition_id, version=0, title="", language="", places="")
        work.session.add(known)
    return known
