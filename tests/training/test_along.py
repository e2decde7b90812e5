"""The editions as a file for spreadsheets: how many come, and who does not."""

import csv
import io

from tests.training.conftest import Training
from tests.training.test_desk import organisation, send_link
from tests.training.test_waiting_list import filled


async def test_editions_are_taken_along_and_nobody_who_signed_up(training: Training) -> None:
    edition_id, _ = await filled(training, "ann", "bob")
    page = (await training.client.get("/console/editions")).text
    assert "/console/editions.csv?view=coming" in page
    taken = await training.client.get("/console/editions.csv?view=coming")
    (line,) = csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))
    assert line["edition_id"].removeprefix("'") == edition_id
    assert (line["taken"], line["waiting"]) == ("1", "1")
    assert "example.org" not in taken.text
    assert (await training.client.get("/console/editions.csv?view=none")).status_code == 404


async def test_workshops_are_taken_along(training: Training) -> None:
    workshop_id = await training.workshop()
    assert "/console/workshops.csv" in (await training.client.get("/console/workshops")).text
    taken = await training.client.get("/console/workshops.csv")
    (line,) = csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))
    assert line["workshop_id"].removeprefix("'") == workshop_id


async def test_organisations_are_taken_along_with_the_days_of_their_links(
    training: Training,
) -> None:
    await send_link(training, await organisation(training, "Caritas"))
    await organisation(training, "Red Cross")
    page = (await training.client.get("/console/organisations")).text
    assert 'href="/console/organisations.csv" download' in page
    taken = await training.client.get("/console/organisations.csv")
    lines = list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"))))
    links = {line["name"]: line["link_until"] for line in lines}
    assert links["Caritas"] > "2026"
    assert links["Red Cross"] == ""
    assert "@" not in taken.text
