"""Coverage: numbers by country and topic that agree with the lists that they lead to."""

import datetime as dt
import re

from cri_publishing.queries import coverage
from cri_shared import clock
from cri_shared.spreadsheet import BYTE_ORDER_MARK

from tests.publishing.conftest import TODAY, Publishing

PATH = "/console/coverage"


async def page(desk: Publishing, query: str = "") -> str:
    answer = await desk.client.get(PATH + query)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_an_entry_counts_once_in_its_country_and_in_each_topic(
    on_each_database: Publishing,
) -> None:
    desk = on_each_database
    await desk.published(topics=["health.medication", "health.access", "housing.rent"])
    await desk.published(topics=["housing.rent"], country="GE", region="Tbilisi")
    async with desk.rig.service.database.reading() as session:
        found = await coverage.coverage(session)
    assert (found.all.total, found.countries["AM"].total) == (2, 1)
    assert (found.cells["AM", "health"].total, found.cells["AM", "housing"].total) == (1, 1)
    assert (found.topics["housing.rent"].total, found.cells["GE", "health"].total) == (2, 0)
    shown = await page(desk)
    assert 'href="/console/entries?view=published&amp;country=AM&amp;topic=health"' in shown
    listed = (await desk.get("?view=published&country=AM&topic=health")).text
    assert "1 entry" in listed
    assert len(re.findall(r'<a class="q"', listed)) == 1
    assert "Nothing here." in (await desk.get("?view=published&country=GE&topic=health")).text


async def test_a_cell_takes_the_colour_of_its_oldest_answer(publishing: Publishing) -> None:
    await publishing.published()  # good for 90 days from 10 November 2026
    states = []
    for days in (0, 60, 100):
        with clock.frozen(TODAY + dt.timedelta(days=days)):
            await publishing.time()
            async with publishing.rig.service.database.reading() as session:
                found = await coverage.coverage(session)
            states.append(found.cells["AM", "health.medication"].state)
    assert states == ["fresh", "soon", "due"]
    assert found.all.percent_good == 0
    assert found.cells["AM", "housing.rent"].state == "none"


async def test_how_long_texts_took_is_told_by_month(publishing: Publishing) -> None:
    await publishing.published(approved_on=dt.date(2026, 11, 15))
    await publishing.published(approved_on=dt.date(2026, 11, 5))
    async with publishing.rig.service.database.reading() as session:
        (november,) = await coverage.paces(session)
    assert (november.month, november.new, november.median_new) == (dt.date(2026, 11, 1), 2, 15)
    assert november.median_renewed is None
    assert "November 2026" in await page(publishing)


async def test_a_country_shows_each_topic_and_a_spreadsheet_has_them_all(
    publishing: Publishing,
) -> None:
    assert "No entry is public yet" in await page(publishing)
    await publishing.published()
    shown = await page(publishing, "?country=AM")
    assert (
        'href="/console/entries?view=published&amp;country=AM&amp;topic=health.medication"' in shown
    )
    assert "topic=health.mental" not in await page(publishing, "?topic=health")
    along = await publishing.client.get(f"{PATH}.csv")
    today = clock.today().isoformat()
    assert f'filename="coverage-{today}.csv"' in along.headers["content-disposition"]
    table = along.text.splitlines()
    head = "country,country_name,topic,topic_name,fresh,soon,due,oldest"
    assert table[0] == BYTE_ORDER_MARK + head
    assert table[1].startswith("AM,Armenia,health.medication,")
    assert table[1].endswith(",1,0,0,2026-11-10")
    assert (await publishing.client.get(f"{PATH}?country=XX")).status_code == 404
