"""A trainer's work from a new workshop to its report, in Chromium on a phone."""

import datetime as dt
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.workshops import WAYS, Served, Somebody, served, somebody

pytestmark = pytest.mark.browser
AFTER = dt.datetime(2026, 12, 16, 9, 0, tzinfo=dt.UTC)
TITLE = "Listening to doubts"
NAMES = ("Ann", "Bob", "Cas", "Dan", "Eve", "Fay")


@WAYS
def test_a_trainer_plans_holds_and_reports_a_workshop(
    browser: Browser, tmp_path: Path, script: bool
) -> None:
    with served(tmp_path) as here:
        trainer = somebody(here, browser, script=script, trainer=True)
        edition = plans(trainer)
        everybody_signs_up(here, edition)
        moves_and_reads_who_comes(trainer)
        here.do(here.training.go_to(AFTER))
        here.do(here.training.mails())  # what falls due by then is done
        trainer.page.context.close()
        trainer = somebody(here, browser, script=script, trainer=True)  # signs in anew
        notes_who_came(trainer, edition)
        gives_certificates(trainer)
        reports(trainer)
        closes_the_form(trainer, edition)
        trainer.page.context.close()


def plans(trainer: Somebody) -> str:
    """A workshop and a date for it, each first with something missing; gives the edition's id."""
    trainer.at(f"{trainer.here.url}/console/workshops")
    trainer.goes("New workshop")
    trainer.fills(title=TITLE, certificate_percent="80")
    trainer.presses("Save")
    expect(trainer.page.locator("main [name=title]")).to_have_value(TITLE)
    trainer.fills(summary="- to listen\n- to ask nothing back")
    trainer.presses("Save")
    trainer.goes("Plan an edition")
    trainer.fills(town="Gent", trainers="Leen D.", capacity="8", date_1="2026-12-15")
    trainer.page.check("main [name=format][value=venue]")
    trainer.fills(start_1="17:00", end_1="14:00")
    trainer.presses("Save")
    expect(trainer.page.locator("main [name=town]")).to_have_value("Gent")
    trainer.fills(start_1="14:00", end_1="17:00")
    trainer.presses("Save")
    trainer.reads("Only trainers see a draft.")
    trainer.unfolds("Publish")
    trainer.presses("Publish the edition")
    trainer.reads("0 of 8 taken")
    return trainer.page.url.partition("?")[0].rpartition("/")[2]


def everybody_signs_up(here: Served, edition: str) -> None:
    """Six people sign up and prove their address."""
    for name in NAMES:
        here.do(here.training.sign_up(edition, f"{name}@example.org", name=f"{name} Exempel"))


def moves_and_reads_who_comes(trainer: Somebody) -> None:
    """The room is free an hour later; the list says who has a place."""
    trainer.page.reload()
    trainer.reads("6 of 8 taken")
    trainer.fills(start="15:00", end="18:00")
    trainer.presses("Move this session")
    trainer.reads("15:00–18:00")
    trainer.here.mail_to("Ann@example.org")
    trainer.goes("Participants")
    trainer.reads(*(f"{name} Exempel" for name in NAMES))


def notes_who_came(trainer: Somebody, edition: str) -> None:
    """One was absent, the others were there, and it was a mistake; then that is complete."""
    trainer.at(f"{trainer.here.url}/console/editions/{edition}/participants")
    trainer.goes("Attendance")
    fay = trainer.page.locator("li.person", has_text="Fay")
    fay.get_by_role("button", name="Absent").click()
    expect(fay.locator("[data-state]")).to_have_text("Absent")
    trainer.presses("Everybody without a mark was there")
    trainer.reads("5 of 6 came")
    fay.locator("summary", has_text="Correct").click()
    fay.locator("select[name=presence]").select_option("present")
    fay.get_by_role("button", name="Save").click()
    expect(fay).to_contain_text("That day is over. Write why you change the mark")
    expect(fay.locator("[data-state]")).to_have_text("Absent")
    expect(trainer.page.locator("main")).not_to_contain_text("Everything is sent")
    fay.locator("[name=reason]").fill("Came by the back door.")
    fay.get_by_role("button", name="Save").click()
    expect(fay.locator("[data-state]")).to_have_text("Present")
    trainer.unfolds("Attendance is complete")
    trainer.presses("Count it for the reports")
    trainer.reads("What you correct now changes attendance and certificates, and no report.")


def gives_certificates(trainer: Somebody) -> None:
    """Everybody who earned one has one; a name that was misspelt is corrected."""
    trainer.presses("Issue for everybody who earned one")
    row = trainer.page.locator("tbody tr", has_text="Ann Exempel")
    expect(row).to_contain_text("3 hours")
    row.locator("summary", has_text="Correct the name").click()
    row.locator("[name=name]").fill("Ann Exempelaere")
    row.get_by_role("button", name="Correct the name").click()
    trainer.reads("Ann Exempelaere", "Replaced")


def reports(trainer: Somebody) -> None:
    """The workshop is counted, on the page and in the files beside it."""
    trainer.here.do(trainer.here.training.mails())  # counting is among what is done by itself
    trainer.at(f"{trainer.here.url}/console/reports")
    trainer.reads("1 of 1", TITLE)
    for file in ("Workbook (XLSX)", "Table (CSV)", "Paper (PDF)"):
        with trainer.page.expect_download() as given:
            trainer.page.get_by_role("link", name=file).click()
        assert given.value.path().stat().st_size > 100


def closes_the_form(trainer: Somebody, edition: str) -> None:
    """Nobody answered; what few said is not told alone."""
    trainer.at(f"{trainer.here.url}/console/editions/{edition}/feedback")
    trainer.reads("People can answer until")
    trainer.unfolds("Close the form now")
    trainer.presses("Close the form")
    trainer.reads("Too few answers.")
