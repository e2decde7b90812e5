"""Certificates: earned by hours, checked by anybody with the code, revoked, replaced, withdrawn."""

import datetime as dt
import io
import re

import pytest
from cri_shared import clock
from cri_shared.testing.disk import files_with
from cri_shared.web.i18n import Words
from cri_training.models import Certificate
from cri_training.queries.papers import hours
from cri_training.rules import certificates as rules
from pypdf import PdfReader
from sqlalchemy import select

from tests.training.conftest import Training

AFTER = dt.datetime(2026, 12, 16, 9, 0, tzinfo=dt.UTC)
ARABIC = "ليلى الحداد"


async def held(training: Training) -> tuple[str, dict[str, str]]:
    """An edition: Ann was there, Bob for an hour, Leyla but for 30 minutes; and their own pages."""
    edition = await training.edition(capacity="3")
    pages = {}
    for name in ("Ann Exempel", "Bob Exempel", ARABIC):
        email = f"p{len(pages)}@example.org"
        pages[name] = await training.sign_up(edition, email, name=name)
    await training.go_to(AFTER)
    listed = (await training.client.get(f"/console/editions/{edition}/attendance/1")).text
    for name, missed in (("Bob Exempel", "120"), (ARABIC, "30")):
        row = re.search(rf'id="p-([\w-]+)">\s*<p class="who"><strong><bdi>{name}', listed)
        assert row is not None
        assert await training.mark(edition, row[1], "late", minutes=missed) == "Saved."
    await training.mark_the_rest(edition)
    return edition, pages


async def rows(training: Training) -> list[Certificate]:
    async with training.rig.service.database.reading() as session:
        found = select(Certificate).order_by(Certificate.issued_at, Certificate.standing)
        return list((await session.execute(found)).scalars())


async def paper_of(training: Training, token: str) -> tuple[PdfReader, str, str]:
    """Somebody's own certificate, its words, and its code."""
    answer = await training.public.get(f"/en/sign-up/manage/{token}/certificate.pdf")
    assert answer.status_code == 200, answer.text
    pdf = PdfReader(io.BytesIO(answer.content))
    text = pdf.pages[0].extract_text()
    code = re.search(r"(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}", text)
    assert code is not None, text
    return pdf, text, code[0]


async def check(training: Training, code: str) -> str:
    """What the page says of a typed code."""
    answer = await training.public.post("/en/certificates/verify", data={"code": code})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    return answer.text


def test_enough_hours_are_counted_in_whole_minutes() -> None:
    assert rules.earned(144, 180, 80)
    assert not rules.earned(143, 180, 80)
    assert not rules.earned(0, 0, 1)


def test_hours_are_told_in_the_language_of_the_reader() -> None:
    for tag, told in (("nl", "1 uur 30 minuten"), ("fr", "1 heure 30 minutes")):
        assert hours(Words(("cri_training", "cri_shared"), tag), 90).replace("\xa0", " ") == told


def test_a_code_is_read_however_it_is_typed() -> None:
    code = rules.new_code()
    assert rules.plain_code(f" {rules.grouped(code).lower()} ") == code
    assert rules.plain_code("o-i-l") == "011"


async def test_who_was_there_long_enough_gets_one_that_anybody_can_check(
    training: Training,
) -> None:
    edition, pages = await held(training)
    for _ in range(2):
        assert (await training.post(f"/console/editions/{edition}/certificates")).status_code == 303
    assert sorted(row.minutes for row in await rows(training)) == [150, 180]
    bob = await training.public.get(f"/en/sign-up/manage/{pages['Bob Exempel']}/certificate.pdf")
    assert bob.status_code == 404
    pdf, text, code = await paper_of(training, pages["Ann Exempel"])
    assert "Ann Exempel" in text
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in pdf.trailer["/Root"]["/Metadata"].get_data()
    await paper_of(training, pages[ARABIC])
    for shown in (
        await check(training, code.lower()),
        (await training.public.get(f"/en/certificates/verify/{code.replace('-', '')}")).text,
    ):
        assert "This certificate is valid" in shown
        assert "Ann Exempel" in shown
        assert "3 hours" in shown
    assert "do not know this code" in await check(training, "0" * 28)
    assert (await training.public.get("/en/certificates/verify/nothing")).status_code == 404
    kept = files_with(training.directory, "Ann Exempel", code, code.replace("-", ""))
    assert [path for path in kept if not path.endswith(".eml")] == []


async def test_a_certificate_ends_and_its_code_says_how(training: Training) -> None:
    edition, pages = await held(training)
    url = f"/console/editions/{edition}/certificates"
    await training.post(url)
    _, _, first = await paper_of(training, pages["Ann Exempel"])
    (ann,) = [row for row in await rows(training) if row.minutes == 180]
    one = f"{url}/{ann.certificate_id}"
    assert (await training.post(f"{one}/reissue", name=" ")).status_code == 422
    for _ in range(2):
        assert (await training.post(f"{one}/reissue", name="Anna Exempel")).status_code == 303
    assert len(await rows(training)) == 3
    assert "replaced by a newer one" in await check(training, first)
    _, text, second = await paper_of(training, pages["Ann Exempel"])
    assert "Anna Exempel" in text
    (new,) = [row for row in await rows(training) if (row.minutes, row.standing) == (180, "valid")]
    one = f"{url}/{new.certificate_id}"
    reason = "She was somewhere else"
    for _ in range(2):
        assert (await training.post(f"{one}/revoke", reason=reason)).status_code == 303
    shown = await check(training, second)
    assert "was revoked" in shown
    assert reason not in shown
    assert reason in (await training.client.get(url)).text
    for _ in range(2):
        assert (await training.post(f"{one}/erase")).status_code == 303
    shown = await check(training, second)
    assert "was withdrawn" in shown
    assert "Anna" not in shown
    assert (await training.post(url)).status_code == 303
    assert len(await rows(training)) == 3


async def test_it_outlives_the_sign_up_and_ends_in_its_time(training: Training) -> None:
    edition, pages = await held(training)
    assert (await training.post(f"/console/editions/{edition}/certificates")).status_code == 303
    _, _, code = await paper_of(training, pages["Ann Exempel"])
    for days, says in ((90, "Ann Exempel"), (1827, "was withdrawn")):
        with clock.frozen(AFTER + dt.timedelta(days=days)):
            await training.mails()
            assert says in await check(training, code)


async def test_nothing_is_issued_before_the_end(training: Training) -> None:
    edition = await training.edition()
    answer = await training.post(f"/console/editions/{edition}/certificates")
    assert answer.status_code == 409
    assert await rows(training) == []


@pytest.mark.parametrize("percent", ["0", "101", "x"])
async def test_a_rule_that_is_none_comes_back(training: Training, percent: str) -> None:
    workshop = await training.workshop()
    form = {"title": "Talking", "summary": "Listen.", "language": "en"}
    answer = await training.post(
        f"/console/workshops/{workshop}", **form, certificate_percent=percent
    )
    assert answer.status_code == 422
    assert "Write a number from 1 to 100" in answer.text
