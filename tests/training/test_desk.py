"""An organisation signs its people up by a link, and sees its own people only."""

import datetime as dt
import re
from collections.abc import Collection

import httpx
import pytest
from cri_shared import clock
from cri_shared.identity.audit import history
from cri_training.models import messaging
from cri_training.models.desks import LINK_LIFE
from cri_training.queries import desks

from tests.training.conftest import NOW, Training, link_in

CONTACT = "contact@huis.example"
HOUSE = "Huis Voorbeeld"


async def organisation(training: Training, name: str = HOUSE) -> str:
    """An organisation at the console; gives its id."""
    made = await training.post("/console/organisations", name=name)
    return made.headers["location"].rpartition("/")[2]


async def send_link(training: Training, organisation_id: str, **changed: str) -> httpx.Response:
    page = f"/console/organisations/{organisation_id}"
    form = {
        "form_token": changed.get("form_token") or await training.token(page, training.client),
        "email": CONTACT,
        "language": "en",
    }
    return await training.post(f"{page}/desk", **form | changed)


async def desk(training: Training, name: str = HOUSE, contact: str = CONTACT) -> str:
    """The path of an organisation's desk."""
    await send_link(training, await organisation(training, name), email=contact)
    return link_in(await training.mail_to(contact), "organisation")


async def enter(
    training: Training, desk: str, edition: str, people: str, **changed: str
) -> httpx.Response:
    page = f"{desk}/{edition}"
    token = changed.get("form_token") or await training.token(page)
    form = {"form_token": token, "people": people, "language": "en"}
    return await training.public.post(page, data=form | changed)


async def confirm(training: Training, email: str) -> httpx.Response:
    return await training.public.post(link_in(await training.mail_to(email)))


async def seen(training: Training, page: str) -> str:
    return (await training.public.get(page)).text


async def person_at(training: Training, desk: str, edition: str, name: str) -> str:
    """The page of one of the organisation's people."""
    page = await seen(training, f"{desk}/{edition}")
    found = re.search(rf'href="({desk}/{edition}/[\w-]+)"><bdi>{name}<', page)
    assert found is not None, page
    return found[1]


async def test_each_colleague_confirms_and_the_organisation_sees_where_they_stand(
    training: Training,
) -> None:
    edition, link = await training.edition(), await desk(training)
    asked = await enter(training, link, edition, "Ann A; ann@huis.example\nBob B; bob@huis.example")
    assert asked.status_code == 303
    assert (await seen(training, f"{link}/{edition}")).count("Not confirmed") == 2
    assert await training.statuses(edition) == []
    await confirm(training, "ann@huis.example")
    page = await seen(training, f"{link}/{edition}")
    assert page.count("Has a place") == page.count("Not confirmed") == 1
    assert "Ann A" in page
    assert "bob@huis.example" in page


async def test_a_group_that_stays_together_waits_for_all_of_it(training: Training) -> None:
    edition, link = await training.edition(capacity="2"), await desk(training)
    lines = "Ann A; ann@huis.example\nBob B; bob@huis.example; nl"
    await enter(training, link, edition, lines, together="yes")
    await confirm(training, "ann@huis.example")
    assert await training.statuses(edition) == ["waiting"]
    assert "/nl/" in link_in(await training.mail_to("bob@huis.example"))
    await confirm(training, "bob@huis.example")
    assert await training.statuses(edition) == ["seated", "seated"]


async def test_what_is_wrong_names_its_line_and_nobody_is_asked(training: Training) -> None:
    edition, link = await training.edition(), await desk(training)
    for wrong, said in (
        ("Ann A; ann@huis.example\nBob B", "Line 2: write a name"),
        ("Ann A; ann@huis.example\nAnn; ANN@huis.example", "Line 2: this address is there twice"),
        ("Ann A; ann@huis.example; xx", "Line 1: write a name"),
    ):
        answer = await enter(training, link, edition, wrong)
        assert answer.status_code == 422
        assert said in answer.text
        assert "Ann A; ann@huis.example" in answer.text
    assert await training.mails_to("ann@huis.example") == []
    token = await training.token(f"{link}/{edition}")
    for _ in range(2):
        again = await enter(training, link, edition, "Ann, ann@huis.example", form_token=token)
        assert again.status_code == 303
    assert len(await training.mails_to("ann@huis.example")) == 1


async def test_a_colleague_is_swapped_without_losing_the_place_or_cancelled(
    training: Training,
) -> None:
    edition, link = await training.edition(capacity="1"), await desk(training)
    await enter(training, link, edition, "Ann A; ann@huis.example\nBob B; bob@huis.example")
    await confirm(training, "ann@huis.example")
    await confirm(training, "bob@huis.example")
    ann = await person_at(training, link, edition, "Ann A")
    form = {"name": "Cas C", "email": "cas@huis.example", "language": "en"}
    token = await training.token(ann)
    wrong = await training.public.post(
        f"{ann}/hand-on", data=form | {"form_token": token} | {"email": "x"}
    )
    assert wrong.status_code == 422
    assert 'value="Cas C"' in wrong.text
    assert (
        await training.public.post(f"{ann}/hand-on", data=form | {"form_token": token})
    ).status_code == 303
    assert "Cas C" in await seen(training, f"{link}/{edition}")
    for _ in range(2):
        assert (await training.public.post(f"{ann}/keep")).status_code == 303
    await training.public.post(
        f"{ann}/hand-on", data=form | {"form_token": await training.token(ann)}
    )
    await confirm(training, "cas@huis.example")
    assert await training.statuses(edition) == ["handed_on", "seated", "waiting"]
    cas = await person_at(training, link, edition, "Cas C")
    for _ in range(2):
        assert (await training.public.post(f"{cas}/cancel")).status_code == 303
    assert "Place offered" in await seen(training, f"{link}/{edition}")


async def test_a_colleague_who_has_not_confirmed_need_not_any_more(training: Training) -> None:
    edition, link = await training.edition(), await desk(training)
    await enter(training, link, edition, "Ann A; ann@huis.example")
    invited = link_in(await training.mail_to("ann@huis.example"))
    await training.public.post(f"{await person_at(training, link, edition, 'Ann A')}/cancel")
    assert "Ann A" not in await seen(training, f"{link}/{edition}")
    assert (await training.public.post(invited)).status_code == 404


async def test_nothing_of_another_organisation_opens_with_the_link(training: Training) -> None:
    edition, ours = await training.edition(), await desk(training)
    theirs = await desk(training, "Ander Huis", "contact@ander.example")
    await enter(training, theirs, edition, "Zoe Z; zoe@ander.example")
    await confirm(training, "zoe@ander.example")
    zoe = (await person_at(training, theirs, edition, "Zoe Z")).rpartition("/")[2]
    assert "Zoe" not in await seen(training, f"{ours}/{edition}") + await seen(training, ours)
    page = f"{ours}/{edition}/{zoe}"
    assert (await training.public.get(page)).status_code == 404
    token = await training.token(f"{ours}/{edition}")
    form = {"form_token": token, "name": "X", "email": "x@huis.example", "language": "en"}
    for act in ("cancel", "keep", "hand-on"):
        assert (await training.public.post(f"{page}/{act}", data=form)).status_code == 404
    assert await training.statuses(edition) == ["seated"]


async def test_the_organisation_sees_who_came(training: Training) -> None:
    edition, link = await training.edition(), await desk(training)
    await enter(training, link, edition, "Ann A; ann@huis.example")
    await confirm(training, "ann@huis.example")
    with clock.frozen(dt.datetime(2026, 12, 15, 17, 0, tzinfo=dt.UTC)):
        await training.go_to(clock.now())
        await training.mark_the_rest(edition)
        assert "came to 1 of 1" in await seen(training, f"{link}/{edition}")


async def test_of_workshops_that_are_over_the_last_stand_there_and_one_opens_its_people_alone(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = await desk(training)
    early, late = [await training.edition(date_1=f"2026-12-{day}") for day in (15, 16)]
    for edition, name in ((early, "ann"), (late, "bob")):
        await enter(training, link, edition, f"{name}; {name}@huis.example")
        await confirm(training, f"{name}@huis.example")
    opened: list[str] = []
    get_many = training.rig.keys.get_many

    async def noted(kind: str, owner_ids: Collection[str]) -> dict[str, bytes]:
        opened.extend(owner_ids)
        return await get_many(kind, owner_ids)

    monkeypatch.setattr(training.rig.keys, "get_many", noted)
    assert early in await seen(training, link)
    assert opened == []
    assert "ann@huis.example" in await seen(training, f"{link}/{early}")
    assert len(opened) == 1
    monkeypatch.setattr(desks, "OVER", 1)
    with clock.frozen(dt.datetime(2026, 12, 17, 17, 0, tzinfo=dt.UTC)):
        page = await seen(training, link)
        assert late in page
        assert early not in page
        assert "the last 1 stand here" in page
        assert (await training.public.get(f"{link}/{early}")).status_code == 200


async def test_a_link_is_sent_once_renewed_and_withdrawn(training: Training) -> None:
    house = await organisation(training)
    assert await organisation(training, "  huis VOORBEELD ") == house
    page = f"/console/organisations/{house}"
    assert (await send_link(training, house, email="nobody")).status_code == 422
    token = await training.token(page, training.client)
    for _ in range(2):
        assert (await send_link(training, house, form_token=token)).status_code == 303
    assert len(await training.mails_to(CONTACT)) == 1
    first = link_in(await training.mail_to(CONTACT), "organisation")
    await send_link(training, house)
    second = link_in(await training.mail_to(CONTACT), "organisation")
    assert (await training.public.get(first)).status_code == 404
    assert HOUSE in await seen(training, second)
    with clock.frozen(NOW + LINK_LIFE):
        assert (await training.public.get(second)).status_code == 404
    for _ in range(2):
        assert (await training.post(f"{page}/desk/withdraw")).status_code == 303
    gone = await training.public.get(second)
    assert gone.status_code == 404
    assert "Ask the trainers for a new one" in gone.text
    async with training.rig.service.database.reading() as session:
        told = [one.action for one in await history(session, messaging.audit, house)]
    assert told == ["training.desk.opened"] * 2 + ["training.desk.closed"]


async def test_workshops_to_come_stand_soonest_first_and_what_is_over_below(
    training: Training,
) -> None:
    late = await training.edition(date_1="2027-01-10")
    over, soon = await training.edition(), await training.edition(date_1="2026-12-20")
    link = await desk(training)
    await enter(training, link, over, "Ann A; ann@huis.example")
    await confirm(training, "ann@huis.example")
    await training.go_to(dt.datetime(2026, 12, 16, 9, 0, tzinfo=dt.UTC))
    await training.mails()
    page = await seen(training, link)
    places = [page.index(edition) for edition in (soon, late, over)]
    assert places == sorted(places)
