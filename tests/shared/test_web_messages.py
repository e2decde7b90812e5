"""The catalogues of words: what is not translated, and what cannot be read, is told."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from cri_shared.events import SERVICES
from cri_shared.places.languages import INTERFACE_LANGUAGES, PUBLIC_LANGUAGES, spoken_by
from cri_shared.web import messages


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shared Dutch words, in the place of every catalogue."""
    copy = tmp_path / "messages.po"
    copy.write_bytes(messages.po_path("cri_shared", "nl").read_bytes())
    monkeypatch.setattr(messages, "po_path", lambda _package, _language: copy)
    return copy


def test_complete_words_pass(words: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main(["--check", "cri_shared"]) == 0
    assert capsys.readouterr().out == ""


def test_a_sentence_without_a_translation_is_named(
    words: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = words.read_text()
    assert 'msgstr "Terug naar de gebeurtenissen"' in text
    words.write_text(text.replace('msgstr "Terug naar de gebeurtenissen"', 'msgstr ""'))
    assert messages.main(["--check", "cri_shared"]) == 1
    assert "cri_shared nl: Back to the events" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("%(count)s of %(all)s", True),
        ("%(count)s %% of %(all)s", True),
        ("%(count)s % of %(all)s", False),  # Python: an octal number
        ("%(count)s % sure, %(all)s", False),  # Python: all values at once, and no error
        ("%(all)s is 50 %(count)", False),
        ("%(count)s of %(every)s", False),
        ("%(count)s", False),
    ],
)
def test_a_translation_that_no_page_can_fill_in_is_named(
    words: Path, capsys: pytest.CaptureFixture[str], text: str, filled: bool
) -> None:
    old = words.read_text()
    assert 'msgstr "%(done)s van %(total)s"' in old
    text = text.replace("count", "done").replace("all", "total")
    words.write_text(old.replace('msgstr "%(done)s van %(total)s"', f'msgstr "{text}"'))
    assert messages.main(["--check", "cri_shared"]) == (0 if filled else 1)
    assert filled or f"cri_shared nl: {text} (%" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "loose"), [("50 % of them", ["50 % of them"]), ("50 %% of them", [])]
)
def test_a_sentence_that_no_page_can_fill_in_is_named(
    monkeypatch: pytest.MonkeyPatch, source: str, loose: list[str]
) -> None:
    found = Catalog()
    found.add(source, locations=[("web/templates/console.html", 0)])
    monkeypatch.setattr(messages, "extracted", lambda _package: found)
    assert messages.misfilled("cri_shared", "en") == loose


def test_two_versions_of_the_words_in_one_file_are_no_catalogue(
    words: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words.write_text(words.read_text() + "\n<<<<<<< mine\n=======\n>>>>>>> yours\n")
    assert messages.main(["--check", "cri_shared"]) == 2
    assert str(words) in capsys.readouterr().err


def test_what_is_written_twice_is_the_same(words: Path) -> None:
    messages.update("cri_shared", "nl")
    once = words.read_bytes()
    messages.update("cri_shared", "nl")
    assert words.read_bytes() == once


@pytest.mark.parametrize(
    ("language", "other_voice"),
    [
        ("nl", r"\b(u|uw|uwe|uzelf|ge|gij)\b"),
        ("fr", r"\b(tu|te|toi|ton|ta|tes)\b|\bt[’']"),
    ],
)
@pytest.mark.parametrize("service", ["shared", *SERVICES])
def test_everybody_is_spoken_to_alike(service: str, language: str, other_voice: str) -> None:
    with messages.po_path(f"cri_{service}", language).open("rb") as po:
        every = [one.string for one in read_po(po) if one.id]
    said = [text for one in every for text in ([one] if isinstance(one, str) else one)]
    assert any(re.search(r"\b(je|vous)\b", text) for text in said)
    assert [text for text in said if re.search(other_voice, text, re.IGNORECASE)] == []


def test_only_what_askers_read_is_wanted_in_the_languages_of_askers() -> None:
    asked = {str(message.id) for message in messages.wanted("cri_shared", "ar")}
    assert {"Do you need help?", "There is a problem"} <= asked
    assert "Back to the events" not in asked
    assert "Back to the events" in {str(m.id) for m in messages.wanted("cri_shared", "nl")}


def test_a_package_speaks_the_languages_of_those_who_read_it() -> None:
    assert set(spoken_by("cri_intake")) == set(PUBLIC_LANGUAGES)
    assert set(spoken_by("cri_research")) == {*INTERFACE_LANGUAGES, "ar", "fa-AF"}
    assert set(spoken_by("cri_training")) == set(INTERFACE_LANGUAGES)
