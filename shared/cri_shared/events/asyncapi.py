"""AsyncAPI 3.0 documents: what each service publishes and hears, for machines that read it."""

import json
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from cri_shared.events.base import SERVICES, Event
from cri_shared.events.headers import Headers
from cri_shared.events.shapes import heard_by, published_by, schemas, shape_of

_SCHEMAS = "#/components/schemas/"
_BROKER = {
    "host": "{broker}",
    "protocol": "nats",
    "title": "NATS with JetStream",
    "description": "Each service is a user (nkey) that may publish and hear just these subjects.",
    "variables": {"broker": {"description": "host and port, as each deployment has them"}},
}


@lru_cache
def as_json(service: str) -> bytes:
    """The document of a service, ready to be sent."""
    return json.dumps(document(service), ensure_ascii=False, separators=(",", ":")).encode()


def document(service: str) -> dict[str, Any]:
    """The AsyncAPI 3.0.0 document of a service: the same code always gives the same one.

    Raises `ValueError` for a service that does not exist.
    """
    if service not in SERVICES:
        raise ValueError(f"no service is called {service}")
    published, heard = published_by(service), heard_by(service)
    events = sorted((*published, *heard), key=lambda event: event.subject)
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:cri:{service}",
        "info": _info(service),
        "defaultContentType": "application/json",
        "servers": {"nats": _BROKER},
        "channels": {event.subject: _channel(event) for event in events},
        "operations": {
            f"{verb}.{event.subject}": _operation(event, action)
            for verb, action, some in (("publish", "send", published), ("hear", "receive", heard))
            for event in some
        },
        "components": {
            "messages": {event.subject: _message(event) for event in events},
            "schemas": schemas({Headers, *map(shape_of, events)}, _SCHEMAS),
        },
    }


def _info(service: str) -> dict[str, Any]:
    return {
        "title": f"Events of CRI {service}",
        "version": version("cri-shared"),
        "description": (
            "Every event is a fact with all that its hearers need. Fields have a class "
            "(x-cri-class): C0 public, C1 internal, C2 sensitive. Unknown fields are ignored."
        ),
        "license": {
            "name": "Apache-2.0",
            "url": "https://www.apache.org/licenses/LICENSE-2.0",
        },
    }


def _channel(event: type[Event]) -> dict[str, Any]:
    return {
        "address": event.subject,
        "servers": [{"$ref": "#/servers/nats"}],
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.subject}"}},
    }


def _operation(event: type[Event], action: str) -> dict[str, Any]:
    channel = f"#/channels/{event.subject}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{event.__name__}"}],
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.subject,
        "title": event.__name__,
        "summary": event.__doc__,
        "headers": {"$ref": f"{_SCHEMAS}{Headers.__name__}"},
        "correlationId": {"location": "$message.header#/correlation_id"},
        "payload": {"$ref": f"{_SCHEMAS}{shape_of(event).__name__}"},
        "x-cri-publisher": event.producer,
        "x-cri-heard-by": list(event.heard_by),
        "x-cri-about": event.about,
    }
