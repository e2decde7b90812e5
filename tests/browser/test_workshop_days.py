"""People who want to come to a workshop, and an organisation that sends its people, in Chromium."""

import datetime as dt
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from tests.browser.test_printing import sheets
from tests.browser.visiting import open_page
from tests.browser.workshops import WAYS, Somebody, served, somebody
from tests.training.conftest import Training
from tests.training.test_desk import desk

pytestmark = pytest.mark.browser
AFTER = dt.datetime(2026, 12, 16, 9, 0, tzinfo=dt.UTC)
NOOR, BERT, CAS = (f"{name}@example.org" for name in ("noor", "bert", "cas"))
ANN, BOB, DAN = (f"{name}@huis.example" for name in ("ann", "bob", "dan"))
HOUSE = "Huis Voorbeeld"
TITLE = "Talking about return"


async def programme(training: Training) -> str:
    """A workshop online in French, and one place in a room; gives the id of the latter."""
    online = {"format": "online", "online_url": "https://meet.example/x", "language": "fr"}
    await training.edition(**online)
    return await training.edition(capacity="1")


async def hold(training: Training, edition: str) -> None:
    """Everybody who had a place came; whoever earned a certificate has it."""
    await training.go_to(AFTER)
    await training.mark_the_rest(edition)
    issued = await training.post(f"/console/editions/{edition}/certificates")
    assert issued.status_code == 303


def finds(who: Somebody) -> None:
    """Find the workshop in a room on the programme, and open its form."""
    who.at(f"{who.here.url}/en/workshops")
    who.unfolds("Look for")
    who.page.select_option("select[name=way]", "venue")
    who.presses("Show")
    expect(who.page.locator("tbody tr")).to_have_count(1)
    who.goes(TITLE)
    who.reads("Zaal 3, Voorbeeldstraat 1")


@WAYS
def test_a_participant_from_the_programme_to_the_certificate(
    browser: Browser, tmp_path: Path, script: bool
) -> None:
    """Noor hands her place on to Cas, who cancels: Bert, who waited, comes and stays to the end."""
    with served(tmp_path) as here:
        edition = here.do(programme(here.training))
        noor, bert, cas = (somebody(here, browser, script=script) for _ in range(3))
        finds(noor)
        noor.goes("Sign up")
        noor.signs_up("Noor Exempelaere", NOOR)
        noor.reads("You have a place", TITLE)
        finds(bert)
        bert.reads("Full, with a waiting list")
        bert.goes("Join the waiting list")
        bert.signs_up("Bert Voorbeeld", BERT)
        bert.reads("You are the first in line.")

        noor.goes("Your sign-up")
        hands_on(noor)
        takes_over_and_cancels(cas)
        noor.page.reload()
        noor.reads("Somebody else comes in your place.")
        noor.looks()

        bert.at(here.link_to(BERT, "sign-up/manage"))
        bert.reads("A place came free and it is your turn.")
        bert.presses("Take the place")
        bert.reads("The place is yours.", "Show this square at the door")

        own = bert.page.url
        here.do(hold(here.training, edition))
        trainer = somebody(here, browser, script=script, trainer=True)
        trainer.at(f"{here.url}/console/editions/{edition}/certificates")
        trainer.reads("Bert Voorbeeld", "3 hours")
        says_what_it_was_like(bert)
        has_a_certificate(bert, own)
        for one in (noor, bert, cas, trainer):
            one.page.context.close()


def hands_on(noor: Somebody) -> None:
    """Name somebody who comes instead; a wrong address comes back with what was typed."""
    noor.unfolds("Somebody else comes in my place")
    noor.fills(name="Cas Exempel", email="no address")
    noor.presses("Send the mail")
    noor.reads("Write an e-mail address with an @")
    expect(noor.page.locator("main [name=name]")).to_have_value("Cas Exempel")
    noor.fills(email=CAS)
    noor.presses("Send the mail")
    noor.reads("You named somebody to come in your place:", "Cas Exempel")


def takes_over_and_cancels(cas: Somebody) -> None:
    """The one who was named comes, and then cannot."""
    cas.at(cas.here.link_to(CAS))
    cas.presses("Yes, I come")
    cas.reads("You have a place")
    cas.goes("Your sign-up")
    cas.unfolds("I cannot come")
    cas.presses("Cancel my sign-up")
    cas.reads("Your sign-up is cancelled. Thank you for telling us.")


def says_what_it_was_like(bert: Somebody) -> None:
    """Answer without a name; an empty form comes back, and the link is good once."""
    link = bert.here.link_to(BERT, "feedback")
    bert.at(link)
    bert.presses("Send")
    bert.reads("Answer at least one question")
    bert.page.check("main input[name=useful][value='4']")
    bert.page.check("main input[name=sure_before][value='2']")
    bert.page.check("main input[name=sure_now][value='4']")
    bert.fills(obstacles="People expect a quick answer.")
    bert.presses("Send")
    bert.reads("Your answer is kept without your name.")
    bert.at(link)
    bert.reads("This link was used")


def has_a_certificate(bert: Somebody, own: str) -> None:
    """Take the paper home from one's own page, and check it as whoever is shown it does."""
    bert.at(own)
    bert.reads("This workshop is over.")
    with bert.page.expect_download() as paper:
        bert.page.get_by_role("link", name="Your certificate (PDF)").click()
    text = PdfReader(io.BytesIO(paper.value.path().read_bytes())).pages[0].extract_text()
    code = re.search(r"(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}", text)
    assert "Bert Voorbeeld" in text
    assert code is not None
    bert.at(f"{bert.here.url}/en/certificates/verify")
    bert.fills(code="0000")
    bert.presses("Check")
    bert.reads("We do not know this code.")
    bert.fills(code=code[0].lower())
    bert.presses("Check")
    bert.reads("This certificate is valid", "Bert Voorbeeld", "3 hours")


def test_what_people_take_along_prints_on_one_sheet_without_menus(
    browser: Browser, tmp_path: Path
) -> None:
    """A workshop, and one's own sign-up with its square."""
    with served(tmp_path) as here:
        edition = here.do(here.training.edition())
        own = here.do(here.training.sign_up(edition, BERT, name="Bert Voorbeeld"))
        page = here.phone(browser, script=True)
        for path, shown in (
            (f"/en/workshops/{edition}", "main .facts"),
            (f"/en/sign-up/manage/{own}", "main figure img"),
        ):
            open_page(page, here.url + path)
            page.emulate_media(media="print")
            expect(page.locator(shown).first).to_be_visible()
            expect(page.locator("header nav:visible, footer:visible, form:visible")).to_have_count(
                0
            )
            assert sheets(page) == 1, path
            page.emulate_media(media="null")
        page.context.close()


@WAYS
def test_an_organisation_signs_two_up_swaps_one_and_cancels_the_other(
    browser: Browser, tmp_path: Path, script: bool
) -> None:
    """The contact opens the desk by the mailed link and sees where each colleague stands."""
    with served(tmp_path) as here:
        here.do(here.training.edition(capacity="2"))
        link = here.url + here.do(desk(here.training, HOUSE))
        contact, colleague = (somebody(here, browser, script=script) for _ in range(2))
        contact.at(link)
        contact.reads(HOUSE)
        contact.goes(TITLE)
        contact.reads("Nobody yet.")
        contact.fills(people=f"Ann Exempel; {ANN}\nBob Voorbeeld")
        contact.presses("Send the mails")
        contact.reads("Line 2: write a name")
        contact.fills(people=f"Ann Exempel; {ANN}\nBob Voorbeeld; {BOB}")
        contact.presses("Send the mails")
        stands(contact, "Ann Exempel", "Not confirmed")
        confirms(colleague, ANN)
        confirms(colleague, BOB)
        contact.page.reload()
        stands(contact, "Ann Exempel", "Has a place")
        stands(contact, "Bob Voorbeeld", "Has a place")

        contact.goes("Ann Exempel")
        contact.fills(name="Dan Exempel", email=DAN)
        contact.presses("Send the mail")
        contact.reads("Until that person has the place, nobody loses it.")
        stands(contact, "Ann Exempel", "Asked to come instead: Dan Exempel")
        confirms(colleague, DAN)
        contact.page.reload()
        stands(contact, "Ann Exempel", "Handed on")
        stands(contact, "Dan Exempel", "Has a place")

        contact.goes("Bob Voorbeeld")
        contact.unfolds("Does not come")
        contact.presses("Cancel for this person")
        stands(contact, "Bob Voorbeeld", "Cancelled")
        contact.goes(HOUSE)
        contact.page.context.close()
        colleague.page.context.close()


def stands(contact: Somebody, name: str, state: str) -> None:
    """A colleague is listed with a state."""
    row = contact.page.locator("tbody tr", has_text=name).first
    expect(row).to_contain_text(state)


def confirms(colleague: Somebody, email: str) -> None:
    """A colleague says yes on the page behind her own mail."""
    colleague.at(colleague.here.link_to(email))
    colleague.reads("Your organisation sees whether you have a place")
    colleague.presses("Yes, I come")
    colleague.reads("You have a place")
