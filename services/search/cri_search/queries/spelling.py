"""Did you mean: misspelt words of a search, by the words of the own copy of what is public."""

from collections.abc import Iterable

from cri_shared.db import Database, Glance
from cri_shared.index.near import WordList
from cri_shared.index.text import fold, pieces
from sqlalchemy import bindparam, func, select

from cri_search.models import Word
from cri_search.rules.spelling import Shelves, Spelling, meant_by, mistakes

_INITIALS = select(Word.initial).distinct()
_ON_SHELF = select(Word.word).distinct().where(Word.initial == bindparam("initial")).subquery()
_IN_ONE = select(func.aggregate_strings(_ON_SHELF.c.word, " "))  # thousands of rows take longer
_ALL_OF = Glance(
    select(Word.word, Word.language, Word.written, Word.entries).where(
        Word.word.in_(bindparam("words", expanding=True))
    ),
    "words",
)


async def meant(
    copy: Database, shelves: Shelves, words: str, reader: str, *, in_vain: bool = False
) -> str | None:
    """The words without their spelling mistakes; None where there are none that we can mend.

    `in_vain`: the search found nothing, so the mistake may be in a first letter. A word that is
    still being typed, and may yet become one of ours, is no mistake. What is proposed stands in
    answers at this moment.
    """
    parts = pieces(words)
    wrong: dict[int, list[WordList]] = {}
    for at in range(1, len(parts), 2):
        word = fold(parts[at])
        if not mistakes(word):
            continue
        own = await _shelf(copy, shelves, word[0])
        unfinished = at == len(parts) - 2 and not parts[-1]
        if not (own.holds(word) or (unfinished and own.completes(word))):
            wrong[at] = [own]
    mended = await _mended(copy, parts, wrong, reader, in_vain)
    if in_vain and len(mended) < len(wrong):
        every = await _every(copy, shelves)
        others = {at: every for at in wrong if at not in mended}
        mended |= await _mended(copy, parts, others, reader, in_vain)
    if not mended:
        return None
    return "".join(mended.get(at, part) for at, part in enumerate(parts))


async def beginning(copy: Database, shelves: Shelves, start: str) -> list[str]:
    """The known words that begin so, folded."""
    return (await _shelf(copy, shelves, start[0])).beginning(start)


async def _mended(
    copy: Database, parts: list[str], wrong: dict[int, list[WordList]], reader: str, in_vain: bool
) -> dict[int, str]:
    """Place of a misspelt word -> the word that it stands for, of those on its shelves."""
    near = {at: _near(fold(parts[at]), shelves) for at, shelves in wrong.items()}
    known = await _spellings(copy, {word for each in near.values() for word in each})
    mended: dict[int, str] = {}
    for at, each in near.items():
        fitting = [(each[one.word], one) for one in known if one.word in each]
        if (one := meant_by(parts[at], reader, fitting, in_vain=in_vain)) is not None:
            mended[at] = one.written
    return mended


def _near(word: str, shelves: Iterable[WordList]) -> dict[str, int]:
    """Known word -> mistakes, of all that the word may stand for."""
    return dict(pair for shelf in shelves for pair in shelf.near(word, mistakes(word)))


async def _spellings(copy: Database, words: Iterable[str]) -> list[Spelling]:
    """How answers spell these words at this moment."""
    return [Spelling(*row) for row in await copy.glance(_ALL_OF, sorted(words))]


async def _shelf(copy: Database, shelves: Shelves, letter: str) -> WordList:
    """The known words that begin with a letter; read when they are first needed, then kept."""
    if shelf := shelves.of(letter):
        return shelf
    async with copy.glancing() as connection:
        words = (await connection.execute(_IN_ONE, {"initial": letter})).scalar()
    shelf = WordList((words or "").split())
    shelves.put(letter, shelf)
    return shelf


async def _every(copy: Database, shelves: Shelves) -> list[WordList]:
    """All known words."""
    async with copy.glancing() as connection:
        letters = (await connection.execute(_INITIALS)).scalars().all()
    return [await _shelf(copy, shelves, letter) for letter in letters]
