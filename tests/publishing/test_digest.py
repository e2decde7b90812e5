"""What editors are told of in the morning."""

import datetime as dt

from cri_publishing.queries.digest import NEWS
from cri_shared import clock
from cri_shared.testing.news import news_for

from tests.publishing.conftest import TODAY, Publishing
from tests.publishing.test_readers import reported


async def test_editors_hear_of_drafts_reviews_and_mistakes(publishing: Publishing) -> None:
    await publishing.draft()
    entry_id = await publishing.draft()
    await publishing.submit(entry_id)
    await publishing.hear(reported("r1", entry_id))
    service, staff = publishing.rig.service, await publishing.be("Ada")
    assert await news_for(service, NEWS, staff) == {
        "Answers that became drafts": 1,
        "Texts that wait for your review": 1,
    }
    with clock.frozen(TODAY + dt.timedelta(hours=13, minutes=30)):  # past midnight
        assert await news_for(service, NEWS, staff) == {"Mistakes that readers report": 1}
