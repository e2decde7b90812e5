"""A pack as a PDF on A4, set by a process of its own that is stopped when it takes too long."""

import asyncio
import datetime as dt
import json
import os
import subprocess
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
    pdf = await asyncio.to_thread(_press, json.dumps(asked).encode(), seconds)
    if not pdf:
        log.error("search.pack.not_set")
        raise Busy
    return pdf


def _press(asked: bytes, seconds: float) -> bytes:
    """What the press writes; nothing where it fails, or is stopped because it takes too long."""
    try:
        pressed = subprocess.run(
            [sys.executable, "-m", "cri_search.packs.press"],
            input=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what typst says may hold words of the answers
            env={"PATH": os.environ.get("PATH", "")},
            timeout=seconds,
            check=True,
        )
    except subprocess.SubprocessError:
        return b""
    return pressed.stdout
