"""What events make happen to search's own copy."""

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.events.publishing import EntryFacts
from cri_shared.events.training import EditionFacts
from sqlalchemy import delete

from cri_search.models import CountryState, Edition, Entry, EntryText, EntryTopic


async def _entry(work: Work, entry_id: str) -> Entry:
    known = await work.session.get(Entry, entry_id)
    if known is None:
        known = Entry.unheard(entry_id)
        work.session.add(known)
    return known


async def keep_entry(work: Work, facts: EntryFacts) -> None:
    """Keep a version of an entry with all its language versions."""
    entry = await _entry(work, facts.entry_id)
    if not entry.tell(facts):
        return
    await work.session.flush()
    await _forget_texts(work, facts.entry_id)
    original_first = sorted(
        facts.languages, key=lambda version: version.translated_from is not None
    )
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
        for position, version in enumerate(original_first)
    )
    work.session.add_all(
        EntryTopic(entry_id=facts.entry_id, topic=code, topic_group=code.split(".")[0])
        for code in dict.fromkeys(facts.topics)
    )


async def archive_entry(work: Work, entry_id: str, version: int) -> None:
    """Keep an entry out of searches; its address still shows it, marked."""
    (await _entry(work, entry_id)).archive(version, clock.today())


async def withdraw_entry(work: Work, entry_id: str, version: int) -> None:
    """Forget an entry but for its address."""
    if (await _entry(work, entry_id)).withdraw(version, clock.today()):
        await work.session.flush()
        await _forget_texts(work, entry_id)


async def _forget_texts(work: Work, entry_id: str) -> None:
    for table in (EntryText, EntryTopic):
        await work.session.execute(delete(table).where(table.entry_id == entry_id))


async def keep_country(work: Work, country: str, partner_state: str) -> None:
    """Keep whether a country has a partner."""
    await work.session.merge(CountryState(country=country, partner_state=partner_state))


async def keep_edition(work: Work, facts: EditionFacts) -> None:
    """Keep the public facts of a workshop."""
    (await _edition(work, facts.edition_id)).tell(facts)


async def cancel_edition(work: Work, edition_id: str, version: int) -> None:
    """Stop announcing a workshop."""
    (await _edition(work, edition_id)).cancel(version)


async def _edition(work: Work, edition_id: str) -> Edition:
    known = await work.session.get(Edition, edition_id)
    if known is None:
        known = Edition(edition_id=edition_id, version=0, title="", language="", url="", places="")
        work.session.add(known)
    return known
