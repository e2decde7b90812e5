"""What readers say reaches editors: mistakes to deal with, and counts of weeks."""

import datetime as dt

import pytest
from cri_publishing.models import MistakeReport, messaging
from cri_shared import clock
from cri_shared.events.search import EntryRated, ListingReported, MistakeReported
from cri_shared.identity import audit

from tests.publishing.conftest import TODAY, Publishing
from tests.publishing.test_listings import CONTACT, FORM, write

PAGE = "/console/readers"


def reported(report_id: str, entry_id: str, **changes: object) -> MistakeReported:
    values = {
        "entry_id": entry_id,
        "report_id": report_id,
        "kind": "contact",
        "text": "The office has moved behind the market.",
        "language": "en",
        "reported_on": TODAY.date(),
    }
    return MistakeReported.model_validate(values | changes)


async def kept(publishing: Publishing, report_id: str) -> MistakeReport:
    async with publishing.rig.service.database.reading() as session:
        found = await session.get(MistakeReport, report_id)
    assert found is not None
    return found


async def done(publishing: Publishing, report_id: str) -> int:
    staff = await publishing.be("Ada")
    answer = await publishing.client.post(
        f"{PAGE}/reports/{report_id}/done", data={"csrf": staff.csrf}
    )
    return answer.status_code


class TestMistakes:
    async def test_an_editor_reads_it_deals_with_it_and_its_words_go(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft()
        await publishing.publish(entry_id)
        for _ in range(2):
            await publishing.hear(reported("r1", entry_id))
        await publishing.hear(reported("r2", entry_id, kind="harm", text=None))
        await publishing.be("Ada")
        page = (await publishing.client.get(PAGE)).text
        assert page.count("behind the market") == 1
        assert page.index("Can harm somebody") < page.index("behind the market")
        assert "insulin" in page
        assert b"market" not in (await kept(publishing, "r1")).text_sealed or b""
        for _ in range(2):
            assert await done(publishing, "r1") == 303
        assert (await kept(publishing, "r1")).text_sealed is None
        assert "behind the market" not in (await publishing.client.get(PAGE)).text
        async with publishing.rig.service.database.reading() as session:
            noted = await audit.history(session, messaging.audit, entry_id)
        assert [one.action for one in noted].count("publishing.report.done") == 1
        assert await done(publishing, "nothing") == 404

    async def test_an_entry_that_is_not_public_has_no_title(self, publishing: Publishing) -> None:
        await publishing.hear(reported("r3", "unknown"))
        await publishing.be("Ada")
        assert "An entry that is not public" in (await publishing.client.get(PAGE)).text

    async def test_of_a_contact_leads_to_it(self, publishing: Publishing) -> None:
        assert (await write(publishing, CONTACT, **FORM)).status_code == 303
        facts = reported("r5", "").model_dump(exclude={"entry_id"})
        for listing_id in (CONTACT, "gone"):
            told = facts | {"listing_id": listing_id, "report_id": f"r-{listing_id}"}
            await publishing.hear(ListingReported.model_validate(told))
        page = (await publishing.client.get(PAGE)).text
        assert f'href="/console/listings/{CONTACT}"' in page
        assert page.count("behind the market") == 2
        assert "A contact or programme that was taken away" in page
        assert await done(publishing, f"r-{CONTACT}") == 303

    async def test_half_a_year_later_it_is_gone(self, publishing: Publishing) -> None:
        await publishing.hear(reported("r4", "unknown"))
        with clock.frozen(TODAY + dt.timedelta(days=181)):
            await publishing.rig.service.retention.run()
        async with publishing.rig.service.database.reading() as session:
            assert await session.get(MistakeReport, "r4") is None


async def test_weeks_of_readers_add_up_and_come_twice_without_harm(publishing: Publishing) -> None:
    entry_id = await publishing.draft()
    await publishing.publish(entry_id)
    for week, useful in (("2026-11-09", 6), ("2026-11-16", 7), ("2026-11-16", 7)):
        await publishing.hear(
            EntryRated.model_validate(
                {"entry_id": entry_id, "week": week, "useful": useful, "not_useful": 2}
            )
        )
    await publishing.be("Ada")
    page = (await publishing.client.get(PAGE)).text
    assert '">13</td>' in page
    assert '">4</td>' in page


@pytest.mark.parametrize(("role", "status"), [("editor", 200), ("auditor", 403)])
async def test_editors_alone_read_what_readers_say(
    publishing: Publishing, role: str, status: int
) -> None:
    await publishing.be(role.title(), role)
    assert (await publishing.client.get(PAGE)).status_code == status
