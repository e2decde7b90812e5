"""Writing: the text and facts of a draft, its translations, and new versions of what is public."""

from dataclasses import replace

from cri_shared.db import Work
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff

from cri_publishing.desk import (
    current_version,
    desk_of,
    entry_for_change,
    open_draft,
    seal_draft,
    start_version,
    under_way,
)
from cri_publishing.models import NothingPublished, Version, WorkUnderWay
from cri_publishing.rig import Rig
from cri_publishing.rules.draft import Draft, Text


async def save_draft(
    work: Work, rig: Rig, entry_id: str, draft: Draft, *, edition: int, by: Staff
) -> Version:
    """Keep what the editor's form says; raises `DraftChanged` where another save came between."""
    desk = await desk_of(work, entry_id)
    desk.version.check_edition(edition)
    vault = await rig.vault(desk.version.key_id)
    desk.version.write(draft, seal_draft(vault, desk.version, draft), by=by)
    desk.entry.describe(draft.country, draft.topics)
    await audit.note(work, "publishing.draft.saved", entry_id, by=by, version=desk.version.number)
    return desk.version


async def save_translation(
    work: Work, rig: Rig, entry_id: str, text: Text, *, edition: int, by: Staff
) -> None:
    """Add or replace a language version, bound to the original as it reads now."""
    desk = await desk_of(work, entry_id)
    desk.version.check_edition(edition)
    draft = await open_draft(rig, desk.version)
    changed = draft.with_text(replace(text, version=desk.version.number))
    vault = await rig.vault(desk.version.key_id)
    desk.version.write(changed, seal_draft(vault, desk.version, changed), by=by)
    await audit.note(work, "publishing.translation.saved", entry_id, by=by, language=text.language)


async def remove_translation(
    work: Work, rig: Rig, entry_id: str, language: str, *, edition: int, by: Staff
) -> None:
    """Drop a language version from the draft; the original cannot be dropped."""
    desk = await desk_of(work, entry_id)
    desk.version.check_edition(edition)
    draft = await open_draft(rig, desk.version)
    kept = tuple(t for t in draft.texts if t is draft.original or t.language != language)
    changed = replace(draft, texts=kept)
    vault = await rig.vault(desk.version.key_id)
    desk.version.write(changed, seal_draft(vault, desk.version, changed), by=by)
    await audit.note(work, "publishing.translation.removed", entry_id, by=by, language=language)


async def revise(work: Work, rig: Rig, entry_id: str, by: Staff) -> Version:
    """Begin a new version of what readers see; raises `NothingPublished` or `WorkUnderWay`."""
    entry = await entry_for_change(work, entry_id)
    if not entry.may_be_revised:
        raise NothingPublished
    if await under_way(work.session, entry_id) is not None:
        raise WorkUnderWay
    draft = await open_draft(rig, await current_version(work.session, entry))
    version = await start_version(
        work,
        rig,
        entry,
        replace(draft, change_note="", embargo_days=0),
        key_id=entry_id,
        by=by,
    )
    await audit.note(work, "publishing.entry.revising", entry_id, by=by, version=version.number)
    return version
