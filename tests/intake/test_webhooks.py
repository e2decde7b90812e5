"""Webhooks: signed, without content, tried again for a day, never sent to where they may not go."""

import asyncio
import base64
import datetime as dt
import hmac
import ipaddress
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from cri_intake.actions import webhooks
from cri_intake.actions.courier import Courier
from cri_intake.app import create_app
from cri_intake.models import Notice, PartnerOrganisation, messaging
from cri_intake.rules.webhooks import BACKOFF, is_target
from cri_intake.settings import Settings
from cri_shared import clock
from cri_shared.bus.authority import Certificate
from cri_shared.outside import may_go_to
from cri_shared.testing.certificates import Authority
from cri_shared.testing.identity import sign_in
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, approved, hear, posted
from tests.intake.test_erasing import is_gone

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


class TestTargets:
    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.1.2.3"),
            *("100.64.0.1", "192.0.2.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1"),
            *("fd00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"),
        ],
    )
    def test_special_addresses_are_refused(self, address: str) -> None:
        assert not may_go_to(address, [])

    @pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "64:ff9b::909:909"])
    def test_public_ones_are_not(self, address: str) -> None:
        assert may_go_to(address, [])

    @pytest.mark.parametrize(
        "url",
        [
            *(
                "http://ngo.example/",
                "https://127.0.0.1/",
                "https://[::1]/",
                "https://10.0.0.1:8/x",
            ),
            *("https://user:pw@ngo.example/", "https://localhost/", "https://ngo.example/#part"),
            *("https://ngo.example:99999/", "https://", "ftp://ngo.example/", "x", "https://[::"),
            *("https://ngo.example/\n", "https://2130706433/", "https://ngo.example\\@127.0.0.1/"),
        ],
    )
    def test_what_cannot_be_one(self, url: str) -> None:
        assert not is_target(url, [])

    def test_what_can(self) -> None:
        assert is_target("https://cases.ngo.example:8443/hooks?a=1", [])
        assert is_target("http://127.0.0.1:8080/x", LOOPBACK)


@dataclass
class Receiver:
    """An organisation's server; it gives the answers that it is told to, and then 204."""

    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def told(self) -> list[tuple[str, str]]:
        """(question, status) of every message."""
        data = [json.loads(body)["data"] for _, body in self.heard]
        return [(one["question_id"], one["status"]) for one in data]


@contextmanager
def receiving(certificate: Certificate | None = None) -> Iterator[Receiver]:
    """A receiver that runs, by https where it has a certificate."""
    known = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            known.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(known.answers.pop(0) if known.answers else 204)
            self.send_header("Location", f"http://127.0.0.1:{known.port}/elsewhere")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - for who would follow a redirect

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        proof = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        proof.load_cert_chain(certificate.certificate, certificate.key)
        server.socket = proof.wrap_socket(server.socket, server_side=True)
    known.port = server.server_address[1]
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that runs."""
    with receiving() as known:
        yield known


@pytest.fixture
async def intake(database_url: str, tmp_path: Path) -> AsyncIterator[Intake]:
    """An intake whose operator lets webhooks go to this machine."""
    told = {"database_url": database_url, "webhook_networks": "127.0.0.0/8"}
    app = create_app(settings_for(Settings, tmp_path, **told))
    async with running(app) as client:
        started = Intake(app, client, "", tmp_path)
        started.key = await started.another_key("Caritas", email="it@caritas.example")
        yield started


async def call(intake: Intake, method: str, path: str = "", **told: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {told.pop('key', intake.key)}"}
    url = f"/api/v1/webhooks{path}"
    return await intake.client.request(method, url, headers=headers, **told)


async def registered(intake: Intake, receiver: Receiver) -> dict[str, Any]:
    answer = await call(intake, "POST", json={"url": receiver.url})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def sent(intake: Intake, after: dt.timedelta = dt.timedelta()) -> None:
    """Let everything that is due then be sent."""
    courier = Courier(intake.rig)
    with clock.frozen(clock.now() + after):
        async with intake.rig.service.database.writing() as work:
            await courier.look(work)
        await courier.arrived()


async def deliveries(intake: Intake, made: dict[str, Any]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (
        await call(intake, "GET", f"/{made['webhook_id']}/deliveries")
    ).json()
    return listed


async def all_organisations(intake: Intake) -> list[PartnerOrganisation]:
    async with intake.rig.service.database.reading() as session:
        return list((await session.execute(select(PartnerOrganisation))).scalars())


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a message is signed, as a receiver checks it who read Standard Webhooks."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.digest(key, told, "sha256")).decode()
    return headers["webhook-signature"] == f"v1,{right}"


class TestDelivery:
    async def test_each_status_is_told_signed_and_without_content(
        self, intake: Intake, receiver: Receiver
    ) -> None:
        before = await posted(intake, 1)
        made = await registered(intake, receiver)
        await sent(intake)
        assert receiver.told == [], "what was so before is no news"
        question_id = await posted(intake, 2)
        await sent(intake)
        research_id = await (await Officer.arrive(intake)).release(question_id)
        await sent(intake)
        await hear(intake, approved(research_id))
        for _ in range(2):
            await sent(intake)
        statuses = ["received", "in_review", "answered"]
        assert receiver.told == [(question_id, status) for status in statuses]
        for headers, body in receiver.heard:
            assert is_signed(made["secret"], headers, body)
            assert not is_signed(made["secret"], headers, body + b" ")
            assert headers["host"] == f"127.0.0.1:{receiver.port}"
            assert set(json.loads(body)) == {"type", "timestamp", "data"}
        assert before not in str(receiver.heard)
        assert research_id not in str(receiver.heard)
        ids = {headers["webhook-id"] for headers, _ in receiver.heard}
        log = await deliveries(intake, made)
        assert {one["message_id"] for one in log} == ids
        assert [one["status"] for one in log] == statuses[::-1]
        assert all(one["delivered_at"] and one["tries"] == 1 for one in log)

    @on_sqlite
    async def test_an_erased_question_is_told_as_such(
        self, intake: Intake, receiver: Receiver
    ) -> None:
        await registered(intake, receiver)
        question_id = await posted(intake, 1)
        first, second = await Officer.arrive(intake), await Officer.arrive(intake, "Wim V.")
        await first.post(f"/{question_id}/erase", wish="person")
        await second.post(f"/{question_id}/erase/confirm")
        assert await is_gone(intake, question_id)
        await sent(intake)
        assert receiver.told[-1] == (question_id, "erased")

    @on_sqlite
    async def test_a_test_message_is_signed_tells_of_nothing_and_is_sent_once(
        self, intake: Intake, receiver: Receiver
    ) -> None:
        made = await registered(intake, receiver)
        operator = await Officer.arrive(intake, "Op", "operator")
        (where,) = {
            f"/console/organisations/{one.organisation_id}"
            for one in await all_organisations(intake)
        }
        page = (await operator.client.get(where)).text
        assert f'action="{where}/webhook/test"' in page
        receiver.answers = [500]
        asked = await call(intake, "POST", f"/{made['webhook_id']}/test")
        again = await operator.client.post(
            f"{where}/webhook/test", data={"csrf": operator.staff.csrf}
        )
        assert (asked.status_code, again.status_code) == (202, 303)
        await sent(intake)
        await sent(intake, BACKOFF[0])
        ((headers, body),) = receiver.heard
        assert is_signed(made["secret"], headers, body)
        told = json.loads(body)
        assert (told["type"], told["data"]) == ("webhook.test", {})
        (one,) = await deliveries(intake, made)
        assert one["message_id"] == asked.json()["message_id"]
        assert (one["question_id"], one["status"], one["answered"]) == (None, "test", 500)
        assert "Test message" in (await operator.client.get(where)).text
        assert (await call(intake, "GET")).json()[0]["off_at"] is None, "it proves nothing yet"

    @on_sqlite
    async def test_a_webhook_that_is_off_gets_no_test_message(
        self, intake: Intake, receiver: Receiver
    ) -> None:
        made = await registered(intake, receiver)
        receiver.answers = [410]
        await call(intake, "POST", f"/{made['webhook_id']}/test")
        await sent(intake)
        refused = await call(intake, "POST", f"/{made['webhook_id']}/test")
        assert (refused.status_code, refused.json()["type"]) == (409, "webhook-off")

    @on_sqlite
    @pytest.mark.parametrize(("proves", "heard"), [("cases.ngo.example", 1), ("127.0.0.1", 0)])
    async def test_by_https_the_server_proves_its_name_wherever_that_leads(
        self,
        intake: Intake,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        proves: str,
        heard: int,
    ) -> None:
        authority = Authority(tmp_path / "authority")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
        looked_at = []

        async def here(host: str, *_: object, **__: object) -> list[Any]:
            looked_at.append(host)
            return [(0, 0, 0, "", ("127.0.0.1", 0))]

        with receiving(authority.issue(proves)) as receiver:
            url = f"https://cases.ngo.example:{receiver.port}/hook"
            assert (await call(intake, "POST", json={"url": url})).status_code == 201
            await posted(intake, 1)
            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", here)
            await sent(intake)
            assert len(receiver.heard) == heard
            assert looked_at == ["cases.ngo.example"], "once, so that it cannot change meanwhile"
            for headers, _ in receiver.heard:
                assert headers["host"] == f"cases.ngo.example:{receiver.port}"


class TestTrouble:
    async def test_it_is_tried_again_with_the_same_id_until_it_arrives(
        self, intake: Intake, receiver: Receiver
    ) -> None:
        made = await registered(intake, receiver)
        receiver.answers = [500, 301, 429]
        await posted(intake, 1)
        await sent(intake)
        await sent(intake)
        assert len(receiver.heard) == 1, "not before its time"
        for pause in (10, 100, 1000):
            await sent(intake, dt.timedelta(seconds=pause))
        assert len(receiver.heard) == 4, "a redirect is not followed"
        assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1
        (one,) = await deliveries(intake, made)
        assert (one["tries"], one["answered"], one["trouble"]) == (4, 204, None)

    @on_sqlite
    async def test_after_a_day_it_is_switched_off_and_the_organisation_is_told(
        self, intake: Intake, receiver: Receiver
    ) -> None:
        made = await registered(intake, receiver)
        receiver.answers = [503] * 20
        await posted(intake, 1)
        for tries in range(len(BACKOFF) + 2):
            await sent(intake, dt.timedelta(days=tries))
        assert len(receiver.heard) == len(BACKOFF) + 1
        (told,) = (await call(intake, "GET")).json()
        assert (told["off_why"], told["webhook_id"]) == ("failed", made["webhook_id"])
        async with intake.rig.service.database.reading() as session:
            mails = (await session.execute(select(messaging.mails))).all()
        assert len(mails) == 1
        assert (await call(intake, "POST", json={"url": receiver.url})).status_code == 409
        removed = await call(intake, "DELETE", f"/{made['webhook_id']}")
        assert (removed.status_code, removed.json()) == (200, {"status": "removed"})
        assert (await registered(intake, receiver))["secret"] != made["secret"]

    @on_sqlite
    async def test_who_answers_that_it_is_gone_is_asked_no_more(
        self, intake: Intake, receiver: Receiver
    ) -> None:
        await registered(intake, receiver)
        receiver.answers = [410]
        await posted(intake, 1)
        await sent(intake)
        assert (await call(intake, "GET")).json()[0]["off_why"] == "gone"

    @on_sqlite
    async def test_nobody_there_and_a_private_address_are_told_apart(
        self, intake: Intake, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = await registered(intake, receiver)
        await posted(intake, 1)
        intake.rig.settings.webhook_networks = ""
        await sent(intake)
        assert receiver.heard == []
        assert [one["trouble"] for one in await deliveries(intake, made)] == ["no-address"]
        intake.rig.settings.webhook_networks = "127.0.0.0/8"
        loop = asyncio.get_running_loop()

        async def nobody(*_: object, **__: object) -> list[Any]:
            return [(0, 0, 0, "", ("127.0.0.9", 0))]

        monkeypatch.setattr(loop, "getaddrinfo", nobody)
        await sent(intake, dt.timedelta(seconds=10))
        monkeypatch.undo()
        assert [one["trouble"] for one in await deliveries(intake, made)] == ["no-connection"]

    @on_sqlite
    async def test_what_a_crash_left_under_way_is_sent_again(
        self, intake: Intake, receiver: Receiver
    ) -> None:
        await registered(intake, receiver)
        await posted(intake, 1)
        async with intake.rig.service.database.writing() as work:
            await webhooks.notice_changes(work)
            await work.session.flush()
            (await work.session.execute(select(Notice))).scalar_one().begin()
        await sent(intake)
        assert receiver.heard == []
        await sent(intake, dt.timedelta(minutes=3))
        assert len(receiver.heard) == 1


@on_sqlite
class TestRegistering:
    async def test_the_same_again_is_the_same_and_another_is_refused(
        self, intake: Intake, receiver: Receiver
    ) -> None:
        first = await registered(intake, receiver)
        assert await registered(intake, receiver) == first
        other = await call(intake, "POST", json={"url": receiver.url + "2"})
        assert (other.status_code, other.json()["type"]) == (409, "webhook-exists")
        with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
            late = await call(intake, "POST", json={"url": receiver.url})
            assert late.status_code == 409, "its secret is shown no more"
        (listed,) = (await call(intake, "GET")).json()
        assert "secret" not in listed

    async def test_a_target_that_may_not_be_is_named_and_not_repeated(self, intake: Intake) -> None:
        answer = await call(intake, "POST", json={"url": "https://10.0.0.1/secret-path"})
        assert (answer.status_code, answer.json()["type"]) == (422, "webhook-target-refused")
        assert "secret-path" not in answer.text

    async def test_nobody_sees_or_takes_away_another_ones(
        self, intake: Intake, receiver: Receiver
    ) -> None:
        made = await registered(intake, receiver)
        other = await intake.another_key("Other")
        assert (await call(intake, "GET", key=other)).json() == []
        for method, rest in (("DELETE", ""), ("GET", "/deliveries")):
            path = f"/{made['webhook_id']}{rest}"
            assert (await call(intake, method, path, key=other)).status_code == 404

    async def test_an_operator_sees_it_and_switches_it_off(
        self, intake: Intake, receiver: Receiver
    ) -> None:
        await registered(intake, receiver)
        await posted(intake, 1)
        await sent(intake)
        staff = await sign_in(intake.client, intake.app, "operator")
        page = (await intake.client.get("/console/organisations")).text
        room = page.split('class="q" href="')[1].split('"')[0]
        assert receiver.url in (await intake.client.get(room)).text
        for _ in range(2):
            off = await intake.client.post(f"{room}/webhook/off", data={"csrf": staff.csrf})
            assert off.status_code == 303
        assert "Switched off" in (await intake.client.get(room)).text
        await posted(intake, 2)
        await sent(intake)
        assert len(receiver.heard) == 1
