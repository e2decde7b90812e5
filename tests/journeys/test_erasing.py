"""What an asker erases is gone from every service, every database file and the stream."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from cri_intake import app as intake_app
from cri_intake.models import ToldErasure
from cri_intake.settings import Settings as IntakeSettings
from cri_publishing import app as publishing_app
from cri_publishing.models import Question as Heard
from cri_publishing.settings import Settings as PublishingSettings
from cri_research import app as research_app
from cri_research.models import Question
from cri_research.settings import Settings as ResearchSettings
from cri_shared.events.intake import AnswerRated
from cri_shared.testing.disk import files_with
from cri_shared.testing.nats import NatsServer
from cri_shared.testing.services import settings_for
from cri_shared.testing.waiting import eventually
from cri_shared.testing.web import running
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.officers import Officer
from tests.intake.test_delivery import open_page, web_question
from tests.intake.test_erasing import meant
from tests.publishing.conftest import RememberedIndex

MARKER = "ISTHEREINSULININGYUMRI"


@pytest.mark.nats
async def test_it_leaves_no_copy_anywhere(
    nats_server: NatsServer, nats_url: str, tmp_path: Path
) -> None:
    told: dict[str, Any] = {"role": "all", "nats_url": nats_url}
    intake_web = intake_app.create_app(settings_for(IntakeSettings, tmp_path, **told))
    research_web = research_app.create_app(settings_for(ResearchSettings, tmp_path, **told))
    publishing_web = publishing_app.create_app(settings_for(PublishingSettings, tmp_path, **told))
    publishing_web.state.rig.index = RememberedIndex()
    async with AsyncExitStack() as services:
        client = await services.enter_async_context(running(intake_web))
        for app in (research_web, publishing_web):
            await services.enter_async_context(running(app))
        intake = Intake(intake_web, client, "", tmp_path)
        receipt, question_id = await web_question(intake, country="AM")
        text = f"{MARKER}: is insulin of both kinds available, and what does it cost?"
        research_id = await (await Officer.arrive(intake)).release(question_id, text=text)
        async with intake.rig.service.database.writing() as work:
            await work.emit(AnswerRated(research_id=research_id, useful="yes"))

        async def there(app: Any, table: type) -> Any:
            async with app.state.service.database.reading() as session:
                return await session.get(table, research_id)

        async def spread() -> bool:
            return bool(await there(research_web, Question) and await there(publishing_web, Heard))

        await eventually(spread, what="the others have heard of it")
        assert files_with(nats_server.store, MARKER), "it can be found"
        await open_page(intake, receipt)
        await intake.client.post("/en/follow/erase", data={"meant": await meant(intake)})

        async def confirmed() -> bool:
            one = await there(intake_web, ToldErasure)
            return one.research_at is not None and one.publishing_at is not None

        await eventually(confirmed, what="both have confirmed")
        assert await there(research_web, Question) is None
        for app in (intake_web, research_web, publishing_web):
            await eventually(lambda app=app: _idle(app), what="nothing is left to do")
        assert files_with(nats_server.store, MARKER) == []
        assert files_with(tmp_path, MARKER) == []


async def _idle(app: Any) -> bool:
    """Whether everything was said, and what it left to be done is done."""
    tables = app.state.service.database.outbox.tables
    async with app.state.service.database.reading() as session:
        jobs = (await session.execute(select(tables.jobs.c.kind))).scalars().all()
        unsaid = tables.outbox.c.published_at.is_(None)
        waiting = (await session.execute(select(tables.outbox.c.id).where(unsaid))).all()
    return not waiting and not [kind for kind in jobs if not kind.startswith("mail")]
