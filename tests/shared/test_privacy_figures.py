"""The gold sentences and the figures that are measured on them."""

import json
import sys
from pathlib import Path

import pytest

from tests.bench.report import Row
from tests.security import __main__ as command
from tests.security.disguises import DISGUISES
from tests.security.gold import KINDS, gold, parse, parts
from tests.security.report import table

OTHER_SCRIPTS = {"ar", "ru", "ka", "hy", "am"}


class TestGold:
    def test_it_is_large_enough_and_much_of_it_tells_of_nobody(self) -> None:
        assert len(gold()) >= 300
        assert sum(not sentence.marks for sentence in gold()) >= len(gold()) / 3
        assert {"en", "fr", "nl"} | OTHER_SCRIPTS <= {sentence.language for sentence in gold()}
        assert {mark.kind for sentence in gold() for mark in sentence.marks} == set(KINDS)

    def test_no_sentence_stands_twice(self) -> None:
        assert len({sentence.text for sentence in gold()}) == len(gold())

    def test_about_a_third_is_held_back_of_every_language(self) -> None:
        assert 0.25 < len(parts()["held back"]) / len(gold()) < 0.4
        assert {s.language for s in parts()["held back"]} == {s.language for s in gold()}

    def test_marks_are_read_and_taken_out(self) -> None:
        sentence = parse("I am [[name:Aya]], call [[phone:00]]!", "en")
        assert sentence.text == "I am Aya, call 00!"
        assert [sentence.words(mark) for mark in sentence.marks] == ["Aya", "00"]
        assert sentence.without("X") == "I am X, call X!"

    def test_an_unknown_kind_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="nom is none of name"):
            parse("Je suis [[nom:Aya]]", "fr")


class TestDisguises:
    @pytest.mark.parametrize("name", DISGUISES)
    def test_each_changes_something_and_keeps_what_it_does_not_fit(self, name: str) -> None:
        disguise = DISGUISES[name]
        examples = {"name": "Samira Éxample", "phone": "0470 00.00", "date": "3 March 2019"}
        assert any(disguise(words, kind, "en") != words for kind, words in examples.items())
        assert all(disguise(words, kind, "en") for kind, words in examples.items())


class TestFigures:
    @pytest.mark.parametrize("suite", ["detectors", "leaks"])
    def test_none_is_below_its_floor(self, suite: str) -> None:
        rows = command.run([suite])[suite]
        assert [row for row in rows if row.over] == []
        assert [row for row in rows if row.limit is not None]


class TestCommand:
    @pytest.mark.parametrize(("measured", "status"), [(97.0, 0), (96.9, 1)])
    def test_it_prints_and_keeps_the_table_and_fails_below_a_floor(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        measured: float,
        status: int,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["security", "--only", "leaks"])
        row = Row("caught", measured, "%", 97.0, at_least=True, note="of 1000")
        monkeypatch.setattr(command, "run", lambda chosen: {name: [row] for name in chosen})
        assert command.main() == status
        assert ("BELOW" in capsys.readouterr().out) is bool(status)
        kept = json.loads((tmp_path / "var/security/latest.json").read_text())
        assert [(r["group"], r["measured"]) for r in kept["rows"]] == [("leaks", measured)]

    def test_an_unknown_suite_is_an_error(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["security", "--only", "horoscope"])
        with pytest.raises(SystemExit):
            command.main()
        assert "no such suite: horoscope" in capsys.readouterr().err

    def test_the_table_is_aligned(self) -> None:
        lines = table({"one": [Row("a", 1.0, "%"), Row("longer", 20.0, "%", 5.0)]}).splitlines()
        assert lines[2].index("1 %") == lines[3].index("20 %")
