"""QR codes: squares that a telephone reads."""

import base64
import io
from typing import Literal


def square(text: str, *, scale: int = 4) -> str:
    """A PNG in base64, for an address of data on a page."""
    return base64.b64encode(_drawn(text, "png", scale)).decode()


def square_svg(text: str) -> str:
    """The same as SVG, for paper."""
    return _drawn(text, "svg", 4).decode()


def _drawn(text: str, kind: Literal["png", "svg"], scale: int) -> bytes:
    import segno  # no idle process holds it

    picture = io.BytesIO()
    segno.make(text, error="m").save(picture, kind=kind, scale=scale)
    return picture.getvalue()
