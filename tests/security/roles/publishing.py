"""Publishing with an entry that is being written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cri_publishing.app import create_app
from cri_publishing.models import Link
from cri_publishing.settings import Settings
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running

from tests.publishing.conftest import Publishing, RememberedIndex
from tests.publishing.test_listings import CONTACT, FORM, write
from tests.publishing.test_readers import reported
from tests.security.roles.cells import OWN, Stage

ANSWER = "Both insulin types were in stock"


@asynccontextmanager
async def stage(directory: Path, **stores: str) -> AsyncIterator[Stage]:
    """Publishing with a draft made from an answer, a mistake that was reported, and a contact."""
    app = create_app(settings_for(Settings, directory, **stores))
    app.state.rig.index = RememberedIndex()
    async with running(app) as client:
        publishing = Publishing(app, client, directory, app.state.rig.index)
        await publishing.be("Leen D.")
        entry_id = await publishing.draft()
        await publishing.hear(reported("report", entry_id))
        assert (await write(publishing, CONTACT, **FORM)).status_code == 303
        async with publishing.rig.service.database.writing() as work:
            work.session.add(Link(link_id="link", entry_id=entry_id, url="https://health.example"))
        ids = {"entry_id": entry_id, "number": "1", "language": "en"}
        ids |= {"report_id": "report", "link_id": "link", "listing_id": CONTACT}
        secrets = {ANSWER: frozenset({"entry.edit", "entry.approve"})}
        yield Stage(app, {OWN: ids}, secrets=secrets)
