"""What an entry is found by beside its words."""

import pytest
from cri_shared.index.documents import document_id, keywords_of, names_of, version_of
from cri_shared.places import COUNTRIES, TOPICS


def pieces(lines: list[str]) -> set[str]:
    return {piece for line in lines for piece in line.split(", ")}


def test_a_country_is_found_by_its_names_in_every_readers_language() -> None:
    names = pieces(keywords_of("GE", []))
    assert {"Georgië", "Géorgie", "Georgia", "Грузия", "جورجيا", "Gjeorgji"} <= names
    assert "საქართველო" in names, "what it is called there"
    assert all(len(pieces(keywords_of(code, []))) > 3 for code in COUNTRIES)


def test_topics_are_found_by_their_names_and_those_of_their_group() -> None:
    lines = keywords_of("GE", ["health.medication", "health.access"])
    assert {"Health", "Santé", "Medicines: availability and price"} <= pieces(lines)
    assert len(lines) == len(set(lines)) == 4, "the country, both topics and their group, once"
    assert all(len(keywords_of("GE", [code])) > 1 for code in TOPICS)


def test_names_are_found_without_their_languages_articles_and_endings() -> None:
    assert {"سكن", "wohn"} <= pieces(keywords_of("AF", ["housing.rent"]))
    assert not {"wohn", "سكن"} & set(names_of("AF", ["housing.rent"]))


@pytest.mark.parametrize("version", [("e1", "fa-AF"), ("old_entry_7", "ti"), ("-", "en")])
def test_an_id_says_of_which_version_it_is(version: tuple[str, str]) -> None:
    assert version_of(document_id(*version)) == version
