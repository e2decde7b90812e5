"""Over a real NATS: an approved answer comes in as a message, a public entry goes out as one."""

from pathlib import Path

import nats
import pytest
from cri_publishing.models import QuestionState
from cri_shared.bus.envelope import headers_for
from cri_shared.events.publishing import EntryPublished
from cri_shared.testing.waiting import eventually

from tests.publishing.conftest import Founded, approved, started


@pytest.mark.nats
async def test_answers_come_in_and_entries_go_out(
    tmp_path: Path, founded: Founded, nats_url: str
) -> None:
    answer = approved()
    async with started(tmp_path, founded, nats_url=nats_url, role="all") as publishing:
        client = await nats.connect(nats_url)
        stream = client.jetstream()
        body, headers = answer.model_dump_json().encode(), headers_for(answer, version=1)
        for _ in range(2):  # delivered twice, as happens
            await stream.publish(answer.subject, body, headers=headers)

        async def drafted() -> bool:
            question = await publishing.question(answer.research_id)
            return question is not None and question.state == QuestionState.DRAFTED

        await eventually(drafted, what="a draft of the answer")
        entry_id = await publishing.entry_of(answer.research_id)
        assert len(await publishing.versions(entry_id)) == 1
        await publishing.publish(entry_id)

        async def told() -> bool:
            return (await stream.stream_info("PUBLISHING")).state.messages >= 2

        await eventually(told, what="the entry on the bus")
        message = await stream.get_last_msg("PUBLISHING", EntryPublished.subject)
        assert EntryPublished.model_validate_json(message.data or b"").entry_id == entry_id
        await eventually(lambda: len(publishing.index.documents) == 1, what="the index")
        await client.close()
