"""A country changes: what was known before falls due at once, and is asked again."""

import datetime as dt
import re
from typing import Any

from cri_publishing.models import EntryStatus, RefreshState
from cri_shared import clock
from cri_shared.events.publishing import (
    ContactChanged,
    EntryPublished,
    EntryRevised,
    RefreshRequested,
)
from cri_shared.testing.events import emitted

from tests.publishing.conftest import TODAY, Publishing, approved
from tests.publishing.test_listings import (
    AGENCY,
    CONTACT,
    FORM,
    PROGRAMME,
    kept,
    post,
    shown,
)

PATH = "/console/changes"
COUP = {
    "country": "AM",
    "topics": ["health"],
    "kind": "money",
    "happened_on": "2026-11-20",
    "note": "The dram lost a third of its worth.",
}


async def say(desk: Publishing, **form: Any) -> Any:
    staff, _ = desk.people[desk.who]
    return await desk.client.post(PATH, data={"csrf": staff.csrf} | form)


async def new(desk: Publishing) -> dict[str, Any]:
    page = (await desk.client.get(f"{PATH}/new?country=AM")).text
    return COUP | {"change_id": re.findall(r'name="change_id" value="([^"]+)"', page)[0]}


async def looked(desk: Publishing, form: dict[str, Any]) -> str:
    """What the page says that a change touches."""
    shown = await say(desk, **form, do="look")
    assert shown.status_code == 200, shown.text
    return str(shown.text)


async def declare(desk: Publishing) -> dict[str, Any]:
    """Look at what a change touches, then say it."""
    form = await new(desk)
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', await looked(desk, form))
    sent = form | {"seen": seen, "do": "declare"}
    assert (await say(desk, **sent)).status_code == 303
    return sent


async def test_entries_of_the_country_and_topic_fall_due_at_once_and_are_asked_again(
    on_each_database: Publishing,
) -> None:
    desk = on_each_database
    touched = await desk.published()
    elsewhere = await desk.published(country="GE", region="Tbilisi")
    otherwise = await desk.published(topics=["housing.rent"])
    newer = await desk.published(information_date=dt.date(2026, 11, 21))
    form = await new(desk)
    page = await looked(desk, form)
    assert "1 public entry falls due" in page
    assert f'href="/console/entries/{touched}"' in page
    assert (await desk.entry(touched)).status == EntryStatus.PUBLISHED, "a look changes nothing"
    sent = await declare(desk)
    told = (await desk.client.get(PATH)).text
    assert '<progress max="1" value="0"></progress>' in told
    assert "It goes on by itself, for about 1 minute." in told
    await desk.time()
    assert (await say(desk, **sent)).status_code == 303, "a second click is the first one"
    await desk.time()
    entry = await desk.entry(touched)
    assert (entry.status, entry.refresh_state) == (EntryStatus.DUE, RefreshState.ASKED)
    assert "<progress" not in (await desk.client.get(PATH)).text
    for other in (elsewhere, otherwise, newer):
        assert (await desk.entry(other)).status == EntryStatus.PUBLISHED
    (asked,) = await emitted(desk.rig.service, RefreshRequested)
    assert asked.entry_id == touched
    (told,) = await emitted(desk.rig.service, EntryRevised)
    (published,) = [e for e in await emitted(desk.rig.service, EntryPublished)
                    if e.entry_id == touched]  # fmt: skip
    assert told.entry == published.entry.model_copy(update={"review_by": dt.date(2026, 11, 19)})
    shown = [d["status"] for d in desk.index.documents.values() if d["entry_id"] == touched]
    assert shown == ["due"]
    assert "The dram lost a third" in (await desk.client.get(PATH)).text


async def test_contacts_of_the_country_and_topic_are_due_until_somebody_checks_them(
    publishing: Publishing,
) -> None:
    await shown(publishing, CONTACT, FORM)
    await shown(publishing, PROGRAMME, AGENCY | {"topic_1": "housing.rent"})
    await publishing.be("Leen D.")
    form = await new(publishing) | {"topics": ["social"]}
    page = await looked(publishing, form)
    assert f'href="/console/listings/{CONTACT}"' in page
    assert f'href="/console/listings/{PROGRAMME}"' not in page
    sent = form | {"seen": "AM/2026-11-20/social", "do": "declare"}
    for _ in range(2):
        assert (await say(publishing, **sent)).status_code == 303
    *_, told = await emitted(publishing.rig.service, ContactChanged)
    assert told.version == 2
    assert told.contact
    assert told.contact.check_by == dt.date(2026, 11, 19)
    assert "(1 by this change)" in (await publishing.client.get(PATH)).text
    for day, due in (("2026-11-19", True), ("2026-11-21", False)):
        checked = {"checked_on": day, "checked_how": "phone"}
        assert (await post(publishing, f"{CONTACT}/check", **checked)).status_code == 303
        listing = await kept(publishing, CONTACT)
        assert listing
        assert listing.is_due == due


async def test_a_newer_answer_makes_it_fresh_and_an_older_one_is_warned_of(
    publishing: Publishing,
) -> None:
    entry_id = await publishing.published()
    await declare(publishing)
    await publishing.time()
    (asked,) = await emitted(publishing.rig.service, RefreshRequested)
    older = await publishing.draft(information_date=dt.date(2026, 11, 19))
    assert "Something changed in the country" in (await publishing.get(f"/{older}")).text
    fresh = await publishing.draft(information_date=dt.date(2026, 11, 21))
    assert "Something changed in the country" not in (await publishing.get(f"/{fresh}")).text
    with clock.frozen(TODAY + dt.timedelta(days=3)):
        checked = dt.date(2026, 11, 27)
        again = approved(
            research_id=asked.research_id, entry_id=entry_id, information_date=checked,
            approved_on=checked,
        )  # fmt: skip
        await publishing.hear(again)
        await publishing.publish(entry_id, change_note="Checked after the change.")
        entry = await publishing.entry(entry_id)
    assert (entry.status, entry.expired_on) == (EntryStatus.PUBLISHED, None)
    assert entry.review_by == checked + dt.timedelta(days=90)
    assert re.search(r"<dt>Done</dt><dd>1</dd>", (await publishing.client.get(PATH)).text)


async def test_a_text_that_is_being_written_gets_a_warning(publishing: Publishing) -> None:
    entry_id = await publishing.draft()
    assert "1 text that is being written" in await looked(publishing, await new(publishing))
    await declare(publishing)
    page = (await publishing.get(f"/{entry_id}")).text
    assert "Something changed in the country on 20 November 2026" in page
    await publishing.publish(entry_id)
    await publishing.time()
    assert (await publishing.entry(entry_id)).status == EntryStatus.DUE
    assert len(await emitted(publishing.rig.service, RefreshRequested)) == 1


async def test_what_is_missing_is_said_and_another_scope_is_looked_at_first(
    publishing: Publishing,
) -> None:
    form = await new(publishing)
    for name in ("country", "topics", "kind", "happened_on", "note"):
        answer = await say(publishing, **{k: v for k, v in form.items() if k != name})
        assert answer.status_code == 422
        assert f'href="#{name}"' in answer.text, name
        assert name == "note" or "The dram lost a third" in answer.text
    late = await say(publishing, **form | {"happened_on": "2026-12-01"})
    assert "Choose a day that has come" in late.text
    other = await say(publishing, **form, seen="GE/2026-11-20/health", do="declare")
    assert "public entries fall due" in other.text
    assert "No change was declared yet" in (await publishing.client.get(PATH)).text
