"""Whether the right answer comes first when every long word of a question is misspelt.

The figure of the design was taken on published sets of questions and paragraphs in 11 languages,
which are not part of this repository. Here both are made, seeded, in the 8 languages of `corpus`:

- 250 entries for each language, all in one index, none filtered away;
- 100 questions for each language, each about one entry: two words of its subject that it has, two
  other telling words of it, two telling words that it does not have (people use words of their
  own) and four everyday words that many entries have, in any order;
- then one random edit in every word of five letters or more, never of its first letter.

Harder ones ask, in place of the subject, for what an entry mentions in passing; they have no limit.
What is made knows no inflection, no synonyms and no topics that entries share: it tests spelling
and rank. Beside it stand the demo's texts, which people wrote, among the same entries: its titles
and the questions that partners were asked, in each language that the entry is published in.

What people mean is in the judged queries of `judging`, on cri-index, and on a Meilisearch where
CRI_TEST_MEILI_URL and CRI_TEST_MEILI_KEY name one.
"""

import os
import random
from collections.abc import Iterator
from functools import cache

from cri_shared import clock
from cri_shared.index.documents import EntryDocument
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.port import Query
from cri_shared.places import canonical_language
from cri_shared.testing.entries import entry
from cri_stack.demo.content import Content, Question

from tests.bench import judging
from tests.bench.corpus import (
    COMMON,
    LANGUAGES,
    Synthetic,
    entries,
    misspelt,
    telling,
    vocabulary,
)
from tests.bench.judging import FLOORS, KINDS, Figures, Score, judged, scores
from tests.bench.report import Row
from tests.bench.stage import Stage

EACH = 250
QUESTIONS = 100
EVERYDAY = 60  # of so many commonest words
SUBJECT, TOLD, OWN, SMALL = 2, 2, 2, 4  # words of a question
UID, JUDGED_UID = "entries_relevance", "entries_judged"
Asked = tuple[str, str, str]  # language, question, id of the right entry


async def measure(stage: Stage) -> list[Row]:
    """Mean reciprocal rank among the first ten, on cri-index by the port that services use."""
    server = await stage.index()
    write, read = server.keys()
    writing, reading = (MeilisearchIndex(server.url, key, UID) for key in (write, read))
    made = list(entries(EACH * len(LANGUAGES), seed=3))
    dice = random.Random(5)
    await writing.ensure()
    await writing.put([document(one) for one in made])
    await writing.put(_demo_documents())
    count = 40 if stage.quick else QUESTIONS
    asked = [each for tag in LANGUAGES for each in _questions(made, tag, count, dice)]
    beside = [each for tag in LANGUAGES for each in _questions(made, tag, count, dice, about=0)]
    clean = await _by_language(reading, asked)
    typed = await _by_language(reading, [_with_typos(each, dice) for each in asked])
    hard_clean = await _by_language(reading, beside)
    hard = await _by_language(reading, [_with_typos(each, dice) for each in beside])
    demo = await _by_language(reading, [_with_typos(each, dice) for each in _demo_questions()])
    for one in (writing, reading):
        await one.close()
    return [
        *await _judged(stage),
        Row(
            f"MRR@10, {len(asked)} questions, a typo in every long word",
            _mean(typed),
            "",
            limit=0.90,
            at_least=True,
            raw=_mean(clean),
            raw_what="as written, without typos",
            note=_each(typed),
        ),
        Row(
            "MRR@10, the same about words that an entry mentions once, beside its subject",
            _mean(hard),
            "",
            raw=_mean(hard_clean),
            raw_what="as written, without typos",
            note=_each(hard),
        ),
        Row(
            f"MRR@10, {len(_demo_questions())} questions of the demo, a typo in every long word",
            _mean(demo),
            "",
            note=_each(demo),
        ),
    ]


async def _judged(stage: Stage) -> list[Row]:
    """Recall, rank and empty pages for every engine, each with its figures by language and kind."""
    server = await stage.index()
    engines = {"cri-index": (server.url, server.master_key)}
    if url := os.environ.get("CRI_TEST_MEILI_URL"):
        engines["Meilisearch"] = (url, os.environ["CRI_TEST_MEILI_KEY"])
    rows: list[Row] = []
    for engine, (url, key) in engines.items():
        index = MeilisearchIndex(url, key, JUDGED_UID)
        await index.ensure()
        await index.put(judging.library())
        rows += _judged_rows(engine, await scores(index, judged()))
        await index.close()
    return rows


def _judged_rows(engine: str, found: list[Score]) -> Iterator[Row]:
    ours = engine == "cri-index"
    held_out = Figures.of([one for one in found if one.asked.held_out])
    whole = Figures.of(found)
    for name, what in (
        ("recall", "recall@5"),
        ("reciprocal", "MRR@10"),
        ("empty", "share without any result"),
    ):
        yield Row(
            f"{engine}, {len(found)} judged queries of {len(judging.library())} entries: {what}",
            getattr(whole, name),
            "",
            limit=getattr(FLOORS, name) if ours else None,
            at_least=name != "empty",
            raw=getattr(held_out, name),
            raw_what="held out",
            note=_by_part(found, name),
        )


def _by_part(found: list[Score], name: str) -> str:
    """One figure by language and by kind of query."""
    parts = {
        **{tag: [one for one in found if one.asked.language == tag] for tag in judging.LANGUAGES},
        **{kind: [one for one in found if one.asked.kind == kind] for kind in KINDS},
    }
    told = (f"{part} {getattr(Figures.of(of), name):.2f}" for part, of in parts.items())
    return ", ".join(told)


def document(one: Synthetic) -> EntryDocument:
    """A synthetic entry as the index takes it."""
    return entry(
        one.entry_id,
        one.language,
        question=one.question,
        answer=one.answer,
        country=one.country,
        keywords=[],
    )


def _questions(
    made: list[Synthetic], language: str, count: int, dice: random.Random, *, about: int = SUBJECT
) -> list[Asked]:
    words = vocabulary(language)[0]
    asked = []
    for one in dice.sample([each for each in made if each.language == language], count):
        has = set(f"{one.question} {one.answer}".split())
        subject = [word for word in one.subject if word in has]
        others = sorted(has - set(words[:COMMON]) - set(subject))
        own = [word for word in telling(language, 20, dice) if word not in has]
        chosen = [*dice.sample(subject, about), *dice.sample(others, SUBJECT + TOLD - about)]
        chosen += own[:OWN]
        chosen += dice.sample(words[:EVERYDAY], SMALL)
        dice.shuffle(chosen)
        asked.append((language, " ".join(chosen), one.entry_id))
    return asked


def _with_typos(asked: Asked, dice: random.Random) -> Asked:
    language, question, right = asked
    words = (misspelt(word, language, dice) for word in question.split())
    return language, " ".join(words), right


async def _by_language(index: MeilisearchIndex, asked: list[Asked]) -> dict[str, list[float]]:
    """Language -> 1 / rank of the right entry for each question, 0 where it is not among ten."""
    found: dict[str, list[float]] = {}
    for language, question, right in asked:
        page = await index.search(Query(question, per_page=10, languages=[language]))
        ids = [*dict.fromkeys(hit.entry_id for hit in page.hits)]
        rank = ids.index(right) + 1 if right in ids else 0
        found.setdefault(language, []).append(1 / rank if rank else 0.0)
    return found


def _mean(found: dict[str, list[float]]) -> float:
    means = [sum(each) / len(each) for each in found.values()]
    return sum(means) / len(means)


def _each(found: dict[str, list[float]]) -> str:
    return ", ".join(f"{tag} {sum(each) / len(each):.2f}" for tag, each in found.items())


@cache
def _demo() -> list[Question]:
    return Content.load(clock.today()).questions


def _demo_documents() -> list[EntryDocument]:
    """The demo's public questions and answers, in every language that has both."""
    return [
        entry(one.ref, language, question=question, answer=answer, keywords=[])
        for one in _demo()
        for language, (question, answer) in one.versions.items()
    ]


def _demo_questions() -> list[Asked]:
    """Titles, and what partners were asked; neither is part of an entry."""
    asked = []
    for one in _demo():
        research = one.data["question_research"]
        texts = [*one.data["title"].items(), (research["lang"], research["text"])]
        for tag, text in texts:
            if (language := canonical_language(tag)) in one.versions:
                asked.append((language, text, one.ref))
    return asked
