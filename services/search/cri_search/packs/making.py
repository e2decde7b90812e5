"""How a pack is made: the copy is read, and set as a PDF or packed as pages."""

import asyncio

from cri_shared import clock
from cri_shared.db import Database
from cri_shared.web.i18n import Dictionary

from cri_search.packs.fonts import Fonts
from cri_search.packs.kept import Packs, Which
from cri_search.packs.printed import printed
from cri_search.packs.sheet import sheet
from cri_search.packs.zipped import zipped
from cri_search.queries import packs as queries


def packs_of(database: Database, dictionary: Dictionary, fonts: Fonts, *, home: str) -> Packs:
    """The packs of a search; `home` is its public address."""

    async def fingerprint(country: str) -> bytes:
        async with database.reading() as session:
            return await queries.fingerprint(session, country)

    async def make(which: Which) -> bytes:
        async with database.reading() as session:
            told = await queries.told(session, which.country, which.language)
        today = clock.today()
        if which.kind == "pdf":
            words = dictionary.words[which.language]
            data = sheet(words, told, fonts, made_on=today, home=home)
            return await printed(data, fonts, made_on=today)
        return await asyncio.to_thread(
            zipped, dictionary, told, which.language, made_on=today, home=home
        )

    return Packs(fingerprint, make)
