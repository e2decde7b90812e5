"""The lists of entries as files for spreadsheets: what stands where, and no text."""

import csv
import io

from tests.publishing.conftest import Publishing


async def test_a_whole_view_is_taken_along_without_texts(publishing: Publishing) -> None:
    entry_id = await publishing.draft()
    page = (await publishing.get("?view=draft&country=AM")).text
    assert 'href="/console/entries.csv?view=draft&amp;country=AM"' in page
    taken = await publishing.client.get("/console/entries.csv?view=draft&country=AM")
    (line,) = csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))
    assert line["entry_id"].removeprefix("'") == entry_id, "an id may begin as a formula does"
    assert (line["state"], line["country"]) == ("draft", "AM")
    assert "insulin" not in taken.text
    nothing = await publishing.client.get("/console/entries.csv?view=withheld")
    assert nothing.content.decode("utf-8-sig").startswith("research_id,country,topics")
