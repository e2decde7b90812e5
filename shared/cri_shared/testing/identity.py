"""Staff for tests: accounts made by the real invitation, sessions by the real sign-in."""

import httpx
import pyotp
from fastapi import FastAPI

from cri_shared import clock
from cri_shared.identity.staff import Staff
from cri_shared.identity.store import Identity

PASSWORD = "a long sentence for tests"


async def sign_in(
    client: httpx.AsyncClient, app: FastAPI, *roles: str, name: str = "Leen D."
) -> Staff:
    """Let a new person with these roles be the client's signed-in person."""
    identity: Identity = app.state.service.identity
    email = f"{name.lower().replace(' ', '.').strip('.')}@staff.example"
    token = await identity.invite(email, name, roles)
    invited = await identity.invitation(token)
    code = pyotp.TOTP(invited.totp_secret).at(clock.now())
    session = await identity.accept(token, password=PASSWORD, code=code, language="en")
    client.cookies.set(app.state.service.settings.cookie_name, session)
    staff = await identity.whoever(session)
    assert staff is not None
    return staff
