"""`cri-intake` for organisations and their keys: what it prints, and how it refuses."""

import re
from pathlib import Path

import pytest
from cri_intake.settings import Settings
from cri_shared.testing.services import settings_for

from tests.intake.conftest import said, typed


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    told = settings_for(Settings, tmp_path)
    typed(told, monkeypatch)
    return told


def test_an_organisation_is_added_once_and_its_key_is_printed_once() -> None:
    status, key = said("add-organisation", "Caritas")
    assert (status, key.count("\n")) == (0, 1)
    assert re.fullmatch(r"cri_live_\w+_[\w-]{43}\n", key)
    assert said("add-organisation", "Caritas") == (
        2,
        "There is an organisation with this name. Choose another one.\n",
    )
    status, listed = said("organisations")
    assert (status, listed.count("Caritas"), listed.count("never used")) == (0, 1, 1)


def test_wrong_settings_are_told_in_a_line_and_never_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CRI_INTAKE_PORT", "a-secret")
    status, told = said("add-organisation", "Caritas")
    assert (status, told) == (2, "Settings are not usable: port: int_parsing\n")
    monkeypatch.setenv("CRI_INTAKE_OIDC_ROLES", "{a-secret")
    status, told = said("add-organisation", "Caritas")
    assert (status, told.count("\n"), "a-secret" in told) == (2, 1, False)
    assert 'field "oidc_roles"' in told
