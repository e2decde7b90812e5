"""What was released stays: golden events are read, schemas only grow, classes may travel."""

import json
from pathlib import Path
from typing import Any

import pytest
from cri_shared.events import REGISTRY, SERVICES, Part, upkeep
from cri_shared.events.shapes import parts_in, parts_of
from cri_shared.privacy.fieldwalk import classes_of, unlabelled_fields
from cri_shared.privacy.stores import MAY_HOLD, Store

from tests.contracts.released import (
    HERE,
    VERSION,
    breaks,
    current_version,
    golden,
    released,
    take_in,
)

SUBJECTS = sorted(REGISTRY)


@pytest.mark.parametrize("subject", SUBJECTS)
class TestEveryEvent:
    def test_its_golden_json_is_still_read_and_written_alike(self, subject: str) -> None:
        text = golden(subject).read_text()
        event = REGISTRY[subject].model_validate_json(text)
        written = json.loads(event.model_dump_json())
        assert {name: written[name] for name in json.loads(text)} == json.loads(text)

    def test_a_field_of_a_newer_release_is_ignored(self, subject: str) -> None:
        newer = json.loads(golden(subject).read_text()) | {"a_later_field": {"deep": [1]}}
        read = REGISTRY[subject].model_validate(newer)
        assert not hasattr(read, "a_later_field")

    def test_its_schema_only_grew(self, subject: str) -> None:
        assert breaks(released(subject), REGISTRY[subject].model_json_schema()) == []

    def test_every_field_says_how_secret_it_is_and_may_travel(self, subject: str) -> None:
        assert unlabelled_fields(REGISTRY[subject]) == []
        assert classes_of(REGISTRY[subject]) <= set(MAY_HOLD[Store.EVENTS])

    def test_every_field_says_what_it_means(self, subject: str) -> None:
        event = REGISTRY[subject]
        for model in (event, *parts_of(event)):
            for name, field in model.model_fields.items():
                assert field.description or parts_in(field.annotation), f"{model.__name__}.{name}"

    def test_it_names_known_services_and_what_it_is_about(self, subject: str) -> None:
        event = REGISTRY[subject]
        assert event.producer in SERVICES
        modules = {f"cri_shared.events.{event.producer}", upkeep.__name__}
        assert event.__module__ in modules
        assert event.heard_by
        assert set(event.heard_by) <= set(SERVICES) - {event.producer}
        assert event.about in event.model_fields
        assert subject.startswith("cri.")
        assert subject.rsplit(".", 1)[1].startswith("v")


def test_every_golden_event_and_schema_belongs_to_an_event() -> None:
    for folder in ("golden", "schemas"):
        assert {file.stem for file in (HERE / folder).glob("*.json")} == set(REGISTRY)


def test_what_an_earlier_version_released_was_taken_in() -> None:
    assert VERSION.read_text().strip() == current_version(), "python -m tests.contracts.released"


class TestTheComparison:
    """The guard must be able to fail."""

    BEFORE: dict[str, Any] = {  # noqa: RUF012
        "properties": {"a": {"type": "string"}, "b": {"type": "integer", "title": "B"}},
        "required": ["a"],
    }

    def test_an_optional_field_may_come(self) -> None:
        after = {**self.BEFORE, "properties": {**self.BEFORE["properties"], "c": {}}}
        assert breaks(self.BEFORE, after) == []

    def test_a_removed_a_retyped_and_a_newly_required_field_are_found(self) -> None:
        after = {"properties": {"b": {"type": "string"}, "c": {}}, "required": ["c"]}
        assert breaks(self.BEFORE, after) == [
            "a was removed",
            "b changed its type",
            "c became required",
        ]

    def test_a_field_that_may_now_be_left_out_is_found(self) -> None:
        assert breaks(self.BEFORE, {**self.BEFORE, "required": []}) == ["a became optional"]

    def test_a_change_inside_a_part_is_found(self) -> None:
        before = {"$defs": {"Source": self.BEFORE}}
        after = {"$defs": {"Source": {**self.BEFORE, "properties": {"a": {"type": "string"}}}}}
        assert breaks(before, after) == ["Source: b was removed"]


class TestTakingIn:
    """A release takes in what grew, and nothing else."""

    class Before(Part):
        kind: str

    class Grown(Before):
        label: str | None = None

    class Broken(Part):
        kind: int

    def test_a_new_contract_and_a_new_optional_field_are_written(self, tmp_path: Path) -> None:
        file = tmp_path / "schema.json"
        for model in (self.Before, self.Grown):
            assert take_in(model, file) == []
            assert json.loads(file.read_text()) == model.model_json_schema()

    def test_what_is_there_stays_as_it_is_where_nothing_grew(self, tmp_path: Path) -> None:
        file = tmp_path / "schema.json"
        take_in(self.Before, file)
        file.write_text(file.read_text().replace("Kind", "Sort"))
        assert take_in(self.Before, file) == []
        assert "Sort" in file.read_text()

    def test_a_change_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "schema.json"
        take_in(self.Before, file)
        assert take_in(self.Broken, file) == ["kind changed its type"]
        assert json.loads(file.read_text()) == self.Before.model_json_schema()
