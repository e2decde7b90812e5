"""Who came to a workshop is forgotten some weeks after it; what it was like stays."""

import datetime as dt

import pytest
from cri_shared import clock
from cri_shared.privacy.vault import Erased
from cri_training.models import Attendance, Edition, PostedLetter, SeatMove, SignUp, Tally
from cri_training.rig import KEY_KIND
from sqlalchemy import func, select

from tests.training.conftest import NOW, Training

OF_A_PARTICIPANT = (SignUp, SeatMove, PostedLetter, Attendance)


async def count(training: Training, table: type) -> int:
    async with training.rig.service.database.reading() as session:
        return int((await session.execute(select(func.count()).select_from(table))).scalar_one())


async def test_participants_go_60_days_after_the_workshop(training: Training) -> None:
    edition_id = await training.edition()
    await training.sign_up(edition_id, "noor@example.org")
    await training.mails()
    async with training.rig.service.database.reading() as session:
        sign_up_id = (await session.execute(select(SignUp.sign_up_id))).scalar_one()
    ends = (await training.stored(edition_id)).ends_at
    for after, there in ((dt.timedelta(days=59), True), (dt.timedelta(days=60), False)):
        with clock.frozen(ends + after):
            await training.mails()
            assert [bool(await count(training, t)) for t in OF_A_PARTICIPANT[:3]] == [there] * 3
            if there:
                assert await training.rig.keys.get(KEY_KIND, sign_up_id)
    with pytest.raises(Erased):
        await training.rig.keys.get(KEY_KIND, sign_up_id)
    assert await count(training, Edition) == 1
    async with training.rig.service.database.reading() as session:
        (left,) = (await session.execute(select(Tally))).scalars()
    assert (left.edition_id, left.role, left.reached, left.number) == (edition_id, "", "seated", 1)
    assert ends > NOW
