"""What was put last is there and can be found, whatever came before it and in whatever order."""

from pathlib import Path

import pytest
from cri_index.engine import Engine
from cri_index.schema import Fields
from cri_index.settings import DEFAULTS
from cri_shared.index.text import analyse, language_of
from hypothesis import example, given
from hypothesis import strategies as st

SETTINGS = {**DEFAULTS, "searchableAttributes": ["answer", "keywords"], "filterableAttributes": []}


def opened(directory: Path) -> Engine:
    return Engine(directory, SETTINGS, "id")


@pytest.mark.parametrize("opened_again", [False, True], ids=["new", "opened again"])
@pytest.mark.parametrize(
    "steps",
    [
        ["put a b c", "put b", "put d"],
        ["put b-1 b b-1 10 9", "put 9"],
        ["put a b", "delete b", "put b a b"],
        ["put c", "delete c d", "put d c"],
        ["put b", "put a c a", "delete a"],
    ],
    ids=lambda steps: ", ".join(steps),
)
def test_each_id_has_the_document_that_was_put_last(
    tmp_path: Path, steps: list[str], opened_again: bool
) -> None:
    engine = opened(tmp_path)
    wanted: dict[str, dict[str, str]] = {}
    for number, (step, *ids) in enumerate(each.split() for each in steps):
        if step == "put":
            documents = [{"id": one, "answer": f"{number} {at}"} for at, one in enumerate(ids)]
            engine.put(engine.checked(documents))
            wanted |= {each["id"]: each for each in documents}
        else:
            engine.delete(ids)
            wanted = {each: wanted[each] for each in wanted if each not in ids}
        if opened_again:
            engine.commit()
            engine.close()
            engine = opened(tmp_path)
    engine.commit()
    assert {each["id"]: each for each in engine.documents()} == wanted
    assert engine.count == len(wanted)
    engine.close()


@given(st.text(max_size=60), st.sampled_from(["en", "fr", "ar", "fa-AF", "ru", "xx"]))
@example("l'hôpital — “no”, กรุงเทพ \u0301 ـ", "fr")
def test_a_text_is_searched_by_its_words_and_their_stems(text: str, language: str) -> None:
    document = {"id": "a", "language": language, "answer": text, "keywords": [text]}
    _, texts = Fields(SETTINGS).indexed("a", document)
    words, stems = analyse(text, language_of(language))
    # Whatever marks need, the engine cuts lines at blanks.
    found = [(words.split(), stems.split()) for words, stems in texts]
    assert [each for each in found if each[0]] == ([(words, stems)] * 2 if words else [])


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_letter_that_is_read_while_documents_are_put_knows_their_words(
    tmp_path: Path, asked_before: bool
) -> None:
    engine = opened(tmp_path)
    words = engine.snapshot().known.words
    if asked_before:
        assert not words.near("bazar", 1)
    engine.put([("one", {"id": "one", "answer": "bazaar"})])
    assert not words.near("bazar", 1), "nobody finds it yet"
    engine.commit()
    assert words.near("bazar", 1) == [("bazaar", 1)]
    engine.close()


def test_words_that_begin_so_are_those_of_the_engine_however_they_are_looked_up(
    tmp_path: Path,
) -> None:
    engine = opened(tmp_path)
    texts = ["bank banks bazaar", "bank banking", "bank bazaars", "banks bazaar", "gone banquet"]
    names = ["bazaar", "banknote", "", "bank", ""]
    documents = [
        {"id": str(at), "answer": text, "keywords": [name]}
        for at, (text, name) in enumerate(zip(texts, names, strict=True))
    ]
    engine.put(engine.checked(documents))
    engine.commit()
    starts = ("b", "ban", "bank", "banks", "bank-", "baz", "g", "x")
    by_the_engine = [engine.snapshot().known.words.completions(start, 3) for start in starts]
    assert by_the_engine[:3] == [
        ["bank", "bazaar", "banks"],
        ["bank", "banks", "banking"],
        ["bank", "banks", "banking"],
    ]

    for start in starts:
        engine.snapshot().known.words.near(start, 1)  # reads the words of its letter
    by_the_list = [engine.snapshot().known.words.completions(start, 3) for start in starts]
    assert by_the_list == by_the_engine
    many = engine.snapshot().known.words.completions("ba", 24)
    assert many == ["bank", "bazaar", "banks", "banking", "banknote", "banquet", "bazaars"]
    engine.close()
