"""What stands against publishing the version on an entry's page, or what is typed over it."""

from cri_publishing.checking import problems_of
from cri_publishing.queries.pages import EntryPage
from cri_publishing.rules.checks import Problem
from cri_publishing.rules.draft import Draft


async def problems_on(page: EntryPage, typed: Draft | None = None) -> list[Problem]:
    """The broken rules of the draft under way, or of what would take its place."""
    version, draft = page.version, typed or page.draft
    if version is None or draft is None:
        return []
    return await problems_of(
        draft,
        number=version.number,
        renews=version.renews,
        last_checked=page.last_checked,
        changed_on=page.entry.expired_on,
    )
