"""The lists of entries as files for spreadsheets: what stands where, and no text."""

import csv
import datetime as dt
import io

from cri_shared.events.search import EntryRated

from tests.publishing.conftest import Publishing
from tests.publishing.test_changes import declare
from tests.publishing.test_listings import CONTACT, FORM, shown
from tests.publishing.test_readers import reported


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


async def test_what_readers_say_is_taken_along_without_their_words(publishing: Publishing) -> None:
    entry_id = await publishing.draft()
    await publishing.publish(entry_id)
    await publishing.hear(reported("r1", entry_id))
    for week, useful in (("2026-11-09", 6), ("2026-11-16", 7)):
        told = {"entry_id": entry_id, "week": week, "useful": useful, "not_useful": 2}
        await publishing.hear(EntryRated.model_validate(told))
    await publishing.be("Ada")
    page = (await publishing.client.get("/console/readers")).text
    assert 'href="/console/readers/reports.csv" download' in page
    taken = await publishing.client.get("/console/readers/reports.csv")
    (line,) = csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))
    assert (line["report_id"], line["kind"], line["language"]) == ("r1", "contact", "en")
    assert "market" not in taken.text
    weeks = await _lines(publishing, "readers")
    assert [(line["week"], line["useful"], line["not_useful"]) for line in weeks] == [
        ("2026-11-09", "6", "2"),
        ("2026-11-16", "7", "2"),
    ]


async def test_how_long_texts_took_is_taken_along(publishing: Publishing) -> None:
    await publishing.published(approved_on=dt.date(2026, 11, 15))
    page = (await publishing.client.get("/console/coverage")).text
    assert 'href="/console/coverage/paces.csv" download' in page
    taken = await publishing.client.get("/console/coverage/paces.csv")
    (line,) = csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))
    told = {"month": "2026-11", "new": "1", "renewed": "0", "days_renewed": ""}
    assert told.items() <= line.items()
    assert int(line["days_new"]) > 0
