"""Every field of every package says how secret it is, and lies only where it may."""

import re
from pathlib import Path
from typing import Any

import pytest
from cri_shared.backup.settings import BackupSettings
from cri_shared.events import REGISTRY, SERVICES
from cri_shared.index.documents import EntryDocument
from cri_shared.privacy.classes import C0, FieldClass
from cri_shared.privacy.fieldwalk import (
    classes_of,
    unlabelled_columns,
    unlabelled_fields,
    unmarked_secrets,
)
from cri_shared.privacy.finding import models_of
from cri_shared.privacy.keeping import unkept
from cri_shared.privacy.stores import MAY_HOLD, Store, misplaced
from cri_shared.settings import NatsSettings
from cri_shared.testing.services import settings_for
from cri_stack.logs import LogSettings
from cri_stack.register.holdings import PACKAGES, databases, holdings
from pydantic import BaseModel

ROOT = Path(__file__).parents[2]
DATABASES = databases()
FOUND = {package: models_of(package) for package in PACKAGES}
MODELS = [model for models in FOUND.values() for model in models]
MADE_BY_HAND = {"deploy/cri_index/cri_index/store.py"}  # its tables are among the databases


def is_settings(model: type) -> bool:
    return issubclass(model, NatsSettings | BackupSettings | LogSettings)


def test_no_package_is_left_out() -> None:
    here = {
        folder.name
        for part in ("shared", "services/*", "deploy/*")
        for folder in ROOT.glob(f"{part}/cri_*")
        if (folder / "__init__.py").exists()
    }
    assert here == set(PACKAGES)


def test_enough_is_found_for_the_walk_to_mean_something() -> None:
    assert len(FOUND["cri_shared"]) > 50
    assert all(len(FOUND[f"cri_{service}"]) >= 8 for service in SERVICES)
    assert EntryDocument in FOUND["cri_shared"]
    assert set(REGISTRY.values()) <= set(MODELS)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_field_of_every_model_has_a_class(package: str) -> None:
    models = [model for model in FOUND[package] if not is_settings(model)]
    wrong = {model.__qualname__: unlabelled_fields(model) for model in models}
    assert {name: fields for name, fields in wrong.items() if fields} == {}


def test_every_setting_that_holds_a_secret_says_so() -> None:
    settings: list[Any] = [model for model in MODELS if is_settings(model)]
    assert len(settings) == 4 + len(SERVICES)
    assert [name for one in settings for name in unmarked_secrets(one)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_no_form_of_a_service_takes_what_its_database_may_not_hold(service: str) -> None:
    told = [event for event in REGISTRY.values() if event.producer == service]
    allowed = set(MAY_HOLD[Store(service)]).union(*map(classes_of, told))
    models = [model for model in FOUND[f"cri_{service}"] if issubclass(model, BaseModel)]
    beyond = {model.__qualname__: classes_of(model) - allowed for model in models}
    beyond = {name: held for name, held in beyond.items() if held and name != "Settings"}
    assert beyond == {}


def test_events_and_documents_of_the_index_hold_what_may_travel() -> None:
    assert set[FieldClass]().union(*map(classes_of, REGISTRY.values())) <= set(
        MAY_HOLD[Store.EVENTS]
    )
    assert classes_of(EntryDocument) == set(MAY_HOLD[Store.INDEX]) == {C0}


@pytest.mark.parametrize("store", DATABASES)
def test_every_column_has_a_class(store: Store) -> None:
    assert unlabelled_columns(DATABASES[store]) == []


def test_nothing_lies_where_it_must_not() -> None:
    assert [wrong for store, held in DATABASES.items() for wrong in misplaced(store, held)] == []


@pytest.mark.parametrize("store", DATABASES)
def test_every_table_says_why_and_how_long_it_is_kept(store: Store) -> None:
    assert unkept(DATABASES[store]) == []


def test_no_table_is_made_apart_from_the_models_and_their_migrations() -> None:
    making = re.compile(r"create (?:virtual |temp(?:orary)? )?table", re.IGNORECASE)
    files = (
        file for part in ("shared", "services", "deploy") for file in ROOT.glob(f"{part}/**/*.py")
    )
    found = {
        str(file.relative_to(ROOT))
        for file in files
        if "migrations" not in file.parts and making.search(file.read_text())
    }
    assert found == MADE_BY_HAND


@pytest.mark.parametrize("service", SERVICES)
def test_a_duty_that_a_table_names_is_done_by_its_service(service: str, tmp_path: Path) -> None:
    module = __import__(f"cri_{service}.app", fromlist=["create_app"])
    settings = __import__(f"cri_{service}.settings", fromlist=["Settings"]).Settings
    app = module.create_app(settings_for(settings, tmp_path))
    named = {duty for one in holdings() if one.database == service for duty in one.kept.duties}
    assert named
    assert named <= app.state.service.clockwork.duties
