"""What was released stays readable: golden events, schemas that only grow, classes that may travel.

`python tests/contracts/test_events.py` writes the schema of an event that has none yet; it never
touches one that is there. A golden event is written by hand.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from cri_shared.events import REGISTRY, SERVICES, Part, upkeep
from cri_shared.privacy.classes import EVENTS_MAY_CARRY, FieldClass
from pydantic import BaseModel

HERE = Path(__file__).parent
SUBJECTS = sorted(REGISTRY)


def golden(subject: str) -> Path:
    return HERE / "golden" / f"{subject}.json"


def committed_schema(subject: str) -> Path:
    return HERE / "schemas" / f"{subject}.json"


def breaks(released: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Why a message of the released schema, or its reader, would not get on with the new one."""
    before, after = released.get("properties", {}), now.get("properties", {})
    wrong = [f"{name} was removed" for name in before if name not in after]
    wrong += [
        f"{name} changed its type"
        for name in before
        if name in after and _meaning(before[name]) != _meaning(after[name])
    ]
    required = set(now.get("required", ())) - set(released.get("required", ()))
    wrong += [f"{name} became required" for name in sorted(required)]
    for part, definition in released.get("$defs", {}).items():
        if part in now.get("$defs", {}):
            wrong += [f"{part}: {one}" for one in breaks(definition, now["$defs"][part])]
        else:
            wrong.append(f"{part} was removed")
    return wrong


def _meaning(schema: Any) -> Any:
    """A schema without the words for people."""
    if isinstance(schema, dict):
        return {k: _meaning(v) for k, v in schema.items() if k not in ("title", "description")}
    return [_meaning(one) for one in schema] if isinstance(schema, list) else schema


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
        released = json.loads(committed_schema(subject).read_text())
        assert breaks(released, REGISTRY[subject].model_json_schema()) == []

    def test_every_field_says_how_secret_it_is_and_may_travel(self, subject: str) -> None:
        for name, classes in _classes_of(REGISTRY[subject]):
            assert classes, f"{name} has no class"
            assert set(classes) <= EVENTS_MAY_CARRY, f"{name} must not leave its service"

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


def _classes_of(model: type[BaseModel]) -> list[tuple[str, list[FieldClass]]]:
    """Each field of a model and of its parts, with the classes written on it."""
    found: list[tuple[str, list[FieldClass]]] = []
    for name, field in model.model_fields.items():
        parts = _parts_in(field.annotation)
        own = [one for one in field.metadata if isinstance(one, FieldClass)]
        if parts and not own:
            for part in parts:
                found += [(f"{name}.{inner}", c) for inner, c in _classes_of(part)]
        else:
            found.append((name, own))
    return found


def _parts_in(annotation: Any) -> list[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return [annotation]
    return [part for one in getattr(annotation, "__args__", ()) for part in _parts_in(one)]


def test_every_golden_event_and_schema_belongs_to_an_event() -> None:
    for folder in ("golden", "schemas"):
        assert {file.stem for file in (HERE / folder).glob("*.json")} == set(REGISTRY)


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

    def test_a_change_inside_a_part_is_found(self) -> None:
        before = {"$defs": {"Source": self.BEFORE}}
        after = {"$defs": {"Source": {"properties": {"a": {"type": "string"}}}}}
        assert breaks(before, after) == ["Source: b was removed"]


if __name__ == "__main__":
    for one in REGISTRY.values():
        if not committed_schema(one.subject).exists():
            text = json.dumps(one.model_json_schema(), indent=1, ensure_ascii=False)
            committed_schema(one.subject).write_text(text + "\n")
