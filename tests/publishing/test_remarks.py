"""What editors say of a text: it is answered and settled, stays, and is never public."""

import re

from cri_publishing.actions.erasing import question_erased
from cri_shared.events.publishing import EntryPublished
from cri_shared.testing.events import emitted

from tests.publishing.conftest import Publishing, approved


def _thread(page: str, remark: str = "") -> str:
    """The id by which the thread that begins with a remark is answered."""
    found = re.search(r'name="about" value="([\w-]+)"', page[page.index(remark) :])
    assert found is not None, page
    return found[1]


async def test_remarks_are_answered_settled_and_stay_after_publication(
    on_each_database: Publishing,
) -> None:
    desk = on_each_database
    entry_id = await desk.draft()
    await desk.submit(entry_id)
    await desk.be("Karim B.")
    for _ in range(2):  # a second click says nothing twice
        made = await desk.post(f"{entry_id}/remarks", part="sources", remark="Which pharmacies?")
        assert made.status_code == 303
    await desk.post(f"{entry_id}/return", comment="Name the town.")
    page = (await desk.get(f"/{entry_id}")).text
    assert page.count("Which pharmacies?") == page.count("Name the town.") == 1
    assert f"/console/entries/{entry_id}/edit#source_1_label" in page
    await desk.be("Leen D.")
    assert "Which pharmacies?" in (await desk.get(f"/{entry_id}/edit")).text
    form = {
        "about": _thread(page, "Which pharmacies?"),
        "remark": "Three in Gyumri.",
        "do": "settle",
    }
    for _ in range(2):
        assert (await desk.post(f"{entry_id}/remarks", **form)).status_code == 303
    assert "Which pharmacies?" not in (await desk.get(f"/{entry_id}/edit")).text
    await desk.submit(entry_id)
    await desk.be("Karim B.")
    assert "1 remark is not settled." in (await desk.get(f"/{entry_id}")).text
    await desk.post(f"{entry_id}/take-back")
    await desk.be("Leen D.")
    await desk.publish(entry_id)
    page = (await desk.get(f"/{entry_id}")).text
    assert page.count("Three in Gyumri.") == 1
    assert "Remarks on earlier versions" in page
    assert "A remark was settled" in page
    (event,) = await emitted(desk.rig.service, EntryPublished)
    assert "Gyumri." not in event.model_dump_json()


async def test_nothing_is_lost_and_foreign_remarks_are_not_found(publishing: Publishing) -> None:
    entry_id, other = await publishing.draft(), await publishing.draft()
    empty = await publishing.post(f"{entry_id}/remarks", part="answer", remark=" ")
    assert empty.status_code == 422
    assert "Write what you want to say of it" in empty.text
    assert 'value="answer" selected' in empty.text
    await publishing.post(f"{entry_id}/remarks", remark="Shorter, please.")
    about = _thread((await publishing.get(f"/{entry_id}")).text)
    again = await publishing.post(f"{entry_id}/remarks", about=about, remark="x" * 2001)
    assert again.status_code == 422
    assert "Shorten this text" in again.text
    assert "x" * 2001 in again.text
    foreign = await publishing.post(f"{other}/remarks", about=about, do="settle")
    assert foreign.status_code == 404


async def test_remarks_go_with_the_draft_and_with_the_last_asker(publishing: Publishing) -> None:
    entry_id = await publishing.draft()
    await publishing.post(f"{entry_id}/remarks", remark="Shorter.")
    await publishing.post(f"{entry_id}/discard")
    assert "Shorter." not in (await publishing.get(f"/{entry_id}")).text
    answer = approved()
    await publishing.hear(answer)
    public = await publishing.entry_of(answer.research_id)
    await publishing.post(f"{public}/remarks", remark="Too long.")
    await publishing.publish(public)
    assert "Too long." in (await publishing.get(f"/{public}")).text
    async with publishing.rig.service.database.writing() as work:
        await question_erased(work, publishing.rig, answer.research_id)
    page = await publishing.get(f"/{public}")
    assert page.status_code == 200
    assert "Too long." not in page.text
