"""Contacts and programmes: two people stand for each, and each has a check date of its own."""

import datetime as dt
import re
from typing import Any

import httpx
import pytest
from cri_publishing.models import Link, Listing, messaging
from cri_shared import clock
from cri_shared.events.publishing import ContactChanged, ProgrammeChanged
from sqlalchemy import select

from tests.publishing.conftest import TODAY, Publishing, filled_in, marked_public

CONTACT = "c" * 22
PROGRAMME = "p" * 22
ROOM = "/console/listings"
FORM = {
    "name": "Social Service Shirak",
    "kind": "authority",
    "country": "AM",
    "region": "Shirak",
    "topic_1": "social.benefits",
    "spoken": "hy, ru",
    "text_en": "Registers families for benefits and helps with the forms.",
    "ask_for_en": "The reception desk",
    "text_fr": "Inscrit les familles pour les allocations.",
    "address": "12 Abovyan Street, Gyumri",
    "phone": "+374 312 00 000",
    "url": "https://shirak.example/social",
    "checked_on": "2026-11-20",
    "checked_how": "phone",
    "consent": "public",
}
AGENCY = FORM | {
    "name": "Start Again",
    "kind": "business",
    "run_by": "Shirak Development Fund",
    "ends_on": "2027-01-10",
    "who_for_en": "Everybody who came back less than a year ago.",
}


async def post(publishing: Publishing, path: str, **form: Any) -> httpx.Response:
    staff = await publishing.be(publishing.who)
    return await publishing.client.post(f"{ROOM}/{path}", data={"csrf": staff.csrf} | form)


async def page(publishing: Publishing, path: str = "") -> str:
    await publishing.be(publishing.who)
    return (await publishing.client.get(f"{ROOM}{path}")).text


async def write(publishing: Publishing, listing_id: str, **form: Any) -> httpx.Response:
    """Save the form; what the gate asks about is an organisation's."""
    path = f"{listing_id}/edit?what={'programme' if listing_id == PROGRAMME else 'contact'}"
    answer = await post(publishing, path, **form)
    if marks := marked_public(answer.text) if answer.status_code == 422 else None:
        answer = await post(publishing, path, **(form | marks))
    return answer


async def shown(publishing: Publishing, listing_id: str, form: dict[str, str]) -> None:
    """The whole way, by two people."""
    await publishing.be("Leen D.")
    assert (await write(publishing, listing_id, **form)).status_code == 303
    await publishing.be("Karim B.")
    assert (await approve(publishing, listing_id)).status_code == 303


async def behind(publishing: Publishing, listing_id: str) -> list[str]:
    """The languages that are marked in what waits for a second person."""
    listing = await kept(publishing, listing_id)
    assert listing
    facts = listing.proposed or listing.shown
    assert facts
    return [text.language for text in facts.texts if text.stale]


async def approve(publishing: Publishing, listing_id: str) -> httpx.Response:
    """Stand for a listing as it is now."""
    known = await kept(publishing, listing_id)
    assert known is not None
    return await post(publishing, f"{listing_id}/approve", edition=known.edition)


async def told(publishing: Publishing, subject: str) -> list[str]:
    outbox = messaging.outbox
    async with publishing.rig.service.database.reading() as session:
        rows = select(outbox.c.subject).where(outbox.c.subject == subject)
        return list((await session.execute(rows)).scalars())


async def kept(publishing: Publishing, listing_id: str) -> Listing | None:
    async with publishing.rig.service.database.reading() as session:
        return await session.get(Listing, listing_id)


async def test_a_language_that_is_left_as_it_was_is_marked_until_it_follows(
    publishing: Publishing,
) -> None:
    await shown(publishing, CONTACT, FORM)

    async def save(**changes: Any) -> list[str]:
        edition = await kept(publishing, CONTACT)
        assert edition
        sent = FORM | changes | {"edition": edition.edition}
        assert (await write(publishing, CONTACT, **sent)).status_code == 303
        return await behind(publishing, CONTACT)

    new = {"text_en": "Registers families, on Mondays only."}
    assert await save(phone="+374 312 00 001") == []
    assert await save(**new) == ["fr"]
    assert await save(**new, all_agree="yes") == []
    assert await save(**new) == ["fr"]
    assert "Another language has changed since" in await page(publishing, f"/{CONTACT}")
    await publishing.be("Leen D.")
    assert (await approve(publishing, CONTACT)).status_code == 303
    assert await save(**new, phone="+374 312 00 002") == ["fr"]
    assert await save(**new, text_fr="Inscrit les familles, le lundi.") == []


class TestTwoPeople:
    async def test_readers_see_it_once_another_editor_stands_for_it(
        self, publishing: Publishing
    ) -> None:
        new = re.search(r"/listings/([\w-]{22})/edit\?what=contact", await page(publishing))
        assert new is not None
        assert "New contact" in await page(publishing, f"/{new[1]}/edit?what=contact")
        for _ in range(2):
            assert (await write(publishing, CONTACT, **FORM)).status_code == 303
        assert not await told(publishing, ContactChanged.subject)
        assert (await approve(publishing, CONTACT)).status_code == 403
        await publishing.be("Karim B.")
        for _ in range(2):
            assert (await approve(publishing, CONTACT)).status_code == 303
        assert len(await told(publishing, ContactChanged.subject)) == 1
        assert "+374 312 00 000" in await page(publishing, f"/{CONTACT}")
        await publishing.be("Leen D.")
        editions = []
        for name in ("Social Service of Shirak", "Social Service Shirak"):
            known = await kept(publishing, CONTACT)
            assert known is not None
            await write(publishing, CONTACT, **FORM | {"name": name, "edition": known.edition})
            editions.append(known.edition + 1)
        await publishing.be("Karim B.")
        for edition, times in zip(
            editions, (1, 2), strict=True
        ):  # the first was read, not this one
            await post(publishing, f"{CONTACT}/approve", edition=edition)
            assert len(await told(publishing, ContactChanged.subject)) == times
        assert "Social Service Shirak" in await page(publishing, "?view=public&country=AM")
        assert "Social Service Shirak" not in await page(publishing, "?view=public&country=GE")

    async def test_a_change_waits_beside_what_readers_see_and_may_be_dropped(
        self, publishing: Publishing
    ) -> None:
        await shown(publishing, PROGRAMME, AGENCY)
        form = filled_in(await page(publishing, f"/{PROGRAMME}/edit"))
        assert form["ends_on"] == "2027-01-10"
        assert (await write(publishing, PROGRAMME, **(form | {"phone": "+374 9"}))).status_code
        changed = await write(publishing, PROGRAMME, **(form | {"phone": "+374 312 99 999"}))
        assert changed.status_code == 303
        both = await page(publishing, f"/{PROGRAMME}")
        assert "+374 312 00 000" in both
        assert "+374 312 99 999" in both
        for _ in range(2):
            assert (await post(publishing, f"{PROGRAMME}/drop")).status_code == 303
        assert "+374 312 99 999" not in await page(publishing, f"/{PROGRAMME}")
        assert len(await told(publishing, ProgrammeChanged.subject)) == 1

    async def test_what_readers_never_saw_leaves_nothing(self, publishing: Publishing) -> None:
        await write(publishing, CONTACT, **FORM)
        for _ in range(2):
            assert (await post(publishing, f"{CONTACT}/drop")).status_code == 303
        row = await kept(publishing, CONTACT)
        assert row is not None
        assert (row.name, row.proposal, row.public) == ("", None, None)
        assert "Readers never saw it" in await page(publishing, f"/{CONTACT}")
        assert not await told(publishing, ContactChanged.subject)


class TestForm:
    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"phone": "0312 00 000"}, "Write the number with +"),
            ({"checked_on": "2026-11-26"}, "This day lies in the future"),
            ({"checked_on": "2026-01-02"}, "This check is too old"),
            ({"url": ""}, "Write the page on which they tell this to everybody"),
            ({"consent": ""}, "Say why this organisation may be shown"),
            ({"text_en": "", "ask_for_en": "", "text_fr": ""}, "in at least one language"),
            ({"text_en": "", "text_fr": "Oui"}, "what it offers in this language too"),
            ({"kind": "money"}, "Choose one of the options"),
            ({"spoken": "Armenian!"}, "Write language codes"),
        ],
    )
    async def test_what_is_wrong_is_said_and_nothing_is_lost(
        self, publishing: Publishing, wrong: dict[str, str], said: str
    ) -> None:
        answer = await write(publishing, CONTACT, **(FORM | wrong))
        assert answer.status_code == 422
        assert said in answer.text
        assert "12 Abovyan Street" in answer.text
        assert await kept(publishing, CONTACT) is None

    @pytest.mark.parametrize(
        "personal",
        [
            {"ask_for_en": "Ask for Anahit Petrosyan"},
            {"email": "anahit.petrosyan@shirak.example"},
            {"text_en": "Call +374 99 123456 in the evening."},
        ],
    )
    async def test_what_may_be_a_private_persons_needs_a_word(
        self, publishing: Publishing, personal: dict[str, str]
    ) -> None:
        answer = await post(
            publishing, f"{CONTACT}/edit?what=contact", **(FORM | {"name": "X"} | personal)
        )
        assert answer.status_code == 422
        assert "Whose is it?" in answer.text

    async def test_two_who_change_it_at_once_do_not_overwrite_each_other(
        self, publishing: Publishing
    ) -> None:
        await shown(publishing, CONTACT, FORM)
        form = filled_in(await page(publishing, f"/{CONTACT}/edit"))
        await write(publishing, CONTACT, **(form | {"region": "Lori"}))
        late = await write(publishing, CONTACT, **(form | {"region": "Tavush"}))
        assert late.status_code == 422
        assert "Somebody else saved this text" in late.text
        assert "Tavush" in late.text


class TestTime:
    async def test_a_check_renews_it_and_without_one_it_falls_due_and_leaves(
        self, publishing: Publishing
    ) -> None:
        await shown(publishing, CONTACT, FORM)
        with clock.frozen(TODAY + dt.timedelta(days=176)):  # 181 days after its check
            assert "Social Service Shirak" in await page(publishing, "?view=due")
            form = {"checked_on": "2027-05-19", "checked_how": "visit"}
            for _ in range(2):
                assert (await post(publishing, f"{CONTACT}/check", **form)).status_code == 303
            assert "Social Service Shirak" not in await page(publishing, "?view=due")
            refused = await post(publishing, f"{CONTACT}/check", checked_on="2027-06-19")
            assert refused.status_code == 422
        assert len(await told(publishing, ContactChanged.subject)) == 2
        with clock.frozen(TODAY + dt.timedelta(days=176 + 358)):
            await publishing.time()
            assert (await kept(publishing, CONTACT)) is not None
            assert not (await kept(publishing, CONTACT)).is_retired  # type: ignore[union-attr]
        with clock.frozen(TODAY + dt.timedelta(days=176 + 361)):
            await publishing.time()
        gone = await kept(publishing, CONTACT)
        assert gone is not None
        assert gone.retired_because == "old"
        assert gone.public is None

    async def test_a_programme_leaves_after_its_last_day(self, publishing: Publishing) -> None:
        await shown(publishing, PROGRAMME, AGENCY)
        with clock.frozen(dt.datetime(2027, 1, 11, 9, tzinfo=dt.UTC)):
            await publishing.time()
        gone = await kept(publishing, PROGRAMME)
        assert gone is not None
        assert gone.is_retired


class TestRetiring:
    async def test_whoever_knows_of_harm_takes_it_away_at_once_and_nothing_of_it_stays(
        self, publishing: Publishing
    ) -> None:
        await shown(publishing, CONTACT, FORM)
        await publishing.be("Amina L.", "coordinator")
        assert "Social Service Shirak" in await page(publishing, f"/{CONTACT}/retire")
        assert (await post(publishing, f"{CONTACT}/retire")).status_code == 422
        for _ in range(2):
            gone = await post(publishing, f"{CONTACT}/retire", reason="harm")
            assert gone.status_code == 303
        assert "readers do not see it any more" in await page(publishing, f"/{CONTACT}/retire")
        assert len(await told(publishing, ContactChanged.subject)) == 2
        row = await kept(publishing, CONTACT)
        assert row is not None
        assert (row.name, row.public, row.retired_because) == ("", None, "harm")
        await publishing.be("Leen D.")
        assert (await write(publishing, CONTACT, **FORM)).status_code == 422
        assert "It can harm somebody" in await page(publishing, "?view=retired")


async def test_its_website_is_looked_at_as_long_as_readers_see_it(publishing: Publishing) -> None:
    await shown(publishing, CONTACT, FORM)
    async with publishing.rig.service.database.writing() as work:
        [link] = (await work.session.execute(select(Link))).scalars()
        assert (link.listing_id, link.url) == (CONTACT, FORM["url"])
        for _ in range(2):
            link.failed(404, None, dt.timedelta(days=7))
    assert "Its website is gone." in await page(publishing, f"/{CONTACT}")
    there = (await publishing.client.get("/console/links?view=gone")).text
    assert "Social Service Shirak" in there
    assert f"/console/listings/{CONTACT}" in there
    assert (await post(publishing, f"{CONTACT}/retire", reason="closed")).status_code == 303
    async with publishing.rig.service.database.reading() as session:
        assert not (await session.execute(select(Link))).all()
