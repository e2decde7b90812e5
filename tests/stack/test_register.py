"""The register says what the code does, to people; and the assessment leans on tests that exist."""

import csv
import io
import shutil
from pathlib import Path

import pytest
from cri_shared.bus.topology import KEEP_DAYS
from cri_shared.db.tables.spans import INBOX_DAYS, OUTBOX_DAYS
from cri_shared.privacy.keeping import Setting
from cri_shared.privacy.stores import Store
from cri_stack.register.__main__ import FOLDER, TEMPLATE, main, pages
from cri_stack.register.dpia import assessment, unshown
from cri_stack.register.elsewhere import PLACES
from cri_stack.register.holdings import holdings, in_words, labelled
from cri_training.rules.seats import Policy

ROOT = Path(__file__).parents[2]
PAGES = {file.name: text for file, text in pages(ROOT)}
REGISTER = PAGES["register.md"]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the template and the tests, and no register, as current directory."""
    (tmp_path / FOLDER).mkdir(parents=True)
    shutil.copy(ROOT / FOLDER / TEMPLATE, tmp_path / FOLDER)
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestTheCommand:
    def test_every_page_here_is_what_the_code_says(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(ROOT)
        assert main(["--check"]) == 0, "".join(capsys.readouterr())

    def test_what_it_wrote_is_up_to_date(self, checkout: Path) -> None:
        assert main([]) == 0
        assert main(["--check"]) == 0

    def test_a_missing_and_a_changed_page_are_named_and_left_alone(
        self, checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main([])
        (checkout / FOLDER / "register.csv").unlink()
        (checkout / FOLDER / "dpia.md").write_text("by hand")
        assert main(["--check"]) == 1
        assert capsys.readouterr().out.splitlines() == [
            "deploy/dpia/register.csv is out of date: make register",
            "deploy/dpia/dpia.md is out of date: make register",
        ]
        assert (checkout / FOLDER / "dpia.md").read_text() == "by hand"

    def test_a_test_that_is_gone_is_named_and_nothing_is_written(
        self, checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        template = checkout / FOLDER / TEMPLATE
        template.write_text(template.read_text() + "\n`tests/stack/test_register.py::test_gone`\n")
        assert main([]) == 2
        assert "there is no tests/stack/test_register.py::test_gone" in capsys.readouterr().err
        assert not (checkout / FOLDER / "register.md").exists()

    def test_elsewhere_it_says_what_is_missing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert main([]) == 2
        assert capsys.readouterr().err == "deploy/dpia/template.md is missing\n"


class TestTheRegister:
    def line(self, table: str) -> str:
        return next(line for line in REGISTER.splitlines() if line.startswith(f"| `{table}` |"))

    def test_days_are_those_that_the_program_goes_by(self) -> None:
        assert f"{OUTBOX_DAYS} days after it was published; then deleted" in self.line("outbox")
        assert f"{INBOX_DAYS} days after it was handled" in self.line("inbox")
        assert f"| {KEEP_DAYS} days after it was published, or at once" in REGISTER

    def test_a_setting_is_told_with_its_limits_and_its_name(self) -> None:
        told = in_words(Setting("feedback_days"), Store.TRAINING)
        assert told == "28 days (`CRI_TRAINING_FEEDBACK_DAYS`, 1 to 90)"
        assert told in self.line("ballots")

    def test_a_length_of_time_is_told_in_its_own_measure(self) -> None:
        assert in_words(Policy.proof, Store.TRAINING) == "1 day"
        assert in_words(Policy.shortest_offer, Store.TRAINING) == "3 hours"
        assert in_words(None, Store.TRAINING) == ""

    def test_what_nothing_does_yet_stands_out(self) -> None:
        chapter = REGISTER.split("## Not built yet")[1].split("\n## ")[0]
        for one in holdings():
            if one.kept.owed:
                assert f"`{one.table}` | {one.kept.owed} |" in chapter
                assert f"**NOT BUILT:** {one.kept.owed}" in REGISTER
        for place in PLACES:
            if place.kept.owed:
                assert f"| elsewhere | {place.name} | {place.kept.owed} |" in chapter

    def test_mails_are_as_secret_as_whoever_they_go_to(self) -> None:
        assert "| `mails` | C2 or C3 or C4 | sealed, key of the service | `sealed` |" in REGISTER

    def test_the_spreadsheet_has_a_line_for_each_field(self) -> None:
        rows = list(csv.DictReader(io.StringIO(PAGES["register.csv"])))
        assert len(rows) == sum(len(one.fields) for one in holdings())
        asked = [r for r in rows if (r["table"], r["field"]) == ("cases", "original_sealed")]
        assert [(r["class"], r["guard"]) for r in asked] == [("C3", "sealed, key of the case")]


class TestTheAssessment:
    def test_every_test_that_it_leans_on_is_there(self) -> None:
        assert PAGES["dpia.md"].count("`tests/") > 20
        assert unshown(ROOT, PAGES["dpia.md"]) == []

    @pytest.mark.parametrize(
        "gone",
        [
            "tests/stack/test_register.py::TestTheRegister::test_gone",
            "tests/stack/test_register.py::test_mails_are_as_secret_as_whoever_they_go_to",
            "tests/stack/test_gone.py::test_gone",
        ],
    )
    def test_a_test_that_is_not_there_is_found(self, gone: str) -> None:
        assert unshown(ROOT, f"shown by `{gone}`, so it seems") == [gone]

    def test_what_the_operator_must_fill_in_is_marked(self) -> None:
        assert PAGES["dpia.md"].count("**FILL IN:**") >= 10

    def test_a_template_may_only_ask_for_what_is_known(self) -> None:
        with pytest.raises(KeyError, match="weather"):
            assessment(holdings(), "$weather")


class TestPlainTables:
    def test_the_class_of_a_column_stands_behind_it(self) -> None:
        (table,) = labelled("create table keys (\nuid text, -- C1\nbody text\n)").sorted_tables
        assert [column.info["class"] for column in table.columns] == ["C1", None]

    def test_a_table_of_which_nobody_says_why_it_is_kept_is_refused(self) -> None:
        with pytest.raises(KeyError, match="people"):
            labelled("create table people (name text -- C1\n)")
