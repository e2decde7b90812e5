"""Intake's copy of what is public, and what past askers are told of it."""

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.db.inserting import insert_into
from cri_shared.events.publishing import EntryFacts, QuestionCovered
from cri_shared.events.research import CountryChanged
from cri_shared.identity import audit
from cri_shared.index.text import analyse
from cri_shared.privacy.receipts import form_fingerprint
from cri_shared.web.markdown import to_plain
from sqlalchemy import delete

from cri_intake.actions.news import CHANGED, tell
from cri_intake.models import Base, CountryState, KnownEntry, KnownVersion
from cri_intake.queries import research
from cri_intake.queries.suggestions import telling
from cri_intake.rig import Rig


async def know_entry(work: Work, facts: EntryFacts) -> None:
    """Keep the newest version of a public entry; an older one changes nothing."""
    entry = await work.session.get(KnownEntry, facts.entry_id)
    if entry is not None and entry.version >= facts.version:
        return
    if entry is None:
        entry = KnownEntry(entry_id=facts.entry_id)
        work.session.add(entry)
    entry.version, entry.is_public = facts.version, True
    entry.country, entry.slug = facts.country, facts.slug
    entry.information_date, entry.topics = facts.information_date, list(facts.topics)
    await work.session.flush()
    await _forget_versions(work, facts.entry_id)
    for version in facts.languages:
        work.session.add(
            KnownVersion(
                entry_id=facts.entry_id,
                language=version.language,
                question=version.question,
                answer=version.answer,
                question_stems=_stems(version.question, version.language),
                answer_stems=_stems(to_plain(version.answer), version.language),
            )
        )


def _stems(text: str, language: str) -> list[str]:
    return sorted(set(telling(zip(*analyse(text, language), strict=True))))


async def forget_entry(work: Work, entry_id: str, version: int) -> None:
    """An entry is archived or withdrawn: it is suggested no more, whatever comes late."""
    entry = await work.session.get(KnownEntry, entry_id)
    if entry is None:
        entry = KnownEntry(entry_id=entry_id, version=version, is_public=False, topics=[])
        work.session.add(entry)
    elif entry.version > version:
        return
    entry.version, entry.is_public = version, False
    await _forget_versions(work, entry_id)


async def _forget_versions(work: Work, entry_id: str) -> None:
    await work.session.execute(delete(KnownVersion).where(KnownVersion.entry_id == entry_id))


async def answer_helped(work: Work, entry_id: str, form_id: str) -> None:
    """Count that a public answer was enough for somebody; a second click counts no more."""
    entry = await work.session.get(KnownEntry, entry_id)
    if entry is None or entry.country is None:
        return
    page = insert_into(work.session, Base.metadata.tables["counted_forms"])
    first = page.values(form_id=form_fingerprint(form_id), counted_at=clock.now())
    counted = await work.session.execute(first.on_conflict_do_nothing())
    if not counted.rowcount:  # type: ignore[attr-defined]
        return
    table = Base.metadata.tables["helped_counts"]
    month = clock.today().strftime("%Y-%m")
    row = insert_into(work.session, table).values(month=month, country=entry.country, number=1)
    more = {"number": table.c.number + 1}
    keys = ["month", "country"]
    await work.session.execute(row.on_conflict_do_update(index_elements=keys, set_=more))


async def question_covered(work: Work, rig: Rig, event: QuestionCovered) -> None:
    """An answer of ours stands in a public entry, or what stands there has changed."""
    for found in await research.known_research(work.session, event.research_ids):
        if event.version < found.entry_version and found.entry_id == event.entry_id:
            continue
        first = found.entry_id is None
        found.entry_id, found.entry_slug = event.entry_id, event.slug
        newer = event.version > found.entry_version
        found.entry_version = event.version
        if event.changed and (newer or first):
            found.entry_changed_at = clock.now()
            for case in await research.cases_behind(work.session, found.research_id):
                if case.answered_at is not None:
                    await audit.note(work, "answer.changed", case.question_id)
                    await tell(work, rig, case, CHANGED)


async def country_changed(work: Work, event: CountryChanged) -> None:
    """Whether there is a partner in a country now."""
    state = await work.session.get(CountryState, event.country)
    if state is None:
        state = CountryState(country=event.country)
        work.session.add(state)
    state.partner_state, state.changed_at = event.partner_state, clock.now()
