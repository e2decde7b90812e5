"""Packed lists: the words of a list, and no others, from files that all processes share."""

from pathlib import Path

import pytest
from cri_shared.privacy.detectors import packed
from cri_shared.privacy.detectors.lists import allowed, cities, given_names, large_cities


def test_every_word_of_a_list_is_in_it_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [f"town {number}" for number in range(1000)] + ["Гюмри", "ጎንደር", ""]
    monkeypatch.setattr(packed, "file_of", lambda name: tmp_path / name)
    (tmp_path / "towns").write_bytes(packed.packed([*words, *words]))
    towns = packed.Packed("towns")
    assert all(word in towns for word in words)
    assert not any(word in towns for word in ("town 1000", "town", "Town 1", "\ud83d"))


def test_the_lists_know_what_they_are_of() -> None:
    assert "gyumri" in cities()
    assert "bruxelles" in large_cities()
    assert "armenia" in allowed()
    assert "ahmad" in given_names()
    assert "insulin" not in cities()
