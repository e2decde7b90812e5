"""The doors of intake: an asker's number and page, and an organisation's key."""

import datetime as dt
import itertools
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from cri_intake.actions.keys import revoke_key
from cri_intake.app import create_app
from cri_intake.models import ApiKey
from cri_intake.pages.follow import COOKIE, UNKNOWN_RECEIPT, SessionEnded
from cri_intake.queries.keys import KeyUnknown
from cri_intake.rules import ASKER_SESSION, HELPER_CODE_HOURS, KEY_LIFE_DAYS
from cri_intake.rules.codes import CodeUnknown
from cri_intake.settings import Settings
from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.privacy.receipts import (
    ReceiptCheckDigitsWrong,
    ReceiptNotDigits,
    ReceiptTooShort,
    format_receipt,
    new_receipt,
)
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from cri_shared.web.forms import TOKEN_LIFE_SECONDS
from cri_shared.web.lanes import Lanes
from fastapi import FastAPI

from tests.intake.conftest import QUESTION, Intake, receipt_on
from tests.intake.test_pages import GOOD, token
from tests.security.matrices.doors import Door, Key, Says, Way, Where, browser
from tests.security.roles.intake import WEBHOOK
from tests.security.suites.roles import AT

WORDS = "Goma"
ENDED = Says(409, SessionEnded.message)
FOLLOWED = Says(303, to="/en/follow")
TYPE_IT = Says(422, "Type the number that you got with your question")
TOO_LONG_OPEN = Says(422, "This page was open for too long")
STAYS = {Way.REVOKED: "it ends by itself, after a day"}
STRANGER = Says(401, KeyUnknown.message)
NO_CODE = Says(404, CodeUnknown.message)
NOT_THEIRS = Says(404, NotFound.message)
_SESSION = {"where": Where.COOKIE, "name": COOKIE}
_KEY = {"kind": "API key", "where": Where.BEARER, "name": "", "refuses": STRANGER}

DOORS = (
    Door(
        "POST /{lang}/follow",
        "receipt",
        Where.FIELD,
        "receipt",
        opens=FOLLOWED,
        refuses=Says(422, UNKNOWN_RECEIPT),
        otherwise={
            Way.ELSEWHERE: Says(422, ReceiptNotDigits.message),
            Way.ALTERED: Says(422, ReceiptCheckDigitsWrong.message),
            Way.TRUNCATED: Says(422, ReceiptTooShort.message),
            Way.EMPTY: TYPE_IT,
            Way.LONG: TYPE_IT,
        },
        again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
        shortest=20,
        longest=80,
        unknown=lambda: format_receipt(new_receipt()),
    ),
    Door(
        "GET /{lang}/follow",
        "session",
        opens=Says(200, WORDS),
        refuses=Says(200, "Follow your question"),
        again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
        **_SESSION,
    ),
    *(
        Door(
            f"POST /{{lang}}/follow/{what}",
            f"session to {what}",
            opens=FOLLOWED,
            refuses=ENDED,
            otherwise={Way.REPLAYED: FOLLOWED},
            again=frozenset({Way.ANOTHERS}),
            **_SESSION,
        )
        for what in ("message", "rate", "keep", "withdraw", "helper/end")
    ),
    Door(
        "POST /{lang}/follow/helper",
        "session to helper",
        opens=Says(200, "A code for one organisation"),
        refuses=ENDED,
        again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
        **_SESSION,
    ),
    Door(
        "POST /{lang}/follow/close",
        "session",
        opens=FOLLOWED,
        refuses=FOLLOWED,
        again=frozenset({Way.EXPIRED, Way.ANOTHERS}),
        **_SESSION,
    ),
    Door(
        "GET /{lang}/follow/erase",
        "session",
        opens=Says(200, "Erase"),
        refuses=FOLLOWED,
        again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
        **_SESSION,
    ),
    Door(
        "POST /{lang}/follow/erase",
        "session",
        opens=Says(303, to="/en/follow/erased"),
        refuses=ENDED,
        again=frozenset({Way.ANOTHERS}),
        **_SESSION,
    ),
    Door(
        "POST /{lang}/follow/erase",
        "mark of an erasure",
        Where.FIELD,
        "meant",
        opens=Says(303, to="/en/follow/erased"),
        refuses=ENDED,
        otherwise={Way.REPLAYED: Says(303, to="/en/follow/erased")},
        again=frozenset({Way.ANOTHERS}),
        cannot={
            Way.EXPIRED: "what was erased stays so",
            Way.REVOKED: "what was erased stays so",
        },
        alike=frozenset({"mark of a question that is there"}),
    ),
    Door(
        "POST /{lang}/ask",
        "form",
        Where.FIELD,
        "form_token",
        opens=Says(201, "Your number"),
        refuses=TOO_LONG_OPEN,
        otherwise={Way.REPLAYED: Says(200, "Your number")},
        again=frozenset({Way.ANOTHERS}),
        cannot=STAYS,
    ),
    Door(
        "POST /{lang}/ask/saved",
        "form that was sent",
        Where.FIELD,
        "form_token",
        opens=FOLLOWED,
        refuses=FOLLOWED,
        otherwise={Way.REPLAYED: FOLLOWED},
        again=frozenset({Way.ANOTHERS}),
        cannot=STAYS,
    ),
    *(
        Door(
            route,
            opens=opens,
            again=frozenset({Way.REPLAYED, *own}),
            otherwise={} if own else {Way.ANOTHERS: NOT_THEIRS},
            counts=frozenset({"api_keys.last_used_on"}),
            body=body,
            **_KEY,
        )
        for route, opens, own, body in (
            ("GET /api/v1/questions", Says(200, "questions"), [Way.ANOTHERS], None),
            ("GET /api/v1/questions/{question_id}", Says(200, "received"), [], None),
            (
                "POST /api/v1/questions/{question_id}/messages",
                Says(201, "received"),
                [],
                {"text": "One more thing."},
            ),
            (
                "POST /api/v1/questions/handed-over",
                NO_CODE,
                [Way.ANOTHERS],
                {"code": "000 000 000 000"},
            ),
            ("DELETE /api/v1/questions/{question_id}", Says(202, "erasure_requested"), [], None),
            ("POST /api/v1/questions", Says(201, "receipt"), [Way.ANOTHERS], QUESTION),
            ("GET /api/v1/webhooks", Says(200, "webhook_id"), [Way.ANOTHERS], None),
            ("POST /api/v1/webhooks", Says(201, "secret"), [Way.ANOTHERS], WEBHOOK),
            ("GET /api/v1/webhooks/{webhook_id}/deliveries", Says(200, "["), [], None),
            ("POST /api/v1/webhooks/{webhook_id}/test", Says(202, "test"), [], None),
            (
                "POST /api/v1/questions/batch",
                Says(200, "results"),
                [Way.ANOTHERS],
                {"questions": [QUESTION]},
            ),
        )
    ),
    Door(
        "POST /api/v1/questions/handed-over",
        "helper's code",
        Where.JSON,
        "code",
        opens=Says(200, "received"),
        refuses=NO_CODE,
        otherwise={Way.REPLAYED: Says(200, "received"), Way.LONG: Says(422, "/code")},
        again=frozenset({Way.ANOTHERS}),
        counts=frozenset({"api_keys.last_used_on"}),
        longest=40,
        unknown=lambda: "000 000 000 000",
    ),
    Door(
        "DELETE /api/v1/webhooks/{webhook_id}",
        opens=Says(200, "removed"),
        otherwise=dict.fromkeys((Way.ANOTHERS, Way.REPLAYED), NOT_THEIRS),
        counts=frozenset({"api_keys.last_used_on"}),
        **_KEY,
    ),
)
KEEPS = {
    "receipt": frozenset({"cases.receipt_verifier", "cri_intake.pages.follow.ReceiptForm.receipt"}),
    "session": frozenset({"asker_sessions.token_hash"}),
    **{
        f"session to {what}": frozenset({"asker_sessions.token_hash"})
        for what in ("message", "rate", "keep", "withdraw", "helper", "helper/end")
    },
    "mark of an erasure": frozenset({"cri_intake.pages.erase"}),
    "mark of a question that is there": frozenset({"cri_intake.pages.erase"}),
    "form": frozenset({"cri_shared.web.forms"}),
    "form that was sent": frozenset({"cri_shared.web.forms"}),
    "API key": frozenset({"api_keys.secret_hash"}),
    "helper's code": frozenset({"helper_codes.code_hash"}),
}
LIFE = {
    "receipt": dt.timedelta(days=367),
    **{kind: ASKER_SESSION for kind in KEEPS if kind.startswith("session")},
    "form": dt.timedelta(seconds=TOKEN_LIFE_SECONDS + 1),
    "form that was sent": dt.timedelta(seconds=TOKEN_LIFE_SECONDS + 1),
    "API key": dt.timedelta(days=KEY_LIFE_DAYS),
    "helper's code": dt.timedelta(hours=HELPER_CODE_HOURS),
}


@dataclass
class Intakes:
    """Intake, with an organisation for every key."""

    intake: Intake
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def app(self) -> FastAPI:
        """The service."""
        return self.intake.app

    async def make(self, kind: str) -> Key:
        """A fresh secret of a kind, for a question that was just asked."""
        if kind == "form":
            return Key(await token(self.intake, "en"), fields=GOOD)
        if kind == "API key":
            return await self._of_organisation()
        form_token = await token(self.intake, "en")
        asked = await self._post("/en/ask", {**GOOD, "form_token": form_token})
        if kind == "form that was sent":
            return Key(form_token)
        receipt = receipt_on(asked.text)
        if kind == "receipt":
            return Key(receipt, thing=WORDS)
        session = await self._opened(receipt)
        if kind == "helper's code":
            return await self._to_hand_over(session)
        if kind.startswith("mark"):
            return Key(await self._mark(session, erase=kind == "mark of an erasure"))
        fields = await self._fields(kind.partition(" to ")[2])
        return Key(session, fields=fields, thing=WORDS, about=receipt)

    async def revoke(self, kind: str, key: Key) -> None:
        """The asker erases the question or closes the page; an operator takes a key back."""
        if kind == "API key":
            async with self.intake.rig.service.database.writing() as work:
                known = await work.session.get_one(ApiKey, key.about)
                await revoke_key(work, self.intake.rig, known, by="operator")
            return
        if kind == "helper's code":
            await self._post("/en/follow/helper/end", {}, {COOKIE: key.about})
        elif kind == "receipt":
            await self._mark(await self._opened(key.secret), erase=True)
        else:
            await self._post("/en/follow/close", {}, {COOKIE: key.secret})

    async def later(self, kind: str) -> None:
        """A question that was kept long enough goes, and its number with it."""
        if kind == "receipt":
            await self.intake.rig.service.clockwork.do_duties(all_now=True)

    async def _post(
        self, path: str, fields: Mapping[str, str], cookies: Mapping[str, str] | None = None
    ) -> httpx.Response:
        async with browser(self.app, cookies or {}) as client:
            return await client.post(path, data=dict(fields))

    async def _opened(self, receipt: str) -> str:
        """The session behind a number."""
        self.app.state.lanes = Lanes()
        answer = await self._post("/en/follow", {"receipt": receipt})
        return answer.cookies[self.intake.rig.settings.host_cookie(COOKIE)]

    async def _fields(self, step: str) -> dict[str, str]:
        match step:
            case "message":
                return {"message": "One more thing.", "form_token": await token(self.intake, "en")}
            case "rate":
                return {"useful": "yes"}
            case "helper":
                return {"may": "read", "form_token": await token(self.intake, "en")}
        return {}

    async def _mark(self, session: str, *, erase: bool) -> str:
        """What the page before an erasure says it is about."""
        async with browser(self.app, {COOKIE: session}) as client:
            page = (await client.get("/en/follow/erase")).text
            found = re.search(r'name="meant" value="([^"]+)"', page)
            assert found is not None
            if erase:
                await client.post("/en/follow/erase", data={"meant": found[1]})
            return found[1]

    async def _to_hand_over(self, session: str) -> Key:
        """A code that the asker tells an organisation."""
        fields = {"may": "read", "form_token": await token(self.intake, "en")}
        shown = await self._post("/en/follow/helper", fields, {COOKIE: session})
        helper = await self.intake.another_key(f"House {next(self.numbers)}")
        await self.intake.get("/questions", helper)  # that it is used today is noted once
        return Key(receipt_on(shown.text), bearer=helper, about=session)

    async def _of_organisation(self) -> Key:
        key = await self.intake.another_key(f"House {next(self.numbers)}")
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "the-first-of-this-house"}
        posted = await self.intake.client.post("/api/v1/questions", json=QUESTION, headers=headers)
        hook = await self.intake.client.post("/api/v1/webhooks", json=WEBHOOK, headers=headers)
        names = {
            "question_id": posted.json()["question_id"],
            "webhook_id": hook.json()["webhook_id"],
        }
        return Key(key, names, about=key.split("_")[2])


@asynccontextmanager
async def house(directory: Path, **stores: str) -> AsyncIterator[Intakes]:
    """Intake as it starts."""
    with clock.frozen(AT):
        app = create_app(settings_for(Settings, directory, **stores))
        async with running(app) as client:
            yield Intakes(Intake(app, client, "", directory))
