"""Whether the right answer comes first when every long word of a question is misspelt.

The figure of the design was taken on published sets of questions and paragraphs in 11 languages,
which are not part of this repository. Here both are made, seeded, in the 8 languages of `corpus`:

- 250 entries for each language, all in one index, none filtered away;
- 100 questions for each language, each about one entry: four telling words of that entry, two
  telling words that it does not have (people use words of their own) and four everyday words that
  many entries have, in any order;
- then one random edit in every word of five letters or more, never of its first letter.

Telling words are drawn as they occur in the entry, leaving out the 300 commonest of a language.
What is made has no synonyms, inflections or topics that entries share: it tests spelling, fusion
and rank, and is to be read beside the demo's own questions, which people wrote: they are asked as
well, misspelt in the same way, with the demo's entries standing among the others.
"""

import json
import random
from importlib.resources import files
from typing import Any

from cri_shared.index.documents import EntryDocument, document_id
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.port import Query
from cri_shared.places import canonical_language
from cri_shared.testing.entries import entry

from tests.bench.corpus import LANGUAGES, Synthetic, entries, misspelt, vocabulary
from tests.bench.report import Row
from tests.bench.stage import Stage

EACH = 250
QUESTIONS = 100
COMMON, EVERYDAY = 300, 60
TOLD, OWN, SMALL = 4, 2, 4  # words of a question: the entry's, other telling ones, everyday ones
UID = "entries_relevance"
Asked = tuple[str, str, str]  # language, question, id of the right entry


async def measure(stage: Stage) -> list[Row]:
    """Mean reciprocal rank among the first ten, on cri-index by the port that services use."""
    server = await stage.index()
    write, read = server.keys()
    writing, reading = (MeilisearchIndex(server.url, key, UID) for key in (write, read))
    made = list(entries(EACH * len(LANGUAGES), seed=3))
    dice = random.Random(5)
    await writing.ensure()
    await writing.put([_document(one) for one in made])
    await writing.put(_demo_documents())
    count = 40 if stage.quick else QUESTIONS
    asked = [each for language in LANGUAGES for each in _questions(made, language, count, dice)]
    clean = await _by_language(reading, asked)
    typed = await _by_language(reading, [_with_typos(each, dice) for each in asked])
    demo = await _by_language(reading, [_with_typos(each, dice) for each in _demo_questions()])
    for one in (writing, reading):
        await one.close()
    return [
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
            f"MRR@10, {len(_demo_questions())} questions of the demo, a typo in every long word",
            _mean(demo),
            "",
            note=_each(demo),
        ),
    ]


def _document(one: Synthetic) -> EntryDocument:
    return entry(
        one.entry_id,
        one.language,
        question=one.question,
        answer=one.answer,
        country=one.country,
        keywords=[],
    )


def _questions(
    made: list[Synthetic], language: str, count: int, dice: random.Random
) -> list[Asked]:
    words = vocabulary(language)[0]
    common, everyday = set(words[:COMMON]), words[:EVERYDAY]
    asked = []
    for one in dice.sample([each for each in made if each.language == language], count):
        has = set(f"{one.question} {one.answer}".split())
        telling = sorted(has - common)
        own = [word for word in dice.sample(words[COMMON:5000], 20) if word not in has]
        chosen = [*dice.sample(telling, TOLD), *own[:OWN], *dice.sample(everyday, SMALL)]
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
        ids = [*dict.fromkeys(str(hit.document["entry_id"]) for hit in page.hits)]
        rank = ids.index(right) + 1 if right in ids else 0
        found.setdefault(language, []).append(1 / rank if rank else 0.0)
    return found


def _mean(found: dict[str, list[float]]) -> float:
    means = [sum(each) / len(each) for each in found.values()]
    return sum(means) / len(means)


def _each(found: dict[str, list[float]]) -> str:
    return ", ".join(f"{tag} {sum(each) / len(each):.2f}" for tag, each in found.items())


def _demo() -> list[dict[str, Any]]:
    demo = json.loads(files("cri_stack").joinpath("data/demo.json").read_text())
    questions: list[dict[str, Any]] = demo["questions"]
    return questions


def _demo_documents() -> list[EntryDocument]:
    """The demo's entries: the public question and answer in every language that has both or one."""
    documents = []
    for one in _demo():
        asked, answer = one["question_public"], one["answer"]
        answers = {answer["lang"]: answer["text"], **one.get("public_answer", {})}
        questions = {**one["title"], asked["lang"]: asked["text"]}
        for tag, text in answers.items():
            language = canonical_language(tag)
            question = questions.get(tag, asked["text"])
            made = entry(one["ref"], language, question=question, answer=text, keywords=[])
            documents.append(made | {"id": document_id(one["ref"], language)})
    return documents


def _demo_questions() -> list[Asked]:
    """What its askers wrote, and what was asked of the partner, in the language of each."""
    asked = []
    for one in _demo():
        research = one["question_research"]
        for tag, text in ((one["language"], one["question_raw"]), tuple(research.values())):
            asked.append((canonical_language(tag), text, one["ref"]))
    return asked
