"""Two colleagues at a console, who may send the same form."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cri_shared.testing.identity import sign_in
from fastapi import FastAPI

from tests.security.matrices.doors import browser
from tests.security.matrices.once.sendings import Sending

_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass(frozen=True)
class Session:
    """Somebody signed in: what the browser holds, and the token of its forms."""

    cookies: Mapping[str, str]
    csrf: str


async def arrive(app: FastAPI, role: str, name: str) -> Session:
    """Somebody with a role signs in."""
    async with browser(app, {}) as client:
        staff = await sign_in(client, app, role, name=name)
        return Session(dict(client.cookies), staff.csrf)


def by_two(sent: Sending, who: Sequence[Session]) -> Sending:
    """A form of the first of two, which the other may send too."""
    mine, other = (
        replace(sent, cookies=one.cookies, says={**sent.says, "csrf": one.csrf}) for one in who
    )
    return replace(mine, other=other)


async def form_token(app: FastAPI, path: str, cookies: Mapping[str, str]) -> str:
    """The token on the page of a form."""
    async with browser(app, cookies) as client:
        page = (await client.get(path)).text
    found = _TOKEN.search(page)
    assert found is not None, page
    return found[1]
