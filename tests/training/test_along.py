"""The editions as a file for spreadsheets: how many come, and who does not."""

import csv
import io

from tests.training.conftest import Training
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
