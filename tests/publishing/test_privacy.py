"""What is not public is nowhere but in its sealed row: not in events, index, logs or files."""

import logging

import pytest
from cri_shared import clock
from cri_shared.events import Event
from cri_shared.events.publishing import EntryPublished, QuestionCovered, RefreshRequested
from cri_shared.testing.disk import files_with
from cri_shared.testing.events import emitted

from tests.publishing.conftest import TODAY, Publishing, approved

CANARY = "KOOKABURRA"
EVENTS: tuple[type[Event], ...] = (EntryPublished, QuestionCovered, RefreshRequested)


async def test_a_draft_is_in_no_event_index_log_or_file(
    publishing: Publishing, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = approved(
        question=f"{CANARY} asks: is there insulin in Gyumri?",
        text=f"{CANARY} was told that both types are in stock since March 2026.",
        tried=f"{CANARY} called",
        accounts=[{"text": CANARY, "language": "en", "information_date": "2026-11-01"}],
    )
    await publishing.hear(answer)
    entry_id = await publishing.entry_of(answer.research_id)
    await publishing.save(entry_id, answer=f"Still about {CANARY}, seen in March 2026.")
    await publishing.submit(entry_id, reason=f"{CANARY} agreed")
    await publishing.be("Karim B.")
    await publishing.post(f"{entry_id}/return", comment=f"Take {CANARY} out")
    await publishing.time()
    assert CANARY in (await publishing.get(f"/{entry_id}")).text, "the canary sings where it may"
    for event in EVENTS:
        assert await emitted(publishing.rig.service, event) == []
    assert publishing.index.documents == {}
    assert files_with(publishing.directory, CANARY) == []
    out, err = capsys.readouterr()
    assert CANARY not in out + err + caplog.text


async def test_what_an_editor_took_out_never_becomes_public(publishing: Publishing) -> None:
    answer = approved(text=f"{CANARY} was told that both types are in stock since March 2026.")
    await publishing.hear(answer)
    entry_id = await publishing.entry_of(answer.research_id)
    await publishing.publish(entry_id, answer="Both types were in stock in March 2026, we saw.")
    with clock.frozen(TODAY.replace(year=2027)):
        await publishing.time()
    told = [
        e.model_dump_json()
        for event in EVENTS
        for e in await emitted(publishing.rig.service, event)
    ]
    assert told
    assert CANARY not in "".join(told) + str(publishing.index.documents)
    assert files_with(publishing.directory, CANARY) == []


async def test_pages_of_drafts_are_kept_by_no_cache(publishing: Publishing) -> None:
    entry_id = await publishing.draft()
    for path in ("", f"/{entry_id}", f"/{entry_id}/edit", f"/{entry_id}/versions/1"):
        assert (await publishing.get(path)).headers["cache-control"] == "no-store"
