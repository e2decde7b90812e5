"""The AsyncAPI document of every service: valid, whole, and served where everybody can read it."""

import copy
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cri_shared.events import REGISTRY, SERVICES, asyncapi
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from fastapi import FastAPI

from tests.contracts.asyncapi import faults, resolved
from tests.contracts.released import HERE, golden, must_fit

SEALED = "cri.search.day.sealed.v1"


@pytest.mark.parametrize("service", SERVICES)
class TestEveryDocument:
    def test_it_is_valid(self, service: str) -> None:
        assert faults(asyncapi.document(service)) == []

    def test_it_names_each_subject_that_the_service_publishes_or_hears_and_no_other(
        self, service: str
    ) -> None:
        document = asyncapi.document(service)
        told: dict[str, set[str]] = {"send": set(), "receive": set()}
        for operation in document["operations"].values():
            channel = resolved(document, operation["channel"]["$ref"])
            told[operation["action"]].add(channel["address"])
        events = REGISTRY.items()
        assert told["send"] == {s for s, event in events if event.producer == service}
        assert told["receive"] == {s for s, event in events if service in event.heard_by}

    def test_every_field_says_how_secret_it_is(self, service: str) -> None:
        schemas = asyncapi.document(service)["components"]["schemas"]
        unlabelled = [
            f"{name}.{field}"
            for name, schema in schemas.items()
            for field, told in schema["properties"].items()
            if told.get("x-cri-class") not in ("C0", "C1", "C2") and "#/" not in json.dumps(told)
        ]
        assert unlabelled == []

    def test_golden_events_fit_what_it_says(self, service: str) -> None:
        document = asyncapi.document(service)
        for subject, message in document["components"]["messages"].items():
            schema = {**message["payload"], "components": document["components"]}
            must_fit(schema)(json.loads(golden(subject).read_text()))

    def test_golden_headers_fit_what_it_says(self, service: str) -> None:
        document = asyncapi.document(service)
        for message in document["components"]["messages"].values():
            schema = {**message["headers"], "components": document["components"]}
            for headers in json.loads((HERE / "envelope" / "golden.json").read_text()).values():
                must_fit(schema)(headers)

    def test_it_tells_nothing_of_this_machine(self, service: str) -> None:
        text = asyncapi.as_json(service).decode()
        assert json.loads(text) == asyncapi.document(service)
        for word in (str(Path.cwd()), "127.0.0.1", "localhost", ":4222"):
            assert word not in text


def _served(service: str, directory: Path) -> FastAPI:
    """The web app of a service, not started."""
    settings = import_module(f"cri_{service}.settings").Settings
    create = import_module(f"cri_{service}.app").create_app
    app: FastAPI = create(settings_for(settings, directory))
    return app


@pytest.mark.parametrize("service", SERVICES)
async def test_it_is_served_and_may_be_kept(service: str, tmp_path: Path) -> None:
    async with running(_served(service, tmp_path)) as client:
        answer = await client.get("/api/asyncapi.json")
        again = await client.get(
            "/api/asyncapi.json", headers={"If-None-Match": answer.headers["etag"]}
        )
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"].startswith("public, max-age=")
    assert answer.json() == asyncapi.document(service)
    assert again.status_code == 304


def test_there_is_none_for_a_service_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="no service is called weather"):
        asyncapi.document("weather")


Change = Callable[[dict[str, Any]], Any]
SENDS = f"publish.{SEALED}"
WRONG: dict[str, Change] = {
    "another version": lambda d: d.update(asyncapi="2.6.0"),
    "no title": lambda d: d["info"].pop("title"),
    "a field of its own": lambda d: d.update(topics={}),
    "no protocol": lambda d: d["servers"]["nats"].pop("protocol"),
    "a server with a url": lambda d: d["servers"]["nats"].update(url="nats://broker"),
    "messages as a list": lambda d: d["channels"][SEALED].update(messages=[]),
    "a channel with a field of its own": lambda d: d["channels"][SEALED].update(stream="SEARCH"),
    "another verb": lambda d: d["operations"][SENDS].update(action="publish"),
    "an operation without a channel": lambda d: d["operations"][SENDS].pop("channel"),
    "an operation with a field of its own": lambda d: d["operations"][SENDS].update(queue="one"),
    "a channel without an operation": lambda d: d["operations"].pop(SENDS),
    "a message that is nowhere": lambda d: d["components"]["messages"].pop(SEALED),
    "a message with a field of its own": lambda d: d["components"]["messages"][SEALED].update(by=1),
    "a wrong place of the correlation id": lambda d: d["components"]["messages"][SEALED].update(
        correlationId={"location": "header/correlation_id"}
    ),
    "no such type": lambda d: d["components"]["schemas"]["DaySealed"].update(type="objekt"),
    "a limit that is none": lambda d: d["components"]["schemas"]["Range"]["properties"][
        "first"
    ].update(minimum="one"),
    "a part that is nowhere": lambda d: d["components"]["schemas"].pop("Range"),
    "a part that nobody needs": lambda d: d["components"]["schemas"].update(Other={}),
    "words beside a reference": lambda d: d["operations"][SENDS]["channel"].update(summary="one"),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=list(WRONG))
def test_a_fault_is_found(change: Change) -> None:
    document = copy.deepcopy(asyncapi.document("search"))
    change(document)
    assert faults(document) != []
