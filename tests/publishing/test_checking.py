"""What the detectors say about a public text, and what they may not cry wolf about."""

import dataclasses
import datetime as dt

import pytest
from cri_publishing.checking import problems_of
from cri_publishing.rules.draft import Account, Draft, Source, Text
from cri_shared import clock

from tests.publishing.conftest import TODAY

CHECKED = dt.date(2026, 11, 10)
SEEN = Source("visit", "Three pharmacies", consulted_on=CHECKED)
OTHER = Source("interview", "Health worker", consulted_on=CHECKED)


def about(answer: str, language: str = "en") -> Draft:
    text = Text(language, "Is insulin available in the Shirak region?", answer)
    return Draft("AM", ("health.medication",), "found", CHECKED, (text,), region="Shirak (Gyumri)",
                 sources=(SEEN, OTHER))  # fmt: skip


async def personal(draft: Draft) -> dict[str, str]:
    """Code of each problem of personal data, and the field where it is."""
    with clock.frozen(TODAY):
        found = await problems_of(draft, number=1, renews=False)
    return {p.code.removeprefix("personal-"): p.field for p in found if "personal" in p.code}


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        ("Ask for Karen Petrosyan at the desk of the clinic.", {"name"}),
        ("Write to karen@example.org about it.", {"email"}),
        ("Call +374 10 123 456 before you go.", {"phone"}),
        ("The file 68.03.14-123.45 was accepted.", {"identifier"}),
        ("It was paid to BE68 5390 0754 7034 there.", {"iban"}),
        ("The visit was on 13/03/2026 in the morning.", {"date"}),
        ("The only journalist of Gyumri said so to us.", {"rare"}),
        ("In March 2026 it cost 22 000 dram, and 150,000 dram in the hospital.", set()),
        ("The Armenian price list is in English and Arabic, says Shirak region.", set()),
        ("Both types were in stock in two of three pharmacies in 2026.", set()),
    ],
)
async def test_each_kind_is_seen_and_facts_are_left_alone(answer: str, kinds: set[str]) -> None:
    assert set(await personal(about(answer))) == kinds


async def test_every_public_field_is_looked_at() -> None:
    mail = "write to karen@example.org"
    draft = about("Both types were in stock in two of three pharmacies in March 2026.")
    for changed, field in (
        ({"tried": mail}, "tried"),
        ({"accounts": (Account(mail, "en", CHECKED),)}, "account_1_text"),
        ({"sources": (SEEN, dataclasses.replace(OTHER, label=mail))}, "source_2_label"),
        ({"sources": (dataclasses.replace(SEEN, publisher=mail), OTHER)}, "source_1_publisher"),
        ({"texts": (draft.original, Text("fr", mail, "x"))}, "question"),
    ):
        assert await personal(dataclasses.replace(draft, **changed)) == {"email": field}
