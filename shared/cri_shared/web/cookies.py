"""Cookies of one host: no other host, no script and no line in the clear ever carries them."""

from typing import Literal

from fastapi import Request
from fastapi.responses import Response

from cri_shared.settings import ServiceSettings

SameSite = Literal["lax", "strict"]


def cookie(request: Request, name: str) -> str:
    """What a browser sent under one of our names; empty where it sent nothing."""
    settings: ServiceSettings = request.app.state.service.settings
    return request.cookies.get(settings.host_cookie(name), "")


def keep_cookie(
    response: Response,
    settings: ServiceSettings,
    name: str,
    value: str,
    *,
    samesite: SameSite = "lax",
    seconds: int | None = None,
) -> None:
    """Give the browser a cookie for so many seconds, or until it is closed."""
    response.set_cookie(
        settings.host_cookie(name),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite=samesite,
        secure=settings.secure_cookies,
    )


def drop_cookie(response: Response, settings: ServiceSettings, name: str) -> None:
    """Take a cookie back. Browsers heed that only in the very words in which it was given."""
    keep_cookie(response, settings, name, "", seconds=0)
