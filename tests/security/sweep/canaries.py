"""Canaries: a string of its own for every restricted field, known again however it is written."""

import base64
import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cri_shared.events import SERVICES
from cri_shared.privacy.classes import C3, C4, FieldClass, K
from cri_shared.privacy.finding import models_of
from cri_shared.web.forms import FormModel
from pydantic import BaseModel

RESTRICTED = (C3, C4, K)
LETTERS, DIGITS = "kanarivogel", "0470861"  # how every canary begins; the second in numbers
_TAIL = 8
_PHONE = frozenset({"phone"})


@dataclass(frozen=True)
class Canary:
    """What was typed into one field, once; `held` is the class of the field."""

    field: str
    held: FieldClass
    needle: str
    how: str

    @property
    def service(self) -> str:
        """Whose form it was typed into."""
        return self.field.partition(".")[0].removeprefix("cri_")

    def __str__(self) -> str:
        return f"{self.held.name} {self.field} ({self.how})"


class Aviary:
    """Every canary of one sweep."""

    def __init__(self) -> None:
        self.known: dict[str, Canary] = {}

    def fill(self, model: type[BaseModel], how: str, **shapes: str) -> dict[str, str]:
        """A fresh canary for each restricted text field of a form or body.

        `shapes` says how a field writes it where the bare word will not do: "Where is {}?".
        """
        return {
            name: self.new(model, name, how, shapes.get(name, "{}")) for name in restricted(model)
        }

    def new(self, model: type[BaseModel], name: str, how: str, shape: str = "{}") -> str:
        """A fresh canary for one field, as it is typed."""
        begins, letters = (
            (DIGITS, string.digits) if name in _PHONE else (LETTERS, string.ascii_lowercase)
        )
        needle = begins + "".join(secrets.choice(letters) for _ in range(_TAIL))
        field = f"{model.__module__}.{model.__qualname__}.{name}"
        self.known[needle] = Canary(field, restricted(model)[name], needle, how)
        return shape.format(f"{needle}@canary.example" if name == "email" else needle)

    @property
    def fields(self) -> set[str]:
        """The fields into which something was typed."""
        return {canary.field for canary in self.known.values()}

    def found_in(self, data: bytes) -> set[Canary]:
        """Every canary that data holds, in the clear or as others write it."""
        lowered = data.lower()
        begun = [word for word in (LETTERS, DIGITS) if _holds(data, lowered, word)]
        return {
            canary
            for needle, canary in self.known.items()
            if needle.startswith(tuple(begun)) and _holds(data, lowered, needle)
        }


def restricted(model: type[BaseModel]) -> dict[str, FieldClass]:
    """The text fields of a model that are restricted to a person, or secret."""
    return {
        name: label
        for name, field in model.model_fields.items()
        for label in field.metadata
        if label in RESTRICTED and field.annotation is not bool
    }


def forms() -> list[type[BaseModel]]:
    """Every form of every package, as it is read: what others build on is not."""
    packages = ("cri_shared", *(f"cri_{service}" for service in SERVICES))
    found = [model for package in packages for model in models_of(package)]
    return [model for model in found if issubclass(model, FormModel)]


def field_names(models: list[type[BaseModel]]) -> set[str]:
    """The restricted fields of models, as canaries name them."""
    return {
        f"{model.__module__}.{model.__qualname__}.{name}"
        for model in models
        for name in restricted(model)
    }


def bodies(document: dict[str, Any], package: str) -> list[type[BaseModel]]:
    """The models of a package that an OpenAPI document takes as bodies, nested ones too."""
    named = _named_in_bodies(document)
    found = [model for model in models_of(package) if model.__name__ in named]
    return [model for model in found if issubclass(model, BaseModel)]


def _named_in_bodies(document: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = [
        operation["requestBody"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "requestBody" in operation
    ]
    while waiting:
        for reference in _references(waiting.pop()):
            name = reference.rpartition("/")[2]
            if name not in found:
                found.add(name)
                waiting.append(document["components"]["schemas"][name])
    return found


def _references(told: Any) -> Iterator[str]:
    match told:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for inner in told.values():
                yield from _references(inner)
        case list():
            for inner in told:
                yield from _references(inner)


def _holds(data: bytes, lowered: bytes, word: str) -> bool:
    """Whether data holds a word as UTF-8, UTF-16 or hexadecimal, or anywhere in base64."""
    plain = word.encode()
    written = (plain, word.encode("utf-16-le"), plain.hex().encode())
    return any(one in lowered for one in written) or any(one in data for one in _base64(plain))


def _base64(plain: bytes) -> Iterator[bytes]:
    """What is the same in base64 whatever stands before and behind."""
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + plain)
        yield whole[-(-shift * 4 // 3) : len(whole) // 4 * 4 - 4]
