"""What officers often write: in the asker's language, put into the message and not sent."""

import re

import pytest
from cri_intake.rules.ready import READY_TEXTS
from cri_shared.places import PUBLIC_LANGUAGES
from cri_shared.web.i18n import Words

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, posted
from tests.intake.test_console import database_url as database_url


async def test_a_usual_text_follows_what_was_typed_in_the_language_of_the_asker(
    intake: Intake,
) -> None:
    question_id = await posted(intake, language="ar")
    officer = await Officer.arrive(intake)
    await officer.post(f"/{question_id}/take")
    for _ in range(2):
        begun = await officer.post(f"/{question_id}/message/begin", ready="where", message="Karim,")
        assert begun.status_code == 200
        box = re.search(r'<textarea id="message"[^>]*>([^<]*)', begun.text)
        assert box is not None
        assert 'dir="auto"' in box[0]
        assert 'lang="ar"' in box[0]
        assert box[1].startswith("Karim,\n\nشكرًا على سؤالك")
    none = await officer.post(f"/{question_id}/message/begin", ready="", message="Karim,")
    assert none.status_code == 422
    assert ">Karim,<" in none.text


@pytest.mark.parametrize("tag", PUBLIC_LANGUAGES)
def test_every_usual_text_is_said_in_every_language(tag: str) -> None:
    words = Words(("cri_intake", "cri_shared"), tag)
    said = {words.gettext(text) for text in READY_TEXTS.values()}
    assert len(said) == len(READY_TEXTS)
    assert (said == set(READY_TEXTS.values())) is (tag == "en")
