"""A trainer decides before a place is given: where that is set, or where X was not attended."""

import datetime as dt
import re

import httpx
from cri_shared import clock
from cri_training.models import SignUp
from sqlalchemy import select

from tests.training.conftest import EDITION, Training, link_in, own_token, text_of
from tests.training.test_handing_on import hand_on

EMAIL = "noor@example.org"
ATTENDED = {"claim": "attended"}
EQUIVALENT = {"claim": "equivalent", "equivalent": "Five years in a reception centre."}


async def own_page(training: Training, own: str) -> str:
    return (await training.public.get(f"/en/sign-up/manage/{own}")).text


async def approvals(training: Training, edition: str) -> str:
    return (await training.client.get(f"/console/editions/{edition}/approvals")).text


async def decide(training: Training, edition: str, what: str, **fields: str) -> int:
    """Approve or refuse the first on the list, twice; gives the last status."""
    listed = await approvals(training, edition)
    path = re.search(rf'action="(/console/editions/{edition}/approvals/[\w-]+/){what}"', listed)
    assert path is not None, listed
    for _ in range(2):
        status = (await training.post(f"{path[1]}{what}", **fields)).status_code
    return status


async def follow_up(training: Training, first: str, **changed: str) -> str:
    """An edition of a workshop before which another one is attended; gives its id."""
    page = "/console/workshops/new"
    form = {
        "form_token": await training.token(page, training.client),
        "title": "Talking about return, part 2",
        "summary": "More.",
        "language": "en",
        "requires": first,
    }
    made = await training.post(page, **form)
    workshop = made.headers["location"].rpartition("/")[2]
    page = "/console/editions/new"
    token = await training.token(page, training.client)
    later = EDITION | {"workshop": workshop, "form_token": token, "date_1": "2027-01-20"}
    edition = (await training.post(page, **later | changed)).headers["location"].rpartition("/")[2]
    await training.post(f"/console/editions/{edition}/publish")
    return edition


async def test_where_it_is_set_nobody_has_a_place_before_a_trainer_approves(
    training: Training,
) -> None:
    edition = await training.edition(needs_approval="yes", capacity="1")
    assert "approves each sign-up" in (await training.public.get(f"/en/workshops/{edition}")).text
    own = await training.sign_up(edition, EMAIL)
    last = await training.sign_up(edition, "last@example.org")
    assert "A trainer looks at your sign-up." in await own_page(training, own)
    assert await training.subjects_to(EMAIL) == [
        "Confirm your e-mail address",
        "We look at your sign-up",
    ]
    assert (await training.stored(edition)).taken == 0
    assert await decide(training, edition, "approve") == 303
    assert "You have a place." in await own_page(training, own)
    assert (await training.subjects_to(EMAIL))[-1] == "You have a place"
    await decide(training, edition, "approve")
    assert "You are on the waiting list." in await own_page(training, last)
    assert "Nobody waits for a yes." in await approvals(training, edition)


async def test_who_is_refused_reads_why_on_their_own_page(training: Training) -> None:
    edition = await training.edition(needs_approval="yes")
    own = await training.sign_up(edition, EMAIL, language="nl")
    assert await decide(training, edition, "refuse", reason=" ") == 422
    assert await decide(training, edition, "refuse", reason="It is for lawyers.") == 303
    page = await own_page(training, own)
    assert "It is for lawyers." in page
    assert "Sign up again" in page
    mail = (await training.mails_to(EMAIL))[-1]
    assert str(mail["Subject"]).startswith("Geen plaats")
    assert "lawyers" not in text_of(mail)
    assert await training.statuses(edition) == ["refused"]


async def test_who_waits_for_a_yes_may_cancel_and_signs_up_once(training: Training) -> None:
    edition = await training.edition(needs_approval="yes")
    own = await training.sign_up(edition, EMAIL)
    await training.mails()
    assert await training.sign_up(edition, EMAIL) == own
    assert "Somebody else comes" not in await own_page(training, own)
    await training.public.post(f"/en/sign-up/manage/{own}/cancel")
    assert await training.statuses(edition) == ["cancelled"]


async def test_what_is_asked_for_first_is_read_from_who_came_or_explained(
    training: Training,
) -> None:
    earlier = await training.edition()
    first = (await training.stored(earlier)).workshop_id
    await training.sign_up(earlier, EMAIL)
    edition = await follow_up(training, first)
    assert (
        "People attend this workshop first"
        in (await training.public.get(f"/en/workshops/{edition}")).text
    )
    assert "Say whether you attended it" in (await training.ask(edition, EMAIL)).text
    empty = await training.ask(edition, EMAIL, claim="equivalent", needs="A ramp")
    assert "Explain what is equivalent" in empty.text
    assert "A ramp" in empty.text
    with clock.frozen(dt.datetime(2026, 12, 15, 17, 0, tzinfo=dt.UTC)):
        await training.go_to(clock.now())
        await training.mark_the_rest(earlier)
        await training.mails()
        there = await training.sign_up(edition, EMAIL, **ATTENDED)
        said = await training.sign_up(edition, "not@example.org", **ATTENDED)
        other = await training.sign_up(edition, "other@example.org", **EQUIVALENT)
        assert "You have a place." in await own_page(training, there)
        for waits in (said, other):
            assert "A trainer looks at your sign-up." in await own_page(training, waits)
        listed = await approvals(training, edition)
        assert "we do not know of it" in listed
        assert EQUIVALENT["equivalent"] in listed
        await decide(training, edition, "approve")
        await decide(training, edition, "approve")
        assert await training.statuses(edition) == ["seated", "seated", "waiting"]
        assert await claims_kept(training) == 0


async def test_a_place_in_what_comes_before_counts_until_somebody_did_not_come(
    training: Training,
) -> None:
    earlier = await training.edition(capacity="3")
    first = (await training.stored(earlier)).workshop_id
    late = await training.draft(workshop=first, date_1="2027-02-01")
    await training.post(f"/console/editions/{late}/publish")
    edition = await follow_up(training, first, capacity="3")
    gives_up = await training.sign_up(earlier, "gone@example.org")
    await training.sign_up(earlier, EMAIL)
    await training.sign_up(late, "late@example.org")
    expected = {"claim": "expected"}
    for email, word in (
        (EMAIL, "seated"),
        ("gone@example.org", "seated"),
        ("late@example.org", "to_approve"),
    ):
        await training.sign_up(edition, email, **expected)
        assert await training.statuses(edition, [email]) == [word]
    assert "we do not know of one" in await approvals(training, edition)
    await training.public.post(f"/en/sign-up/manage/{gives_up}/cancel")
    url = f"/console/editions/{edition}/participants"
    listed = (await training.client.get(url)).text
    assert [listed.count(words) for words in ("Comes before to", "Has not attended")] == [1, 2]
    await training.go_to(dt.datetime(2026, 12, 15, 17, 0, tzinfo=dt.UTC))
    (person,) = await training.on_the_list(earlier)
    await training.mark(earlier, person, "absent")
    listed = (await training.client.get(url)).text
    assert [listed.count(words) for words in ("Comes before to", "Has not attended")] == [0, 3]


async def named(training: Training, own: str, email: str, **said: str) -> httpx.Response:
    """Hand a place on to somebody, who says this on the page behind the mail."""
    await hand_on(training, own, email=email, language="en")
    return await training.public.post(link_in(await training.mail_to(email)), data=said)


async def test_who_takes_a_place_over_is_asked_for_the_same_and_nobody_loses_it_meanwhile(
    training: Training,
) -> None:
    earlier = await training.edition()
    first = (await training.stored(earlier)).workshop_id
    await training.sign_up(earlier, EMAIL)
    edition = await follow_up(training, first, capacity="1")
    with clock.frozen(dt.datetime(2026, 12, 15, 17, 0, tzinfo=dt.UTC)):
        await training.go_to(clock.now())
        await training.mark_the_rest(earlier)
        await training.mails()
        old = await training.sign_up(edition, EMAIL, **ATTENDED)
        nothing = await named(training, old, "bert@example.org")
        assert nothing.status_code == 422
        assert "Say whether you attended it" in nothing.text
        link = link_in(await training.mail_to("bert@example.org"))
        new = own_token(await training.public.post(link, data=EQUIVALENT))
        assert "A trainer looks at your sign-up." in await own_page(training, new)
        assert "You have a place." in await own_page(training, old)
        assert "Bert Voorbeeld" in await own_page(training, old)
        assert "Somebody who cannot come named this person" in await approvals(training, edition)
        await decide(training, edition, "approve")
        assert "You have a place." in await own_page(training, new)
        assert "Somebody else comes in your place." in await own_page(training, old)
        await training.mails()
        again = await named(training, new, EMAIL, **ATTENDED)
        assert "You have a place." in await own_page(training, own_token(again))
        assert await training.statuses(edition) == ["handed_on", "handed_on", "seated"]


async def test_who_waits_for_a_yes_to_a_place_that_is_kept_has_a_turn_of_their_own(
    training: Training,
) -> None:
    edition = await training.edition(needs_approval="yes", capacity="1")
    old = await training.sign_up(edition, EMAIL)
    await decide(training, edition, "approve")
    new = own_token(await named(training, old, "bert@example.org"))
    assert await training.statuses(edition) == ["seated", "to_approve"]
    kept = f"/en/sign-up/manage/{old}/keep"
    for said in ("The place stays yours.", "Nothing changed."):
        assert (await training.public.post(kept)).status_code == 303
        assert said in await own_page(training, old)
    await decide(training, edition, "approve")
    assert "You are the first in line." in await own_page(training, new)
    assert "You have a place." in await own_page(training, old)


async def test_a_place_that_was_given_up_before_the_yes_goes_to_who_is_next(
    training: Training,
) -> None:
    edition = await training.edition(needs_approval="yes", capacity="1")
    old, last = [await training.sign_up(edition, email) for email in (EMAIL, "last@example.org")]
    for _ in range(2):
        await decide(training, edition, "approve")
    new = own_token(await named(training, old, "bert@example.org"))
    await training.public.post(f"/en/sign-up/manage/{old}/cancel")
    await decide(training, edition, "approve")
    assert "A place came free and it is your turn." in await own_page(training, last)
    assert "You are the first in line." in await own_page(training, new)


async def claims_kept(training: Training) -> int:
    async with training.rig.service.database.reading() as session:
        rows = (await session.execute(select(SignUp.claim_sealed))).scalars()
        return sum(one is not None for one in rows)


async def test_a_workshop_asks_for_another_one_and_never_for_itself(training: Training) -> None:
    first, second = [await training.workshop(title) for title in ("One", "Two")]
    form = {"title": "Two", "summary": "More.", "language": "en"}
    path = f"/console/workshops/{second}"
    assert (await training.post(path, **form, requires=second)).status_code == 422
    assert (await training.post(path, **form, requires=first)).status_code == 303
    page = (await training.client.get(path)).text
    assert f'<option value="{first}" selected>' in page
    assert f'<option value="{second}"' not in page
