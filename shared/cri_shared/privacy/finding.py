"""Finding: every model and every table of a package, wherever in it they are declared."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import is_typeddict

import sqlalchemy as sa
from pydantic import BaseModel

from cri_shared.privacy.fieldwalk import is_labelled


def modules_of(package: str) -> list[ModuleType]:
    """A package and every module in it, imported; migrations are no modules."""
    root = importlib.import_module(package)
    found = pkgutil.walk_packages(root.__path__, f"{package}.")
    return [root, *(importlib.import_module(module.name) for module in found)]


def models_of(package: str) -> list[type]:
    """Every model of a package by name: pydantic's, and the dataclasses and TypedDicts that say
    of any field how secret it is, which must then say it of all."""
    modules = modules_of(package)
    plain = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and _comes_from(value, package) and _says_some(value)
    }
    models = {model for model in _below(BaseModel) if _comes_from(model, package)}
    return sorted(models | plain, key=lambda model: (model.__module__, model.__qualname__))


def metadata_of(package: str) -> list[sa.MetaData]:
    """The metadata of every table that a package declares; each once."""
    found: dict[int, sa.MetaData] = {}
    for module in modules_of(package):
        for value in vars(module).values():
            held = value if isinstance(value, sa.MetaData) else getattr(value, "metadata", None)
            ours = isinstance(value, sa.MetaData | sa.Table) or _comes_from(value, package)
            if ours and isinstance(held, sa.MetaData) and held.tables:
                found[id(held)] = held
    return list(found.values())


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for inner in model.__subclasses__():
        yield inner
        yield from _below(inner)


def _comes_from(value: object, package: str) -> bool:
    module = getattr(value, "__module__", None)
    return isinstance(module, str) and f"{module}.".startswith(f"{package}.")


def _says_some(value: type) -> bool:
    return (hasattr(value, "__dataclass_fields__") or is_typeddict(value)) and is_labelled(value)
