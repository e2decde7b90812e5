"""The doors of every console: becoming staff, coming back, coming from another console, staying."""

import datetime as dt
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
from cri_shared import clock
from cri_shared.identity.models import IDLE, INVITATION
from cri_shared.identity.refusals import InvitationSpent
from cri_shared.identity.staff import Staff
from cri_shared.identity.store import Identity
from cri_shared.identity.store.moving import HANDOVER
from cri_shared.privacy.keys import KeyRing
from cri_shared.testing.identity import PASSWORD, sign_in
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from cri_training.app import create_app
from cri_training.settings import Settings
from fastapi import FastAPI

from tests.security.matrices.doors import Door, Key, Says, Way, Where, browser
from tests.security.suites.roles import AT

SPENT = Says(404, InvitationSpent.message)
DOOR = Says(303, to="/console/sign-in")
HERE, THERE = "training", "research"
_LINK = {"where": Where.PATH, "name": "token", "refuses": SPENT}

DOORS = (
    *(
        door
        for kind in ("invitation", "recovery")
        for door in (
            Door(
                "GET /console/invited/{token}",
                kind,
                opens=Says(200, "Your invitation"),
                again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
                **_LINK,
            ),
            Door(
                "POST /console/invited/{token}",
                kind,
                opens=Says(303, to="/console"),
                otherwise={Way.ANOTHERS: Says(422, "This code is not right.")},
                **_LINK,
            ),
        )
    ),
    Door(
        "GET /console/arrive",
        "hand-over",
        Where.QUERY,
        "code",
        opens=Says(303, to="/console"),
        refuses=DOOR,
        again=frozenset({Way.ANOTHERS}),
        cannot={Way.REVOKED: "it is good for a minute"},
        counts=frozenset({"handovers"}),  # what was tried is spent
        alike=frozenset({"hand-over to another"}),
    ),
    Door(
        "GET /console/account",
        "session",
        Where.COOKIE,
        f"cri_{HERE}",
        opens=Says(200, "The person"),
        refuses=DOOR,
        again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
        alike=frozenset({"session at another"}),
    ),
)
KEEPS = {
    "invitation": frozenset({"invitations.token_hash"}),
    "recovery": frozenset({"invitations.token_hash"}),
    "hand-over": frozenset({"handovers.code_hash"}),
    "hand-over to another": frozenset({"handovers.code_hash"}),
    "session": frozenset({"sessions.token_hash", "sessions.token_hash_before"}),
    "session at another": frozenset({"sessions.token_hash", "sessions.token_hash_before"}),
}
LIFE = {
    "invitation": INVITATION,
    "recovery": INVITATION,
    "hand-over": HANDOVER,
    "session": IDLE + dt.timedelta(seconds=1),
}


@dataclass
class Consoles:
    """A console, two operators, and the store in which they are, as another console has it too."""

    app: FastAPI
    operators: tuple[Staff, Staff]
    elsewhere: Identity
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def identity(self) -> Identity:
        """The store."""
        identity: Identity = self.app.state.service.identity
        return identity

    async def make(self, kind: str) -> Key:
        """A fresh secret of a kind, of somebody new."""
        number = next(self.numbers)
        match kind:
            case "invitation":
                email = f"person{number}@staff.example"
                token = await self.identity.invite(email, "Somebody new", ["trainer"])
                return await self._invited(token, email)
            case "recovery":
                staff, _ = await self._member(number)
                for operator in self.operators:
                    token = str(await self.identity.recover(staff.staff_id, operator))
                return await self._invited(token, staff.email)
            case "hand-over":
                staff, _ = await self._member(number)
                return Key(await self.elsewhere.hand_over(staff, HERE))
            case "hand-over to another" | "session at another":
                return await self._for_another(kind, number)
        staff, session = await self._member(number)
        return Key(session, thing=staff.email, about=staff.email)

    async def revoke(self, kind: str, key: Key) -> None:
        """An operator shuts the person out; who has no account is invited anew, and comes."""
        if kind == "invitation":
            again = await self.identity.invite(key.about, "Somebody new", ["trainer"])
            invited = await self._invited(again, key.about)
            await self.identity.accept(again, language="en", **invited.fields)
            return
        people = await self.identity.everybody()
        staff_id = next(one.staff_id for one, _ in people if one.email == key.about)
        await self.identity.shut_out(staff_id, self.operators[0])

    async def later(self, kind: str) -> None:
        """Nothing that these doors wait for."""

    async def _for_another(self, kind: str, number: int) -> Key:
        staff, _ = await self._member(number)
        code = await self.identity.hand_over(staff, THERE)
        if kind == "hand-over to another":
            return Key(code)
        return Key(str(await self.elsewhere.arrive(code)))

    async def _invited(self, token: str, email: str) -> Key:
        invited = await self.identity.invitation(token)
        code = pyotp.TOTP(invited.totp_secret).at(clock.now())
        fields = {"password": PASSWORD, "code": code}
        return Key(token, fields=fields, thing=invited.totp_secret, about=email)

    async def _member(self, number: int) -> tuple[Staff, str]:
        name = f"The person {number}"
        async with browser(self.app, {}) as client:
            staff = await sign_in(client, self.app, "trainer", name=name)
            return staff, client.cookies[self.app.state.service.settings.cookie_name]


@asynccontextmanager
async def house(directory: Path, **stores: str) -> AsyncIterator[Consoles]:
    """One console with its operators."""
    with clock.frozen(AT):
        app = create_app(settings_for(Settings, directory, **stores))
        async with running(app) as client:
            first, second = [
                await sign_in(client, app, "operator", name=name) for name in ("Ann", "Bob")
            ]
            settings = app.state.service.settings
            ring = KeyRing.open(settings.identity_key_dir)
            elsewhere = Identity(settings.identity_database_url, ring, service=THERE)
            yield Consoles(app, (first, second), elsewhere)
            await elsewhere.close()
