"""One index in one directory: documents in, searches out. One process owns the directory."""

import re
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import tantivy as tv

from cri_index import filters
from cri_index.errors import bad_request
from cri_index.ranking import condition
from cri_index.schema import KEEPING, Document, Fields, document_of
from cri_index.settings import Settings
from cri_index.vocabulary import Vocabulary
from cri_index.words import Known, Lexicon

# Holds some 8,000 answers: fifty thousand become fewer segments than the engine puts together.
WRITER_HEAP = 50_000_000
_ID = re.compile(r"[A-Za-z0-9_-]{1,511}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The documents and settings of one moment, which a search keeps to."""

    searcher: tv.Searcher
    fields: Fields
    settings: Settings
    known: Known


class Engine:
    """Reads from any thread, writes from one at a time.

    What is written is found after `commit`, and survives the end of the process from then on.
    """

    def __init__(self, directory: Path, settings: Settings, primary_key: str | None) -> None:
        self.directory = directory
        self.primary_key = primary_key
        self.fields = Fields(settings)
        self.obey(settings)
        directory.mkdir(parents=True, exist_ok=True)
        self._index = tv.Index(self.fields.schema, str(directory))
        self._index.register_tokenizer(KEEPING, _nothing())
        self._index.config_reader("manual")
        self._writer: tv.IndexWriter | None = None
        self._lock = threading.RLock()
        self._written_at = 0.0
        self._refresh()
        # The greatest id that was put, since there was no document: none beyond it is to be
        # replaced. None where there were documents before.
        self._last = None if self._searcher.num_docs else ""
        fields = self.fields.words
        self._words = Vocabulary((words for words, _, _ in fields), self._searcher)
        self._stems = Vocabulary((stems for _, stems, _ in fields), self._searcher)

    def _refresh(self) -> None:
        self._index.reload()
        self._listed: list[str] | None = None
        self._searcher = self._index.searcher()
        if not self.fields.names and (found := self._searcher.search(tv.Query.all_query(), 1).hits):
            self.fields.learn(document_of(self._searcher.doc(found[0][1])))

    def obey(self, settings: Settings) -> None:
        """Follow settings that need no indexing: stop words, synonyms, typos, limits."""
        self.settings = settings
        self._lexicon = Lexicon.of(settings)

    @property
    def count(self) -> int:
        """How many documents can be found."""
        found: int = self._searcher.num_docs
        return found

    def snapshot(self) -> Snapshot:
        """What a search that starts now searches."""
        known = Known(self._lexicon, self._words, self._stems)
        return Snapshot(self._searcher, self.fields, self.settings, known)

    def checked(self, documents: list[Document]) -> list[tuple[str, Document]]:
        """(id, document) of each; ApiError 400 where an id is missing or of other characters."""
        key = self.primary_key
        checked: list[tuple[str, Document]] = []
        for document in documents:
            if key not in document:
                raise bad_request("missing_document_id", f"A document has no `{key}` attribute.")
            value = document[key]
            if not isinstance(value, int | str) or not _ID.fullmatch(str(value)):
                raise bad_request(
                    "invalid_document_id",
                    "A document identifier can be of type integer or string, only composed of"
                    " alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and"
                    " can not be more than 511 bytes.",
                )
            checked.append((str(value), document))
        return checked

    def put(self, documents: Iterable[tuple[str, Document]]) -> None:
        """Add or replace documents that were `checked`."""
        with self._lock:
            writer = self._writing()
            for identity, document in documents:
                indexed, texts = self.fields.indexed(identity, document)
                if self._last is None or identity <= self._last:
                    writer.delete_documents_by_term("id", identity)
                else:
                    self._last = identity
                writer.add_document(indexed)
                for words, stems in texts:
                    self._words.expect(words)
                    self._stems.expect(stems)

    def delete(self, identities: Iterable[str]) -> None:
        """Remove documents; unknown ids are no error."""
        with self._lock:
            writer = self._writing()
            for identity in identities:
                writer.delete_documents_by_term("id", identity)

    def delete_where(self, tree: filters.Filter) -> None:
        """Remove the documents that a filter finds."""
        with self._lock:
            query = condition(tree, self.fields, "invalid_document_filter")
            self._writing().delete_documents_by_query(query)

    def delete_all(self) -> None:
        """Remove everything."""
        with self._lock:
            self._writing().delete_all_documents()

    def commit(self) -> None:
        """Make everything written so far durable and let searches find it."""
        with self._lock:
            self._writing().commit()
            self._refresh()
            self._words.learn(self._searcher)
            self._stems.learn(self._searcher)

    def forget(self) -> None:
        """Drop what was written since the last commit."""
        with self._lock:
            self._writer = None
            self._words.forget()
            self._stems.forget()

    def _writing(self) -> tv.IndexWriter:
        self._written_at = time.monotonic()
        if self._writer is None:
            self._writer = self._index.writer(WRITER_HEAP, 1)
        return self._writer

    def rest(self, idle_seconds: float) -> None:
        """Give the writer's memory back when nothing was written for so long; merges finish."""
        with self._lock:
            if self._writer and time.monotonic() - self._written_at >= idle_seconds:
                self._writer.wait_merging_threads()
                self._writer = None

    def close(self) -> None:
        """Let go of the directory; nothing may be written after this."""
        self.rest(0)

    def document(self, identity: str) -> Document | None:
        """The document with this id."""
        return self._kept(self._searcher, identity)

    def page(self, offset: int, limit: int) -> tuple[int, list[Document]]:
        """How many documents there are, and some of them in the order of their ids."""
        searcher, ids = self._searcher, self._listed
        if ids is None:
            # Asked among all documents, the engine leaves out the ids of those that are removed.
            terms = searcher.terms_with_prefix("id", "", tv.Query.all_query())
            ids = sorted(identity for identity, _ in terms)
            if searcher is self._searcher:
                self._listed = ids  # the next page is likely to be asked for
        found = [self._kept(searcher, identity) for identity in ids[offset : offset + limit]]
        return searcher.num_docs, [each for each in found if each is not None]

    def _kept(self, searcher: tv.Searcher, identity: str) -> Document | None:
        wanted = tv.Query.term_query(self.fields.schema, "id", identity)
        found = searcher.search(wanted, limit=1)
        return document_of(searcher.doc(found.hits[0][1])) if found.hits else None

    def documents(self) -> Iterator[Document]:
        """Every document, in the order of the engine."""
        return _documents(self._searcher)


def _nothing() -> tv.TextAnalyzer:
    """Finds no word in a text, so that it is kept and cannot be searched."""
    return tv.TextAnalyzerBuilder(tv.Tokenizer.raw()).filter(tv.Filter.remove_long(1)).build()


def documents_laid_out_otherwise(directory: Path, settings: Settings) -> Iterator[Document] | None:
    """The documents of a directory whose fields are not those of now; None if they are."""
    if not (directory.is_dir() and tv.Index.exists(str(directory))):
        return None
    index = tv.Index.open(str(directory))
    return None if index.schema == Fields(settings).schema else _documents(index.searcher())


def _documents(searcher: tv.Searcher) -> Iterator[Document]:
    found = searcher.search(tv.Query.all_query(), limit=max(1, searcher.num_docs), count=False)
    return (document_of(searcher.doc(address)) for _, address in found.hits)
