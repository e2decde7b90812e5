"""A pack as a PDF on A4, set by a process of its own that is stopped when it takes too long."""

import asyncio
import datetime as dt
import json
import os
import sys

from cri_shared.errors import Busy
from cri_shared.observe import log

from cri_search.packs.fonts import Fonts
from cri_search.packs.sheet import Data

SECONDS = 20.0


async def printed(data: Data, fonts: Fonts, *, made_on: dt.date, seconds: float = SECONDS) -> bytes:
    """The PDF; the same data gives the same bytes. Raises Busy where it takes too long."""
    noon = dt.datetime.combine(made_on, dt.time(12), dt.UTC)
    asked = {
        "data": {**data, "fonts": fonts.families},
        "fonts": fonts.directories,
        "made": int(noon.timestamp()),
    }
    press = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cri_search.packs.press"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # what typst says may hold words of the answers
        env={"PATH": os.environ.get("PATH", "")},
    )
    try:
        pdf, _ = await asyncio.wait_for(press.communicate(json.dumps(asked).encode()), seconds)
    except TimeoutError:
        pdf = b""
    finally:
        if press.returncode is None:
            press.kill()
            await press.wait()
    if press.returncode or not pdf:
        log.error("search.pack.not_set", status=press.returncode)
        raise Busy
    return pdf
