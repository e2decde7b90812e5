"""Judged queries: what people ask, and which entries answer it; both written by hand.

`judged/<language>.txt` holds subjects. Each is asked about in two places, so the nearest miss of an
entry is the same subject elsewhere, and the next one another subject in the same place:

    = <subject> <topic>
    Q <question, with {town}>
    A <what is true in both places>
    @ <country> <town, as the question has it>: <what is true there alone>
    ? words            answered by the entries of both places (?1, ?2: by that of one place)
    ~ words            the same thing in words that the entry does not have
    ^ words            the same in another language

`judged/names.txt` holds the names of topics and countries as readers of every language type them;
every entry about them, in whatever language, is a right answer.

Every third query of a language is held out: no weight, synonym or rule was chosen by looking at it.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from cri_shared.index.documents import EntryDocument, keywords_of, readers_of
from cri_shared.index.port import Query, SearchIndex
from cri_shared.testing.entries import entry

from tests.bench.corpus import misspelt

FOLDER = Path(__file__).parent / "judged"
WRITTEN = ("nl", "fr", "en", "ar", "ru", "es", "sq", "fa-AF", "ka", "hy", "am", "ti")
LANGUAGES = (*WRITTEN, "de")  # German has no entries of its own, only names
Kind = Literal["written", "other words", "another language", "phrase", "name", "typos", "beginning"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_MARKS: dict[str, Kind] = {"?": "written", "~": "other words", "^": "another language"}
_QUERY = re.compile(r"([?~^])([12]?) (.+)")
_HELD_OUT_EVERY = 3
_CUT, _LONG_ENOUGH = 4, 6  # letters of a last word that is not finished yet


@dataclass(frozen=True)
class Judged:
    """One query of a reader, and the ids of the entries that answer it."""

    language: str
    kind: Kind
    words: str
    right: frozenset[str]
    held_out: bool


@dataclass(frozen=True)
class Score:
    """How one query was answered."""

    asked: Judged
    recall: float  # share of the right entries (of five, if more) among the first five
    reciprocal: float  # 1 / rank of the first right one among ten, 0 beyond
    found: int  # entries in all, right or not

    @property
    def empty(self) -> bool:
        """Whether nothing was found."""
        return not self.found


@dataclass(frozen=True)
class Figures:
    """Means over some queries."""

    recall: float
    reciprocal: float
    empty: float

    @classmethod
    def of(cls, scores: Sequence[Score]) -> "Figures":
        """The means; of at least one query."""
        count = len(scores)
        return cls(
            sum(one.recall for one in scores) / count,
            sum(one.reciprocal for one in scores) / count,
            sum(one.empty for one in scores) / count,
        )


# What cri-index must reach on all queries together; below it, something was broken.
FLOORS = Figures(recall=0.98, reciprocal=0.96, empty=0.005)
# In no language and for no kind of query may the right answer be further down than this.
LEAST_RECIPROCAL = 0.8


@cache
def library() -> tuple[EntryDocument, ...]:
    """Every entry as the index holds it."""
    return tuple(each for tag in WRITTEN for each, _ in _read(tag) if each is not None)


@cache
def judged() -> tuple[Judged, ...]:
    """Every query: as written, then with typing mistakes, then with its last word unfinished."""
    written = [_with_other_languages(each) for tag in WRITTEN for each in _queries(tag)]
    dice = random.Random(17)
    plain = [each for each in written if each.kind == "written"]
    typos = [replace(each, kind="typos", words=_mistyped(each, dice)) for each in plain]
    cut = [
        replace(each, kind="beginning", words=" ".join([*others, last[:_CUT]]))
        for each in plain
        for *others, last in [each.words.split()]
        if len(last) >= _LONG_ENOUGH
    ]
    return (*written, *names(), *typos, *cut)


@cache
def names() -> tuple[Judged, ...]:
    """The names of topics and countries; the entries about them are right."""
    blocks = (FOLDER / "names.txt").read_text().strip().split("\n\n")
    asked = [
        Judged(language, "name", words, _about(about), held_out=False)
        for about, *lines in (block.split("\n") for block in blocks)
        for language, words in (line.split(" ", 1) for line in lines)
    ]
    return tuple(_some_held_out(asked))


def _about(code: str) -> frozenset[str]:
    return frozenset(
        each["entry_id"] for each in library() if code in (*each["topic_groups"], each["country"])
    )


def _with_other_languages(asked: Judged) -> Judged:
    """Who asks in a foreign language is answered as well by the same subject and country in it."""
    if asked.kind != "another language":
        return asked
    about = {
        (_subject(each), each["country"]) for each in library() if each["entry_id"] in asked.right
    }
    right = (each["entry_id"] for each in library() if (_subject(each), each["country"]) in about)
    return replace(asked, right=frozenset(right))


def _subject(document: EntryDocument) -> str:
    return document["entry_id"].split("-")[-2]


def _mistyped(each: Judged, dice: random.Random) -> str:
    """A mistake in every word of five letters or more."""
    return " ".join(misspelt(word, each.language, dice) for word in each.words.split())


def _queries(language: str) -> Iterator[Judged]:
    yield from _some_held_out(query for _, query in _read(language) if query is not None)


def _some_held_out(asked: Iterable[Judged]) -> Iterator[Judged]:
    for number, query in enumerate(asked, start=1):
        yield replace(query, held_out=number % _HELD_OUT_EVERY == 0)


def _read(language: str) -> Iterator[tuple[EntryDocument | None, Judged | None]]:
    """Entries and queries of a language in the order of the file, one of the two at a time."""
    text = (FOLDER / f"{language}.txt").read_text()
    for block in text.strip().split("\n\n"):
        head, question, answer, *lines = block.split("\n")
        subject, topic = head.removeprefix("= ").split()
        ids: list[str] = []
        for line in lines:
            if line.startswith("@ "):
                ids.append(f"{language}-{subject}-{len(ids) + 1}")
                yield _entry(ids[-1], language, topic, question, answer, line), None
            else:
                yield None, _query(line, language, ids)


def _entry(
    entry_id: str, language: str, topic: str, question: str, answer: str, place: str
) -> EntryDocument:
    where, _, only_there = place.removeprefix("@ ").partition(": ")
    country, _, town = where.partition(" ")
    return entry(
        entry_id,
        language,
        readers=readers_of([language])[language],
        question=question.removeprefix("Q ").replace("{town}", town),
        answer=f"{answer.removeprefix('A ')} {only_there}",
        keywords=keywords_of(country, [topic]),
        country=country,
        topics=[topic],
        topic_groups=[topic.split(".")[0]],
    )


def _query(line: str, language: str, ids: Sequence[str]) -> Judged:
    found = _QUERY.fullmatch(line)
    if found is None:
        raise ValueError(f"not a judged query: {line}")
    mark, place, words = found.groups()
    kind = "phrase" if words.startswith('"') else _MARKS[mark]
    right = [ids[int(place) - 1]] if place else ids
    return Judged(language, kind, words, frozenset(right), held_out=False)


async def scores(index: SearchIndex, asked: Iterable[Judged]) -> list[Score]:
    """Ask an index that holds the library, as the search service does."""
    return [await _score(index, each) for each in asked]


async def _score(index: SearchIndex, asked: Judged) -> Score:
    page = await index.search(
        Query(
            asked.words,
            filters={"readers": [asked.language]},
            per_page=10,
            languages=[asked.language],
        )
    )
    found = [hit.entry_id for hit in page.hits]
    ranks = [rank for rank, each in enumerate(found, start=1) if each in asked.right]
    return Score(
        asked,
        recall=sum(rank <= 5 for rank in ranks) / min(5, len(asked.right)),
        reciprocal=1 / ranks[0] if ranks else 0.0,
        found=page.total,
    )
