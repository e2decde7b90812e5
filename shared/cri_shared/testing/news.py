"""What a digest would tell somebody, asked of a service in a test."""

import datetime as dt
from collections.abc import Sequence

from cri_shared import clock
from cri_shared.digest import Digests, News, Reader
from cri_shared.identity.staff import Staff
from cri_shared.service import Service


async def news_for(service: Service, news: Sequence[News], staff: Staff) -> dict[str, int]:
    """How much is new of what since an hour, by its English name."""
    digests = Digests(service, "cri_shared", news)
    reader = Reader(staff.staff_id, staff.email, "en", staff.roles, staff.vouched_for)
    since = clock.now() - dt.timedelta(hours=1)
    async with service.database.reading() as session:
        return dict(await digests.counted(session, reader, since))
