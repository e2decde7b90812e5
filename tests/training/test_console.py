"""Trainers plan editions; others do not, and the other services hear the public facts."""

import datetime as dt
import re

import pytest
from cri_shared.events.training import EditionCancelled, EditionChanged, EditionPublished
from cri_shared.testing.events import emitted
from cri_shared.testing.identity import sign_in

from tests.training.conftest import EDITION, Training

ROUTES = [
    ("GET", "/console/workshops"),
    ("GET", "/console/workshops/new"),
    ("POST", "/console/workshops/new"),
    ("GET", "/console/editions"),
    ("GET", "/console/editions/new"),
    ("POST", "/console/editions/new"),
    ("GET", "/console/editions/{id}"),
    ("GET", "/console/editions/{id}/edit"),
    ("POST", "/console/editions/{id}/edit"),
    ("POST", "/console/editions/{id}/publish"),
    ("POST", "/console/editions/{id}/close"),
    ("POST", "/console/editions/{id}/reopen"),
    ("POST", "/console/editions/{id}/cancel"),
    ("POST", "/console/editions/{id}/capacity"),
    ("POST", "/console/editions/{id}/sessions/1"),
    ("GET", "/console/editions/{id}/participants"),
    ("GET", "/console/editions/{id}/participants/print"),
    ("POST", "/console/editions/{id}/participants/x/cancel"),
    ("GET", "/console/editions/{id}/feedback"),
    ("GET", "/console/editions/{id}/places"),
    ("POST", "/console/editions/{id}/places/order"),
    ("POST", "/console/editions/{id}/places/reserve"),
    ("POST", "/console/editions/{id}/places/x/give-back"),
    ("GET", "/console/editions/{id}/letters"),
    ("POST", "/console/editions/{id}/letters/reminder"),
    ("POST", "/console/editions/{id}/materials"),
    ("POST", "/console/editions/{id}/materials/x/remove"),
]


class TestWhoMay:
    async def test_only_trainers_get_in(self, training: Training) -> None:
        edition = await training.edition()
        other = await sign_in(training.public, training.app, "officer", name="Karim B.")
        for method, path in ROUTES:
            url = path.format(id=edition)
            answer = await training.public.request(method, url, data={"csrf": other.csrf})
            assert answer.status_code == 403, url

    async def test_a_form_without_our_token_does_nothing(self, training: Training) -> None:
        edition = await training.draft()
        answer = await training.client.post(f"/console/editions/{edition}/publish")
        assert answer.status_code == 403
        assert (await training.stored(edition)).status == "draft"

    async def test_unknown_ids_answer_404(self, training: Training) -> None:
        for method, path in ROUTES:
            if "{id}" in path:
                form = EDITION | {
                    "csrf": training.staff.csrf,
                    "reason": "x",
                    "date": "2026-12-20",
                    "start": "10:00",
                    "end": "11:00",
                }
                url = path.format(id="unknown")
                answer = await training.client.request(method, url, data=form)
                assert answer.status_code == 404, url

    async def test_a_participant_of_another_edition_is_not_found(self, training: Training) -> None:
        edition, other = await training.edition(), await training.edition()
        await training.sign_up(edition, "noor@example.org")
        page = await training.client.get(f"/console/editions/{edition}/participants")
        found = re.search(r"/participants/([^/\"]+)/cancel", page.text)
        assert found is not None
        sign_up = found[1]
        answer = await training.post(f"/console/editions/{other}/participants/{sign_up}/cancel")
        assert answer.status_code == 404
        assert await training.statuses(edition) == ["seated"]


class TestForms:
    @pytest.mark.parametrize(
        ("field", "typed", "beside"),
        [
            ("workshop", "unknown", "workshop"),
            ("language", "xx", "language"),
            ("format", "", "format"),
            ("town", "", "town"),
            ("trainers", "", "trainers"),
            ("capacity", "0", "capacity"),
            ("capacity", "many", "capacity"),
            ("capacity", "", "capacity"),
            ("date_1", "", "date_1"),
            ("date_1", "2026-11-24", "date_1"),
            ("date_1", "soon", "date_1"),
            ("end_1", "13:00", "date_1"),
            ("online_url", "http://example.org", "online_url"),
            ("sign_up_until", "2026-12-16", "sign_up_until"),
        ],
    )
    async def test_what_is_wrong_is_said_beside_its_field(
        self, training: Training, field: str, typed: str, beside: str
    ) -> None:
        token = await training.token("/console/editions/new", training.client)
        workshop = await training.workshop()
        form = EDITION | {"workshop": workshop, "form_token": token, field: typed}
        answer = await training.post("/console/editions/new", **form)
        assert answer.status_code == 422
        assert f'id="{beside}-err"' in answer.text
        assert "Bring lunch." in answer.text

    async def test_no_session_at_all_is_explained(self, training: Training) -> None:
        token = await training.token("/console/editions/new", training.client)
        form = EDITION | {
            "workshop": await training.workshop(),
            "form_token": token,
            "date_1": "",
            "start_1": "",
            "end_1": "",
        }
        answer = await training.post("/console/editions/new", **form)
        assert "at least one session" in answer.text

    async def test_the_same_form_twice_makes_one(self, training: Training) -> None:
        token = await training.token("/console/editions/new", training.client)
        form = EDITION | {"workshop": await training.workshop(), "form_token": token}
        first = await training.post("/console/editions/new", **form)
        second = await training.post("/console/editions/new", **form)
        assert first.headers["location"] == second.headers["location"]
        made = {"title": "T", "summary": "S", "language": "en", "form_token": token}
        first = await training.post("/console/workshops/new", **made)
        second = await training.post("/console/workshops/new", **made)
        assert first.headers["location"] == second.headers["location"]

    async def test_a_workshop_can_be_changed(self, training: Training) -> None:
        url = f"/console/workshops/{await training.workshop()}"
        bad = await training.post(url, title="", summary="kept", language="nl")
        assert bad.status_code == 422
        assert "kept" in bad.text
        await training.post(url, title="Praten over terugkeer", summary="S", language="nl")
        page = await training.client.get(url)
        assert "Praten over terugkeer" in page.text
        assert "Saved." in page.text

    async def test_a_draft_can_be_changed_wholly(self, training: Training) -> None:
        edition = await training.draft()
        form = EDITION | {
            "title": "Another title",
            "capacity": "7",
            "date_1": "2027-01-20",
            "date_2": "2027-01-21",
            "start_2": "9:00".zfill(5),
            "end_2": "12:00",
            "sign_up_until": "2027-01-18",
        }
        await training.post(f"/console/editions/{edition}/edit", **form)
        stored = await training.stored(edition)
        assert (stored.title, stored.capacity, len(stored.sittings)) == ("Another title", 7, 2)
        page = await training.client.get(f"/console/editions/{edition}/edit")
        for typed in ("2027-01-21", "2027-01-18", "Another title"):
            assert typed in page.text


class TestLifeOfAnEdition:
    async def test_publishing_tells_the_other_services_once(self, training: Training) -> None:
        edition = await training.draft()
        page = await training.post(f"/console/editions/{edition}/publish")
        assert page.status_code == 303
        await training.post(f"/console/editions/{edition}/publish")
        again = await training.client.get(f"/console/editions/{edition}")
        assert "published before" in again.text
        (event,) = await emitted(training.rig.service, EditionPublished)
        assert event.edition.title == "Talking about return"
        assert event.edition.town == "Gent"
        assert event.edition.places == "few"
        assert event.edition.version == 1
        assert event.edition.url == f"http://127.0.0.1:8004/nl/workshops/{edition}"

    async def test_what_lies_in_the_past_is_not_published(self, training: Training) -> None:
        edition = await training.draft()
        await training.go_to(dt.datetime(2026, 12, 15, 13, 0, tzinfo=dt.UTC))
        await training.post(f"/console/editions/{edition}/publish")
        page = await training.client.get(f"/console/editions/{edition}")
        assert "lies in the past" in page.text
        assert (await training.stored(edition)).status == "draft"

    async def test_the_word_for_places_reaches_the_other_services(self, training: Training) -> None:
        edition = await training.edition(capacity="1")
        token = await training.sign_up(edition, "ann@example.org")
        await training.public.post(f"/en/sign-up/manage/{token}/cancel")
        changes = await emitted(training.rig.service, EditionChanged)
        assert [c.edition.places for c in changes] == ["waiting_list", "few"]
        assert [c.edition.version for c in changes] == [2, 3]

    async def test_a_moved_date_reaches_the_other_services(self, training: Training) -> None:
        edition = await training.edition()
        url = f"/console/editions/{edition}/sessions/1"
        form = {"date": "2026-12-16", "start": "10:00", "end": "12:00"}
        await training.post(url, **form)
        await training.post(url, **form)
        (change,) = await emitted(training.rig.service, EditionChanged)
        assert change.edition.sittings[0].starts_at.isoformat() == "2026-12-16T09:00:00+00:00"
        page = await training.client.get(f"/console/editions/{edition}")
        assert "Nothing changed." in page.text

    @pytest.mark.parametrize(
        "changed", [{"end": "09:00"}, {"date": "2026-11-24"}, {"date": ""}, {"start": "noon"}]
    )
    async def test_a_wrong_date_is_explained_and_kept(
        self, training: Training, changed: dict[str, str]
    ) -> None:
        edition = await training.edition()
        form = {"date": "2026-12-16", "start": "10:00", "end": "12:00"} | changed
        answer = await training.post(f"/console/editions/{edition}/sessions/1", **form)
        assert answer.status_code == 422
        assert 'id="date_1-err"' in answer.text
        assert (await training.stored(edition)).schedule == 0

    async def test_an_unknown_session_is_not_found(self, training: Training) -> None:
        edition = await training.edition()
        form = {"date": "2026-12-16", "start": "10:00", "end": "12:00"}
        answer = await training.post(f"/console/editions/{edition}/sessions/9", **form)
        assert answer.status_code == 404

    async def test_a_cancelled_edition_stays_so_and_says_why(self, training: Training) -> None:
        edition = await training.edition()
        empty = await training.post(f"/console/editions/{edition}/cancel", reason="")
        assert empty.status_code == 422
        assert 'id="reason-err"' in empty.text
        await training.post(f"/console/editions/{edition}/cancel", reason="The trainer is ill.")
        page = await training.public.get(f"/en/workshops/{edition}")
        assert "The trainer is ill." in page.text
        assert len(await emitted(training.rig.service, EditionCancelled)) == 1
        for act in ("close", "reopen"):
            answer = await training.post(f"/console/editions/{edition}/{act}")
            assert answer.status_code == 409
        assert edition not in (await training.public.get("/en/workshops")).text

    async def test_a_draft_that_is_cancelled_was_never_news(self, training: Training) -> None:
        edition = await training.draft()
        await training.post(f"/console/editions/{edition}/cancel", reason="No room.")
        assert await emitted(training.rig.service, EditionCancelled) == []
        assert (await training.public.get(f"/en/workshops/{edition}")).status_code == 404

    async def test_fewer_places_than_people_are_refused(self, training: Training) -> None:
        edition = await training.edition(capacity="2")
        for name in ("ann", "bob"):
            await training.sign_up(edition, f"{name}@example.org")
        answer = await training.post(f"/console/editions/{edition}/capacity", capacity="1")
        assert answer.status_code == 422
        assert "More people than that" in answer.text
        assert (await training.stored(edition)).capacity == 2

    async def test_closed_sign_up_can_be_opened_again(self, training: Training) -> None:
        edition = await training.edition()
        await training.post(f"/console/editions/{edition}/close")
        assert (await training.public.get(f"/en/sign-up/{edition}")).status_code == 409
        await training.post(f"/console/editions/{edition}/reopen")
        assert (await training.public.get(f"/en/sign-up/{edition}")).status_code == 200
        changes = await emitted(training.rig.service, EditionChanged)
        assert [c.edition.takes_sign_ups for c in changes] == [False, True]

    async def test_after_the_last_day_sign_up_is_closed_by_itself(self, training: Training) -> None:
        edition = await training.edition(sign_up_until="2026-12-10")
        await training.go_to(dt.datetime(2026, 12, 11, 8, 0, tzinfo=dt.UTC))
        await training.mails()
        assert (await training.stored(edition)).status == "closed"
        page = await training.client.get(f"/console/editions/{edition}")
        assert "by itself" in page.text
        (change,) = await emitted(training.rig.service, EditionChanged)
        assert not change.edition.takes_sign_ups

    async def test_what_a_trainer_did_is_on_the_page(self, training: Training) -> None:
        edition = await training.edition()
        page = await training.client.get(f"/console/editions/{edition}")
        assert "published" in page.text
        assert "Leen D." in page.text
