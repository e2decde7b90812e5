"""The lists of entries as files for spreadsheets: what stands where, and no text."""

import csv
import io

from tests.publishing.conftest import Publishing
from tests.publishing.test_changes import declare
from tests.publishing.test_listings import CONTACT, FORM, shown


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


async def _lines(publishing: Publishing, page: str, query: str = "") -> list[dict[str, str]]:
    """The list behind the link of a page."""
    on_page = (await publishing.client.get(f"/console/{page}{query}")).text
    where = f"/console/{page}.csv{query}"
    assert f'href="{where.replace("&", "&amp;")}" download' in on_page
    taken = await publishing.client.get(where)
    return list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"))))


async def test_contacts_and_links_are_taken_along_view_by_view(publishing: Publishing) -> None:
    await shown(publishing, CONTACT, FORM)
    (line,) = await _lines(publishing, "listings", "?view=public&country=AM")
    assert (line["name"], line["country"], line["what"]) == (FORM["name"], "AM", "contact")
    assert FORM["text_en"] not in str(line)
    elsewhere = await publishing.client.get("/console/listings.csv?view=public&country=GE")
    assert elsewhere.text.count("\n") == 1
    (link,) = await _lines(publishing, "links", "?view=new")
    assert (link["url"], link["listing_id"], link["state"]) == (FORM["url"], CONTACT, "new")


async def test_changes_are_taken_along_without_what_was_written(publishing: Publishing) -> None:
    await publishing.published()
    said = await declare(publishing)
    (line,) = await _lines(publishing, "changes")
    assert (line["country"], line["topics"], line["entries"]) == ("AM", "health", "1")
    assert said["note"] not in str(line)
