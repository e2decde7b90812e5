"""Two people stand for every public text, and readers see it only when its time has come."""

from cri_shared.events.publishing import EntryPublished
from cri_shared.testing.events import emitted

from tests.publishing.conftest import Publishing


class TestPublishing:
    async def test_an_answer_becomes_an_entry_by_the_hands_of_two_editors(
        self, on_each_database: Publishing
    ) -> None:
        desk = on_each_database
        entry_id = await desk.draft()
        assert "insulin" in (await desk.get("?view=draft")).text
        await desk.publish(entry_id, question="Is insulin available in the Shirak region?")
        await desk.time()
        (event,) = await emitted(desk.rig.service, EntryPublished)
        assert event.entry.languages[0].question == "Is insulin available in the Shirak region?"
        assert event.entry.slug.startswith("am-insulin-")
        assert [d["slug"] for d in desk.index.documents.values()] == [event.entry.slug]
