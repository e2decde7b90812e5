"""What was released: a golden JSON and the schema of every event, kept beside the code.

`python -m tests.contracts.released` takes in what grew since: events and optional fields that are
new. It refuses, and exits with 1, where something else changed: that is for a version beside it.
A golden event is written by hand.
"""

import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
from cri_shared.events import REGISTRY
from cri_shared.events.headers import Headers
from pydantic import BaseModel

HERE = Path(__file__).parent
VERSION = HERE / "schemas" / "VERSION"
HEADERS = HERE / "envelope" / "schema.json"
Schema = dict[str, Any]
WORDS = {"title", "description", "examples"}  # of a schema, for people alone


def golden(subject: str) -> Path:
    """The file of an event as it was once sent."""
    return HERE / "golden" / f"{subject}.json"


def schema_file(subject: str) -> Path:
    """The file of an event's released schema."""
    return HERE / "schemas" / f"{subject}.json"


def released(subject: str) -> Schema:
    """The released schema of an event."""
    schema: Schema = json.loads(schema_file(subject).read_text())
    return schema


def must_fit(schema: Schema) -> Callable[[Any], None]:
    """A check against a schema, formats too; it raises `jsonschema_rs.ValidationError`."""
    return jsonschema_rs.validator_for(schema, validate_formats=True).validate


def current_version() -> str:
    """The version that this code will be released as."""
    project = tomllib.loads((HERE.parents[1] / "shared" / "pyproject.toml").read_text())
    return str(project["project"]["version"])


def breaks(before: Schema, now: Schema) -> list[str]:
    """Why a reader of the one schema would not get on with what the other one writes."""
    old, new = before.get("properties", {}), now.get("properties", {})
    had, has = set(before.get("required", ())), set(now.get("required", ()))
    wrong = [f"{name} was removed" for name in old if name not in new]
    wrong += [
        f"{name} changed its type"
        for name in old
        if name in new and _meaning(old[name]) != _meaning(new[name])
    ]
    wrong += [f"{name} became required" for name in sorted(has - had)]
    wrong += [f"{name} became optional" for name in sorted(had - has) if name in new]
    for part, definition in before.get("$defs", {}).items():
        if part in now.get("$defs", {}):
            wrong += [f"{part}: {one}" for one in breaks(definition, now["$defs"][part])]
        else:
            wrong.append(f"{part} was removed")
    return wrong


def _meaning(schema: Any) -> Any:
    """A schema without the words for people."""
    if isinstance(schema, dict):
        return {k: _meaning(v) for k, v in schema.items() if k not in WORDS}
    return [_meaning(one) for one in schema] if isinstance(schema, list) else schema


def take_in(model: type[BaseModel], file: Path) -> list[str]:
    """Write the schema of a model where it grew; gives what forbids that."""
    now = model.model_json_schema()
    before: Schema | None = json.loads(file.read_text()) if file.exists() else None
    wrong = breaks(before, now) if before else []
    if before is None or (not wrong and breaks(now, before)):
        file.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n")
    return wrong


def main() -> int:
    """Take in every event and the headers."""
    files = {schema_file(event.subject): event for event in REGISTRY.values()}
    wrong = [
        f"{file.stem}: {what}"
        for file, model in {**files, HEADERS: Headers}.items()
        for what in take_in(model, file)
    ]
    sys.stdout.writelines(f"{one}\n" for one in wrong)
    if wrong:
        return 1
    VERSION.write_text(current_version() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
