"""Planting in what fails: refused, too large, broken or unexpected input, wrong secrets, a full
queue, a locked database, an event that nobody can handle.
"""

import asyncio
import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import nats
from cri_intake.api.handed import HandedOver
from cri_intake.api.questions import NewMessage
from cri_intake.console.contacts import ContactForm
from cri_intake.console.members import HandedForm
from cri_intake.pages.follow import MessageForm, ReceiptForm
from cri_intake.submission import QuestionForm, Submission
from cri_research.console.partners import PartnerForm
from cri_research.pages.door import OpenForm, PinForm
from cri_shared.bus.access import inbox_of
from cri_shared.db.engine import make_engine
from cri_shared.events.intake import QuestionCleared
from cri_shared.identity.doors.account import NewPasskeyForm
from cri_shared.identity.doors.entering import PasskeyForm, SignInForm
from cri_shared.identity.doors.joining import InvitedForm
from cri_shared.identity.doors.password import PasswordForm
from cri_shared.web.limits import MAX_BODY
from cri_stack.demo.people.partner import Partner
from cri_stack.demo.people.person import Person
from cri_training.pages.certificates import CertificateForm
from cri_training.pages.feedback import FeedbackForm
from cri_training.pages.forms import SignUpForm
from cri_training.pages.sign_up import CodeForm
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tests.security.sweep.asking import COUNTRY, submission
from tests.security.sweep.stage import CONSOLES, Stage

REFUSED, BROKEN, LOCKED = "refused", "broken", "while the database was locked"
DEAD = "in an event that nobody can handle"


def requests(stage: Stage, api: httpx.Client) -> list[str]:
    """What programs send wrong; gives what came back, which must repeat none of it."""
    known = submission(stage, REFUSED)
    word = lambda how: stage.aviary.new(Submission, "text", how)  # noqa: E731
    json_type = {"Content-Type": "application/json", "Idempotency-Key": secrets.token_urlsafe(24)}
    told = {"Idempotency-Key": secrets.token_urlsafe(24)}
    answers = [
        api.post("/questions", json={**known, "country": "XX"}, headers=told),
        api.post("/questions", json={**known, "text": word("too long") + "x" * 7000}, headers=told),
        api.post("/questions", json={**known, "topics": [word("as a topic")]}, headers=told),
        api.post("/questions", json={**known, "language": word("as a language")}, headers=told),
        api.post("/questions", json={**known, "needed_by": word("as a day")}, headers=told),
        api.post("/questions", content=f'{{"text": "{word(BROKEN)}"', headers=json_type),
        api.post("/questions", content=f'"{word(BROKEN)}"', headers=json_type),
        api.post("/questions", content=word("as plain text")),
        api.post("/questions", json=known, headers={"Idempotency-Key": word("as a key") + "!"}),
        api.post("/questions", content=word("too large") + "x" * MAX_BODY, headers=json_type),
        api.post("/questions/batch", json={"questions": word("as rows")}, headers=told),
        api.post(
            f"/questions/{word('as an id')}/messages", json={"text": word(REFUSED)}, headers=told
        ),
        api.post(
            "/questions/none/messages", json=stage.aviary.fill(NewMessage, REFUSED), headers=told
        ),
        api.post("/questions/handed-over", json=stage.aviary.fill(HandedOver, REFUSED)),
        api.get(f"/questions/{word('as an id')}", params={"why": word("in a query")}),
        api.get("/questions", params={"cursor": word("as a cursor")}),
        api.get("/questions", headers={"Authorization": f"Bearer {word('as an API key')}"}),
    ]
    assert {answer.status_code for answer in answers} <= {200, 400, 401, 404, 413, 415, 422}
    return [answer.text for answer in answers]


def visits(stage: Stage) -> None:
    """What browsers send of themselves, and words in addresses and searches."""
    word = lambda how: stage.aviary.new(QuestionForm, "question", how)  # noqa: E731
    headers = {
        "User-Agent": word("as a browser"),
        "Referer": f"http://{word('as a referrer')}.example/",
        "X-Forwarded-For": word("as an address"),
        "X-Request-Id": word("as a request id"),
        "Traceparent": word("as a trace"),
        "Accept-Language": word("as a language"),
        "Cookie": f"cri_asker={word('as a cookie')}; cri_intake={word('as a cookie')}",
    }
    with httpx.Client(headers=headers, trust_env=False) as browser:
        for service in (*CONSOLES, "search"):
            base = stage.layout.url(service)
            browser.get(f"{base}/en/{word('as a page')}", params={"q": word("in a query")})
            browser.get(f"{base}/console/{word('as a page')}")
            browser.get(f"{base}/{word('as a language')}/", follow_redirects=False)
            browser.request(word("as a method").upper(), f"{base}/en/")
        for path in ("/en/search", "/api/v1/search"):
            url = f"{stage.layout.url('search')}{path}"
            browser.get(url, params={"q": word("as a search"), "country": word("as a country")})
            browser.get(url, params={"q": word("as a search")})


def forms(stage: Stage, edition_id: str) -> None:
    """What people fill in wrong, too late or without a session."""
    with httpx.Client(trust_env=False) as browser:
        intake, training = stage.layout.url("intake"), stage.layout.url("training")
        asked = stage.aviary.fill(QuestionForm, REFUSED)
        for path in ("/nl/ask", "/nl/ask/check"):
            browser.post(f"{intake}{path}", data={**asked, "role": "self", "country": "XX"})
        browser.post(f"{intake}/nl/ask", content=stage.aviary.new(QuestionForm, "question", BROKEN))
        browser.post(
            f"{intake}/nl/ask",
            files={"question": stage.aviary.new(QuestionForm, "question", "as a file").encode()},
        )
        lost = stage.aviary.fill(MessageForm, "without a session")
        browser.post(f"{intake}/nl/follow/message", data=lost)
        signed = stage.aviary.fill(SignUpForm, REFUSED, email="{}@@")
        browser.post(f"{training}/en/sign-up/{edition_id}", data={**signed, "language": "xx"})
    sought = stage.aviary.fill(ContactForm, "looked for", contact="{}@canary.example")
    stage.officer.at("/console/contacts").try_to(r"/console/contacts$", sought)
    coordinator = stage.coordinator
    coordinator.at("/console/partners/new")
    refused = stage.aviary.fill(PartnerForm, REFUSED, email="{} (at) home")
    coordinator.submit(r"/partners/new$", {"countries": [COUNTRY], **refused}, refused=True)


def secrets_typed(stage: Stage) -> None:
    """Passwords, codes and numbers that are wrong."""
    url = stage.layout.url
    with httpx.Client(trust_env=False) as browser:
        for service in (*CONSOLES, "search"):
            known = {"email": "nobody@staff.example", **stage.aviary.fill(SignInForm, REFUSED)}
            browser.post(f"{url(service)}/console/sign-in", data=known)
            passkey = stage.aviary.fill(PasskeyForm, REFUSED)
            browser.post(f"{url(service)}/console/sign-in/passkey", data=passkey)
        browser.post(stage.invitation, data=stage.aviary.fill(InvitedForm, REFUSED))
        browser.post(
            f"{url('intake')}/console/invited/x", data=stage.aviary.fill(InvitedForm, "spent")
        )
        browser.post(f"{url('intake')}/nl/follow", data=stage.aviary.fill(ReceiptForm, REFUSED))
        ours = f"{url('intake')}/console/ours/code"
        browser.post(ours, data=stage.aviary.fill(HandedForm, "without a session"))
        browser.post(
            f"{url('research')}/en/partner/open", data=stage.aviary.fill(OpenForm, REFUSED)
        )
        code = stage.aviary.fill(CertificateForm, REFUSED)
        browser.post(f"{url('training')}/en/certificates/verify", data=code)
        browser.post(
            f"{url('training')}/en/feedback/x", data=stage.aviary.fill(FeedbackForm, REFUSED)
        )


def account_kept(stage: Stage) -> None:
    """A passkey that is none, and a password that is not the same twice, at one's own account."""
    member = stage.coordinator.at("/console/account")
    token = member.page.select("[name=csrf]")[0]["value"]
    passkey = {"name": "My telephone", **stage.aviary.fill(NewPasskeyForm, REFUSED)}
    password = stage.aviary.fill(PasswordForm, REFUSED)
    for path, typed in (("passkeys", passkey), ("password", password)):
        url = f"{member.console}/console/account/{path}"
        answer = member.browser.session.post(url, data={**typed, "csrf": token})
        assert answer.status_code in (403, 422)
        assert not any(word in answer.text for word in password.values())


def pin(stage: Stage, partner: Partner, code: str) -> None:
    """Somebody who found the mail does not know the PIN."""
    with httpx.Client(base_url=stage.layout.url("research"), trust_env=False) as browser:
        browser.post("/en/partner/open", data={"code": code})
        answer = browser.post("/en/partner/pin", data=stage.aviary.fill(PinForm, REFUSED))
        assert answer.status_code == 422


def code(stage: Stage, page: str) -> None:
    """Somebody guesses the code that proves an address."""
    typed = stage.aviary.fill(CodeForm, REFUSED)
    assert httpx.post(page, data=typed).status_code == 422


@contextmanager
def _locked(stage: Stage, service: str) -> Iterator[None]:
    """Nobody else can write to the database of a service."""
    url = stage.layout.database_url(service)
    lock = "lock table cases in access exclusive mode"
    if url.startswith("sqlite"):
        lock = "begin immediate"
    with asyncio.Runner() as runner:
        engine = make_engine(url, pooled=False).execution_options(sqlite_begin="NONE")
        other = runner.run(_begun(engine, lock))
        try:
            yield
        finally:
            runner.run(other.close())


async def _begun(engine: AsyncEngine, statement: str) -> AsyncConnection:
    connection = await engine.connect()
    await connection.execute(text(statement))
    return connection


def while_locked(stage: Stage, api: httpx.Client) -> None:
    """A program and a person send a question that cannot be written now."""
    key = {"Idempotency-Key": secrets.token_urlsafe(24)}
    body = submission(stage, LOCKED)
    by_form = stage.aviary.fill(QuestionForm, LOCKED, question="Is {} for sale anywhere there?")
    fields = {"country": COUNTRY, "role": "self", "consent": "yes", "language": "nl"}
    asker = Person("An asker").open(f"{stage.layout.url('intake')}/nl/ask")
    token = str(asker.form(r"/ask$").select("[name=form_token]")[0]["value"])
    sent = {**fields, **by_form, "form_token": token}
    with _locked(stage, "intake"), ThreadPoolExecutor(1) as aside:
        page = aside.submit(httpx.post, asker.url, data=sent, timeout=30)
        assert api.post("/questions", json=body, headers=key, timeout=30).status_code == 503
        assert page.result().status_code == 503


async def bury(stage: Stage) -> None:
    """An event of intake holds an asker's words and is no event: research puts it aside."""
    seed = str(stage.layout.nats_seed("intake"))
    client = await nats.connect(
        stage.layout.url("nats"), nkeys_seed=seed, inbox_prefix=inbox_of("intake")
    )
    try:
        body = {"research_id": stage.aviary.new(Submission, "text", DEAD)}
        headers = {"Nats-Msg-Id": secrets.token_hex(16)}
        await client.jetstream().publish(
            QuestionCleared.subject, json.dumps(body).encode(), headers=headers
        )
    finally:
        await client.close()
