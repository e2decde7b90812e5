"""Did you mean: misspelt words of a search, by the words of the own copy of what is public."""

from cri_shared.index.text import fold, pieces
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_search.models import Word
from cri_search.rules.spelling import Shelf, Shelves, Spelling, meant_by, mistakes


async def meant(
    session: AsyncSession, shelves: Shelves, words: str, reader: str, *, in_vain: bool
) -> str | None:
    """The words without their spelling mistakes; None where there are none that we can mend.

    `in_vain`: the search found nothing, so the mistake may be in a first letter. A word that is
    still being typed, and may yet become one of ours, is no mistake.
    """
    parts = pieces(words)
    mended: dict[int, Spelling] = {}
    for at in range(1, len(parts), 2):
        word = fold(parts[at])
        if not mistakes(word):
            continue
        own = await _shelf(session, shelves, word[0])
        unfinished = at == len(parts) - 2 and not parts[-1]
        if own.holds(word) or (unfinished and own.completes(word)):
            continue
        found = meant_by(parts[at], reader, [own])
        if found is None and in_vain:
            found = meant_by(parts[at], reader, await _every(session, shelves))
        if found is not None:
            mended[at] = found
    if not mended or not await _are_there(session, {one.word for one in mended.values()}):
        return None
    return "".join(mended[at].written if at in mended else part for at, part in enumerate(parts))


async def _shelf(session: AsyncSession, shelves: Shelves, letter: str) -> Shelf:
    """The known words that begin with a letter; read when they are first needed, then kept."""
    if shelf := shelves.of(letter):
        return shelf
    rows = select(Word.word, Word.language, Word.written, Word.entries)
    found = await session.execute(rows.where(Word.initial == letter))
    shelf = Shelf(found.all())
    shelves.put(letter, shelf)
    return shelf


async def _every(session: AsyncSession, shelves: Shelves) -> list[Shelf]:
    """All known words."""
    letters = (await session.execute(select(Word.initial).distinct())).scalars().all()
    return [await _shelf(session, shelves, letter) for letter in letters]


async def _are_there(session: AsyncSession, words: set[str]) -> bool:
    """Whether answers have all of these words at this moment."""
    rows = select(Word.word).where(Word.word.in_(sorted(words)))
    return set((await session.execute(rows)).scalars()) == words
