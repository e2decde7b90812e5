"""A person signs up without an account: the address is proved first, then there is a place."""

from tests.training.conftest import Training, link_in


class TestProvingTheAddress:
    async def test_a_place_is_held_only_after_the_address_is_proved(
        self, training: Training
    ) -> None:
        edition = await training.edition()
        asked = await training.ask(edition, "noor@example.org")
        assert (await training.stored(edition)).taken == 0
        page = await training.public.get(asked.headers["location"])
        assert "Look at your e-mail" in page.text
        mail = await training.mail_to("noor@example.org")
        confirmed = await training.public.post(link_in(mail))
        done = await training.public.get(confirmed.headers["location"])
        assert "You have a place" in done.text
        assert (await training.stored(edition)).taken == 1
