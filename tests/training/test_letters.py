"""The mails of an edition at its console: what will be sent, stop it, hasten it, add material."""

import datetime as dt

from cri_shared import clock

from tests.training.conftest import NOW, Training

EMAIL = "noor@example.org"
WEEK_BEFORE = dt.datetime(2026, 12, 8, 8, 0, tzinfo=dt.UTC)
SLIDES = {"title": "Slides", "url": "https://files.example.org/slides.pdf"}


async def with_a_place(training: Training, **changed: str) -> tuple[str, str]:
    """An edition with one person who has a place: its id, and the token of their own page."""
    edition = await training.edition(**changed)
    token = await training.sign_up(edition, EMAIL)
    await training.mails()
    return edition, token


async def steer(training: Training, edition: str, kind: str, want: str, mark: str = "") -> str:
    """Press a button of the plan; gives the page that comes after."""
    url = f"/console/editions/{edition}/letters"
    answer = await training.post(f"{url}/{kind}", want=want, mark=mark)
    assert answer.status_code == 303, answer.text
    return (await training.client.get(url)).text


class TestThePlanAtTheConsole:
    async def test_it_says_what_will_be_sent_and_when_and_what_was(
        self, training: Training
    ) -> None:
        edition, _ = await with_a_place(training)
        page = (await training.client.get(f"/console/editions/{edition}/letters")).text
        for words in ("8 December 2026", "14 December 2026", "22 December 2026", "Those who came"):
            assert words in page
        assert "A place, with the date for the calendar" in page
        linked = await training.client.get(f"/console/editions/{edition}")
        assert f"/console/editions/{edition}/letters" in linked.text

    async def test_what_is_stopped_does_not_go_until_it_is_let_go(self, training: Training) -> None:
        edition, _ = await with_a_place(training)
        assert "Stopped. This mail does not go." in await steer(
            training, edition, "reminder", "stop"
        )
        assert "Nothing changed." in await steer(training, edition, "reminder", "stop")
        await training.go_to(WEEK_BEFORE)
        assert "Soon" not in await training.subjects_to(EMAIL)
        assert "when it is due" in await steer(training, edition, "reminder", "let_go")
        assert "Soon" in await training.subjects_to(EMAIL)

    async def test_one_can_go_now_and_then_goes_once(self, training: Training) -> None:
        edition, _ = await with_a_place(training)
        with clock.frozen(NOW + dt.timedelta(minutes=1)):
            page = await steer(training, edition, "reminder", "now", "2026-12-15")
            assert "This mail goes now" in page
            again = await steer(training, edition, "reminder", "now", "2026-12-15")
            assert "Nothing changed." in again
            assert (await training.subjects_to(EMAIL)).count("Soon") == 1
        with clock.frozen(WEEK_BEFORE):
            assert (await training.subjects_to(EMAIL)).count("Soon") == 1

    async def test_mails_to_one_person_are_not_for_trainers_to_stop(
        self, training: Training
    ) -> None:
        edition, _ = await with_a_place(training)
        url = f"/console/editions/{edition}/letters"
        for kind, want in (("invite", "stop"), ("feedback", "now")):
            assert (await training.post(f"{url}/{kind}", want=want)).status_code == 404

    async def test_a_cancelled_edition_has_nothing_to_come(self, training: Training) -> None:
        edition, _ = await with_a_place(training)
        await training.post(f"/console/editions/{edition}/cancel", reason="Ill")
        page = (await training.client.get(f"/console/editions/{edition}/letters")).text
        assert "Nothing more." in page


class TestMaterial:
    async def test_links_reach_everybody_with_a_place_in_one_mail(self, training: Training) -> None:
        edition, token = await with_a_place(training, capacity="1")
        await training.sign_up(edition, "waiting@example.org")
        url = f"/console/editions/{edition}/materials"
        for fields in (
            SLIDES,
            SLIDES,
            {"title": "Exercise", "url": "https://files.example.org/ex"},
        ):
            assert (await training.post(url, **fields)).status_code == 303
        with clock.frozen(NOW + dt.timedelta(minutes=31)):
            assert (await training.subjects_to(EMAIL)).count("Material") == 1
            mail = await training.mail_to(EMAIL)
            assert mail.count(SLIDES["url"]) == 1
            assert "Exercise" in mail
            assert "Material" not in await training.subjects_to("waiting@example.org")
        assert SLIDES["url"] in (await training.public.get(f"/en/sign-up/manage/{token}")).text
        assert SLIDES["url"] not in (await training.public.get(f"/en/workshops/{edition}")).text

    async def test_a_link_can_be_taken_back(self, training: Training) -> None:
        edition, token = await with_a_place(training)
        await training.post(f"/console/editions/{edition}/materials", **SLIDES)
        page = (await training.client.get(f"/console/editions/{edition}/letters")).text
        action = page.partition('/remove"')[0].rpartition('action="')[2]
        other = await training.edition()
        foreign = action.replace(edition, other)
        assert (await training.post(f"{foreign}/remove")).status_code == 404
        await training.post(f"{action}/remove")
        assert (await training.post(f"{action}/remove")).status_code == 303
        assert SLIDES["url"] not in (await training.public.get(f"/en/sign-up/manage/{token}")).text
        with clock.frozen(NOW + dt.timedelta(minutes=31)):
            assert "Material" not in await training.subjects_to(EMAIL)

    async def test_what_is_wrong_is_said_and_what_was_typed_stays(self, training: Training) -> None:
        edition = await training.edition()
        url = f"/console/editions/{edition}/materials"
        answer = await training.post(url, title="Slides", url="http://files.example.org")
        assert answer.status_code == 422
        assert 'id="url-err"' in answer.text
        assert 'value="Slides"' in answer.text
        await training.post(f"/console/editions/{edition}/cancel", reason="Ill")
        assert (await training.post(url, **SLIDES)).status_code == 409
