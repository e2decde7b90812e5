"""The guide to security names what there is, every secret, and how each is made anew."""

import importlib
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from cri_shared.events import SERVICES
from cri_shared.privacy.classes import K
from cri_shared.testing.services import settings_for
from cri_stack.deployment import Deployment
from fastapi.routing import iter_route_contexts

from tests.deploy.conftest import DEPLOY, ROOT
from tests.deploy.pages import broken_links, commands_of, unknown_commands

GUIDE = DEPLOY / "SECURITY.md"
PAGE = GUIDE.read_text()
NAMED = set(re.findall(r"`([^`]+)`", PAGE))
FILES = {name.replace("<service>", "*") for name in NAMED if re.match(r"(keys|secrets)/", name)}
ELSEWHERE = ("cri_index/cri_index/__main__.py", "nats/nats.conf", "nats/cluster.conf")
SECRETLY = re.compile(r"\bCRI_\w*(?:KEY|SEED|PASSWORD|TOKEN|SECRET)\w*")


def settings(service: str) -> type:
    """The settings of a service."""
    found: type = importlib.import_module(f"cri_{service}.settings").Settings
    return found


def fields_of(service: str) -> set[str]:
    """The names of its settings, as they stand in the environment, without what comes before."""
    return {name.upper() for name in settings(service).model_fields}  # type: ignore[attr-defined]


def secret_fields(service: str) -> set[str]:
    """Settings that hold a secret, or say where its file lies."""
    return {
        name.upper()
        for part in settings(service).__mro__
        for name, field in getattr(part, "model_fields", {}).items()
        if K in field.metadata or name.endswith(("key_dir", "seed_file"))
    }


def test_every_command_on_it_is_there() -> None:
    assert len(commands_of(PAGE)) > 15
    assert unknown_commands(PAGE) == set()


def test_every_link_leads_somewhere() -> None:
    assert broken_links(GUIDE) == set()


def test_every_setting_on_it_is_read() -> None:
    known = {f"CRI_{name}" for service in SERVICES for name in fields_of(service)}
    known |= {f"CRI_{s.upper()}_{name}" for s in SERVICES for name in fields_of(s)}
    known |= {"CRI_SECRETS_DIR", *told_elsewhere()}
    assert {name for name in re.findall(r"\bCRI_[A-Z_]+", PAGE) if name not in known} == set()


def told_elsewhere() -> set[str]:
    """Variables that hold secrets of what is no service."""
    return {name for file in ELSEWHERE for name in SECRETLY.findall((DEPLOY / file).read_text())}


def test_every_secret_that_code_reads_is_named() -> None:
    read = {name for service in SERVICES for name in secret_fields(service)} | told_elsewhere()
    assert len(read) > 10
    assert {name for name in read if name not in NAMED} == set()


def test_every_file_that_is_made_is_named_and_every_one_named_is_made(tmp_path: Path) -> None:
    Deployment(tmp_path).make()
    made = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert {file for file in made if not any(fnmatch(file, name) for name in FILES)} == set()
    gone = {name for name in FILES if not any(fnmatch(file, name) for file in made)}
    assert gone - {"keys/identity"} == set()


def test_every_page_of_a_console_on_it_is_there(tmp_path: Path) -> None:
    app = importlib.import_module("cri_intake.app").create_app(
        settings_for(importlib.import_module("cri_intake.settings").Settings, tmp_path)
    )
    there = {str(route.path) for route in iter_route_contexts(app.routes)}
    named = {name for name in NAMED if name.startswith("/console")}
    assert named
    assert named - there == set()


# What is removed, as the guide says, and what else is another thing once it was made anew.
ANEW = {
    "keys/nats/intake.seed": {"keys/nats/users.conf", "secrets/intake/nats.seed"},
    "keys/nats/provision.seed": {"keys/nats/users.conf"},
    "keys/nats/authority.key keys/nats/authority.pem keys/nats/server.pem": {
        "keys/nats/server.key",
        *(f"secrets/{service}/authority.pem" for service in SERVICES),
    },
    "keys/nats/store.key": {"keys/nats/server.env"},
    "keys/index/master.key": {
        "keys/index/index.env",
        "secrets/publishing/cri_index_key",
        "secrets/search/cri_index_key",
    },
    "secrets/postgres/intake.password": {
        "secrets/postgres/create.sql",
        "secrets/operator.env",
        "secrets/intake/cri_database_url",
    },
}


def test_what_the_guide_says_is_made_anew_is_what_is_tried() -> None:
    told = {
        " ".join(re.findall(r"`([^`]+)`", re.split(r"[.;]\s", line)[0]))
        for line in PAGE.split("made anew: ")[1:]
    }
    assert told == set(ANEW)


@pytest.mark.parametrize("removed", ANEW, ids=lambda removed: removed.split()[0])
def test_made_anew_it_is_another_and_nothing_else_is(tmp_path: Path, removed: str) -> None:
    Deployment(tmp_path).make()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for name in removed.split():
        (tmp_path / name).unlink()
    Deployment(tmp_path).make()
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert set(before) == set(after)
    changed = {str(path.relative_to(tmp_path)) for path in after if before[path] != after[path]}
    assert changed == {*removed.split(), *ANEW[removed]}


def test_operators_are_led_to_it() -> None:
    for page in ("README.md", "deploy/README.md", "shared/guides/operator.md"):
        assert "SECURITY.md)" in (ROOT / page).read_text(), page
