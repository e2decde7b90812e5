"""A pack as a PDF on A4."""

import datetime as dt
from pathlib import Path

from cri_shared import printing

from cri_search.packs.fonts import Fonts
from cri_search.packs.sheet import Data

SHEET = Path(__file__).parent / "sheet.typ"


async def printed(
    data: Data, fonts: Fonts, *, made_on: dt.date, seconds: float = printing.SECONDS
) -> bytes:
    """The PDF; the same data gives the same bytes. Raises Busy where it takes too long."""
    return await printing.printed(
        SHEET,
        {**data, "fonts": fonts.families},
        fonts.directories,
        made_on=made_on,
        seconds=seconds,
    )
