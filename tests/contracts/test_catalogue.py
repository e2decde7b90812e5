"""The event catalogue: every page is what the code says, and its links lead somewhere."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from cri_shared.events import SERVICES
from cri_shared.events.catalogue import main, pages
from cri_shared.events.wording import fields_table, table, type_in_words

from tests.contracts.released import HERE

ROOT = HERE.parents[1]
PAGES = dict(pages(ROOT))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository without a catalogue, as current directory."""
    shutil.copytree(HERE / "golden", tmp_path / "tests" / "contracts" / "golden")
    for folder in ("shared", *(f"services/{service}" for service in SERVICES)):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestTheCommand:
    def test_every_page_here_is_what_the_code_says(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(ROOT)
        assert main(["--check"]) == 0, capsys.readouterr().out

    def test_what_it_wrote_is_up_to_date(self, checkout: Path) -> None:
        assert main([]) == 0
        assert main(["--check"]) == 0
        assert len(list(checkout.rglob("EVENTS.md"))) == len(SERVICES) + 1

    def test_a_missing_and_a_changed_page_are_named_and_left_alone(
        self, checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main([])
        changed = checkout / "services" / "search" / "EVENTS.md"
        changed.write_text("by hand")
        (checkout / "shared" / "EVENTS.md").unlink()
        assert main(["--check"]) == 1
        assert capsys.readouterr().out.splitlines() == [
            "shared/EVENTS.md is out of date: make catalogue",
            "services/search/EVENTS.md is out of date: make catalogue",
        ]
        assert changed.read_text() == "by hand"

    def test_an_event_without_a_golden_sample_is_named(
        self, checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        sample = Path("tests/contracts/golden/cri.research.answer.approved.v1.json")
        sample.unlink()
        assert main([]) == 2
        assert capsys.readouterr().err == f"{sample} is missing\n"


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_leads_to_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", PAGES[page]):
        there = (page.parent / target).resolve() if target else page
        headings = re.findall(r"^#+ (.+)$", PAGES[there], re.MULTILINE)
        assert not anchor or anchor in {heading.lower() for heading in headings}


@pytest.mark.parametrize("service", SERVICES)
def test_the_readme_of_a_service_leads_to_its_page(service: str) -> None:
    assert "](EVENTS.md)" in (ROOT / "services" / service / "README.md").read_text()


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "minLength": 1, "maxLength": 9}, "text, 1 to 9 characters"),
        ({"type": "string", "pattern": "^[a-z]+$"}, "text like `^[a-z]+$`"),
        ({"type": "string", "pattern": "^[a-z]+$", "examples": ["sea"]}, "text like `sea`"),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "integer", "minimum": 1}, "whole number, 1 or more"),
        ({"type": "boolean"}, "yes or no"),
        ({"enum": ["a", "b"], "type": "string"}, "`a`, `b`"),
        ({"const": "a", "type": "string"}, "`a`"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or none"),
        ({"type": "array", "items": {"$ref": "Source"}}, "list of [Source](#source)"),
        (
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
            "list of 1 to 3: text",
        ),
    ],
)
def test_a_type_is_told_in_words(schema: dict[str, Any], words: str) -> None:
    assert type_in_words(schema) == words


def test_a_field_without_words_of_its_own_means_what_its_part_does() -> None:
    schema = {"properties": {"source": {"$ref": "Source"}}, "required": ["source"]}
    row = fields_table(schema, {"Source": {"description": "Where it was found."}})[-1]
    assert row == "| `source` | [Source](#source) | yes | as its parts | Where it was found. |"


def test_what_stands_in_a_cell_stays_in_it() -> None:
    assert table(["one"], [["a|b"]]) == ["| one |", "|---|", r"| a\|b |"]
