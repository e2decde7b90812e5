"""Where keys are gone while rows still stand: pages show what is left, and everything goes on.

That is so after a backup is restored that is older than those of keys, and until rows are deleted.
"""

import datetime as dt
import re
from pathlib import Path

import pytest
from cri_shared import clock
from cri_shared.service import Service

from tests.plans.recording import pages, work
from tests.plans.tables import ASKED
from tests.security.suites.roles import AT, stage_of

HAVE_KEYS = ("intake", "research", "publishing", "training")
_OF_ONE_THING = re.compile(r"{(?!lang})")


async def destroy_every_key(service: Service) -> int:
    """Destroy the key of everybody who has one; gives how many that were."""
    ledger, gone = service.ledger, 0
    for kind in ledger._owners:
        later = clock.now() + dt.timedelta(days=1)
        for owner_id in await ledger.keys.made_before(kind, later, most=1000):
            gone += await ledger.keys.destroy(kind, owner_id)
    return gone


@pytest.mark.parametrize("service", HAVE_KEYS)
@pytest.mark.timeout(300)
async def test_pages_show_what_is_left_and_work_goes_on(service: str, tmp_path: Path) -> None:
    with clock.frozen(AT):
        async with stage_of(service).stage(tmp_path) as stage:
            every = await pages(stage, ASKED.get(service, {}))
            before = {one.name: await one.do() for one in every}
            assert await destroy_every_key(stage.app.state.service)
            after = {one.name: await one.do() for one in every}
            for one in work(stage.app):
                await one.do()
    changed = {name: status for name, status in after.items() if status != before[name]}
    lists = {name for name in changed if not _OF_ONE_THING.search(name)}
    assert lists == set(), "a list is there, whatever became of one thing in it"
    assert set(changed.values()) <= {404}
