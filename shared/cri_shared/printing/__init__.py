"""Papers as PDF (tagged, PDF/UA-1), set from a typst template by a process that can be stopped.

Everything that a paper says comes to its template as data, which typst never reads as markup.
"""

import asyncio
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from cri_shared.errors import Busy
from cri_shared.observe import log

SECONDS = 20.0


def font_directories(*packages: str) -> list[str]:
    """Where the fonts of installed packages are, such as `fontpkg_noto_sans`."""
    return [str(files(package).joinpath("files")) for package in packages]


async def printed(
    template: Path,
    data: Mapping[str, Any],
    fonts: Sequence[str],
    *,
    made_on: dt.date,
    seconds: float = SECONDS,
) -> bytes:
    """The PDF; the same data gives the same bytes. Raises Busy where it takes too long.

    `fonts` are directories; the machine's own fonts change nothing.
    """
    noon = dt.datetime.combine(made_on, dt.time(12), dt.UTC)
    asked = {
        "template": str(template),
        "data": data,
        "fonts": list(fonts),
        "made": int(noon.timestamp()),
    }
    pdf = await asyncio.to_thread(_press, json.dumps(asked).encode(), seconds)
    if not pdf:
        log.error("paper.not_set")
        raise Busy
    return pdf


def _press(asked: bytes, seconds: float) -> bytes:
    """What the press writes; nothing where it fails, or is stopped because it takes too long."""
    try:
        pressed = subprocess.run(
            [sys.executable, "-m", "cri_shared.printing.press"],
            input=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what typst says may hold words of the paper
            env={"PATH": os.environ.get("PATH", "")},
            timeout=seconds,
            check=True,
        )
    except subprocess.SubprocessError:
        return b""
    return pressed.stdout
