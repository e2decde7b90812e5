"""Every list of a console is a file to take along, or the README says why there is none.

A loop that writes rows is a list. A new one fails here until it stands below with its file, or
with the sentence that officers read in the README of its service.
"""

import re
from importlib import import_module
from pathlib import Path

import pytest
from cri_shared.identity.policy import SHARED, Policy

ROOT = Path(__file__).parents[2]
ROW = r'<(?:(?:tr|li|article|section)\b|div class="panel")'
LOOP = re.compile(rf"\{{%-?\s*(for|endfor)\b((?:[^%]|%(?!\}}))*)%\}}|{ROW}")
EXTENDS = re.compile(r'\{% extends "(\w+)\.html" %\}')
CONSOLES = {"intake", "research", "publishing", "training"}

# Why something is no list: what belongs to one thing stands on its page, and is a file nowhere.
ONE = "one thing, with what belongs to it"
WAYS = "ways to other pages, or the filters of this one"

CASES = "Of questions only statistics leave intake."
WAITING = (
    "What waits for a second officer is in no file: it would remember a question that is gone."
)
TO_ORGANISATION = "The program of an organisation reads its questions with its key."
PARTNERS = "Who a partner is leaves only in the statement of work, which is noted."
PEOPLE = "Names of people who sign up leave on the printed list alone, which is noted."
OF_EDITION = "What one edition keeps and sends stands on its pages, for those who look after it."
CODED = "Texts and how each was coded stay with the coders: they tell of fewer than five people."
HANDLED = "Dead letters are handled in the room: what they carry is not for files."
HELD = "What ends when is in `deploy/dpia/register.csv`; what is held is named in no file."
OWN = "one's own account"

# Lists by page; the name of a loop leads to its file, or to why there is none.
LISTS: dict[str, dict[str, str]] = {
    "intake/case": {"*": ONE},
    "intake/erasures": {"waiting": WAITING, "told": "GET /console/erasures.csv"},
    "intake/figures": {
        "month.languages": "GET /console/figures.csv",
        "own.lines": "GET /console/figures.csv",
        "months": "GET /console/figures.csv",
    },
    "intake/organisation": {"*": ONE},
    "intake/organisations": {"every": "GET /console/organisations.csv"},
    "intake/our_question": {"*": ONE},
    "intake/ours": {"lines": TO_ORGANISATION},
    "intake/queue": {
        "views": WAYS,
        "own": WAYS,
        "filters.chosen.items()": WAYS,
        "rows": CASES,
    },
    "intake/referrals": {"every": "GET /console/referrals.csv"},
    "intake/release": {"*": ONE},
    "intake/statistics": {"numbers.items()": "GET /console/statistics.csv"},
    "intake/_answer": {"*": ONE},
    "intake/_before": {"*": ONE},
    "intake/_case": {"cases": CASES},
    "intake/_danger": {"*": ONE},
    "intake/_desk": {"*": ONE},
    "intake/_imports": {"going": TO_ORGANISATION, "over": TO_ORGANISATION},
    "intake/_keys": {"*": ONE},
    "publishing/change": {"*": ONE},
    "publishing/changes": {"changes": "GET /console/changes.csv"},
    "publishing/compare": {"*": ONE},
    "publishing/coverage": {
        "some": "GET /console/coverage.csv",
        "rows": "GET /console/coverage.csv",
    },
    "publishing/entries": {
        "views": WAYS,
        "questions": "GET /console/entries.csv",
        "rows": "GET /console/entries.csv",
    },
    "publishing/entry": {"*": ONE},
    "publishing/links": {"views": WAYS, "rows": "GET /console/links.csv"},
    "publishing/listing": {"*": ONE},
    "publishing/listings": {"views": WAYS, "rows": "GET /console/listings.csv"},
    "publishing/readers": {
        "reports": "GET /console/readers/reports.csv",
        "judged": "GET /console/readers.csv",
    },
    "publishing/version": {"*": ONE},
    "publishing/_coverage": {"*": WAYS, "paces": "GET /console/coverage/paces.csv"},
    "publishing/_problems": {"*": ONE},
    "publishing/_public": {"*": ONE},
    "publishing/_remarks": {"*": ONE},
    "publishing/_work": {"*": ONE},
    "research/board": {"*": WAYS, "board.rows": "GET /console/questions.csv"},
    "research/countries": {"countries": "GET /console/countries.csv"},
    "research/gaps": {"gaps": "GET /console/gaps.csv"},
    "research/partner": {"*": ONE},
    "research/partners": {"known": PARTNERS},
    "research/question": {"*": ONE},
    "research/reminders": {"coming": "GET /console/reminders.csv"},
    "research/review": {"*": ONE},
    "research/statement": {"lines": "POST /console/statements/export"},
    "research/_answer": {"*": ONE},
    "training/agreement": {"groups": CODED},
    "training/code": {"*": ONE},
    "training/code_book": {"codes": "GET /console/code-book.qdc"},
    "training/console_approvals": {"rows": PEOPLE},
    "training/console_attendance": {"edition.sittings": WAYS, "people": PEOPLE},
    "training/console_certificates": {"rows": PEOPLE},
    "training/console_editions": {"names.items()": WAYS, "rows": "GET /console/editions.csv"},
    "training/console_feedback": {"*": ONE},
    "training/console_letters": {"plan": OF_EDITION, "posted": OF_EDITION, "materials": OF_EDITION},
    "training/console_organisations": {"rows": "GET /console/organisations.csv"},
    "training/console_participants": {"rows": PEOPLE},
    "training/console_places": {"kept": OF_EDITION},
    "training/console_sheet": {"seated": PEOPLE},
    "training/console_workshops": {"rows": "GET /console/workshops.csv"},
    "training/obstacles": {"found.codes": "GET /console/obstacles.csv"},
    "training/reports": {"found.of(by)": "GET /console/reports.csv"},
    "training/text": {"*": ONE},
    "training/texts": {"rows": CODED},
    "training/_attendance": {"*": ONE},
    "training/_history": {"*": ONE},
    "training/_obstacles": {"*": WAYS},
    "training/_programme": {"*": ONE},
    "training/_training": {"*": ONE},
    "shared/account": {"*": OWN},
    "shared/audit": {"*": ONE, "lines": "POST /console/audit/export"},
    "shared/console": {"*": WAYS},
    "shared/event_letter": {"*": ONE},
    "shared/events": {"state.producers": HANDLED, "letters": HANDLED, "dropped": HANDLED},
    "shared/keeping": {"lines": HELD, "holds": HELD},
    "shared/staff": {"people": "GET /console/staff.csv"},
    "shared/_forms": {"*": ONE},
}
UNSAID = (ONE, WAYS, OWN)


def templates() -> dict[str, str]:
    """Every template that consoles are made of, by service and name."""
    found = {}
    places = [(name, ROOT / f"services/{name}/cri_{name}/templates") for name in CONSOLES]
    places += [
        ("shared", ROOT / f"shared/cri_shared/{one}/templates") for one in ("identity", "web")
    ]
    for service, place in places:
        for file in place.glob("*.html"):
            text = file.read_text("utf-8")
            base = EXTENDS.match(text)
            if base and base[1] in ("base", "public"):
                continue
            if file.name not in ("base.html", "desk.html", "public.html"):
                found[f"{service}/{file.stem}"] = text
    return found


def lists(text: str) -> set[str]:
    """What the loops go over that write a row, as the template calls it."""
    found, within = set(), []
    for one in LOOP.finditer(text):
        if one[1] == "for":
            within.append(re.sub(r" if .*", "", one[2].partition(" in ")[2]).strip())
        elif one[1] == "endfor":
            within.pop()
        elif within:
            found.add(re.sub(r" \| \w+$", "", within[-1]))
    return found


TEMPLATES = templates()
PAGES = {name: found for name, text in TEMPLATES.items() if (found := lists(text))}


def readme(service: str) -> str:
    place = f"services/{service}/README.md" if service in CONSOLES else "shared/DOORS.md"
    return (ROOT / place).read_text("utf-8")


def doors(service: str) -> frozenset[str]:
    policy: Policy = (
        import_module(f"cri_{service}.policy").POLICY if service in CONSOLES else SHARED
    )
    return policy.routes


def test_every_page_with_a_list_stands_in_the_table_and_no_other() -> None:
    assert PAGES.keys() == LISTS.keys()
    assert len(PAGES) > 50


@pytest.mark.parametrize("page", sorted(LISTS))
def test_every_list_has_a_file_or_a_reason(page: str) -> None:
    told = LISTS[page]
    unsaid = PAGES[page] - told.keys() if "*" not in told else set()
    assert unsaid == set(), "a list without a file and without a reason"
    assert told.keys() - {"*"} <= PAGES[page], "a list that is not there"
    service = page.partition("/")[0]
    for name, what in told.items():
        if what.startswith(("GET ", "POST ")):
            _, path = what.split()
            assert name != "*"
            assert what in doors(service)
            assert path in TEMPLATES[page], "no way from the page to its file"
            assert path.removeprefix("/console/") in readme(service)
        elif what not in UNSAID:
            assert what in " ".join(readme(service).split()), "nobody can read why"


def test_a_list_that_is_new_is_seen() -> None:
    text = "{% for one in fresh %}<li>{% for it in one.parts %}<b>{{ it }}</b>{% endfor %}</li>"
    assert lists(text + "{% endfor %}<li>") == {"fresh"}
