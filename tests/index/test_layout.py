"""A directory that an older release laid out otherwise is written anew at the start."""

import json
from pathlib import Path

import tantivy as tv
from cri_index.catalogue import Catalogue
from cri_index.settings import DEFAULTS
from cri_index.store import Store, instant

SETTINGS = {**DEFAULTS, "searchableAttributes": ["question"], "filterableAttributes": ["country"]}


def lay_out_as_before(directory: Path, documents: list[dict[str, str]]) -> None:
    """The documents alone, in fields that nobody searches any more."""
    directory.mkdir(parents=True)
    builder = tv.SchemaBuilder()
    builder.add_bytes_field("document", stored=True)
    index = tv.Index(builder.build(), str(directory))
    writer = index.writer(15_000_000, 1)
    for document in documents:
        writer.add_document(tv.Document(document=json.dumps(document).encode()))
    writer.commit()
    writer.wait_merging_threads()


def test_its_documents_are_kept_and_found(tmp_path: Path) -> None:
    root, store = tmp_path / "indexes", Store(tmp_path / "index.db")
    documents = [{"id": f"e{number}", "question": "Insulin?"} for number in range(3)]
    lay_out_as_before(root / "before", documents)
    now = instant()
    row = ("entries", "before", "id", json.dumps(SETTINGS), now, now)
    with store.transaction() as work:
        work.execute("insert into indexes values (?, ?, ?, ?, ?, ?)", row)

    catalogue = Catalogue(store, root)
    engine = catalogue.get("entries").engine
    assert engine.count == 3
    assert engine.document("e1") == documents[1]
    assert not (root / "before").exists()
    catalogue.close()

    again = Catalogue(store, root)
    assert again.get("entries").engine.directory == engine.directory, "and is left as it is now"
    again.close()
    store.close()
