"""Sixty people confirm at once for ten places: exactly ten have one, the others wait."""

import asyncio
import datetime as dt
import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx
from cri_shared import clock
from cri_shared.identity.store import Identity
from cri_shared.privacy.keys import KeyRing
from cri_shared.testing.commands import ServiceProcess
from cri_shared.testing.waiting import eventually
from cri_stack.demo.people.trainer import Trainer
from cri_stack.demo.walking import DemoClock
from cri_training.models import SignUp
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import create_async_engine

from tests.bench.measuring import percentile
from tests.bench.report import Row
from tests.bench.stage import Stage

PEOPLE, PLACES = 60, 10
WORKSHOP = {
    "title": "Talking about return",
    "summary": "How to talk without pressure.",
    "language": "en",
    "town": "Gent",
    "venue": "Zaal 3, Voorbeeldstraat 1",
    "capacity": str(PLACES),
}


async def measure(stage: Stage) -> list[Row]:
    """A real training process on each database; people only use its pages and their mail."""
    return [await _race(stage, kind) for kind in ("sqlite", "postgresql")]


async def _race(stage: Stage, kind: str) -> Row:
    url = await stage.database_url(kind, "training")
    training = await stage.service(
        "training",
        f"sign-ups-{kind}",
        nats_url=await stage.nats_url(),
        CRI_TRAINING_DATABASE_URL=url,
    )
    training.start()
    try:
        edition_id = await open_edition(training)
        async with httpx.AsyncClient(base_url=training.url, timeout=60) as client:
            await asyncio.gather(*(_ask(client, edition_id, number) for number in range(PEOPLE)))
            links = await _links(training.directory / "mail")
            began = time.perf_counter()
            latencies = await asyncio.gather(*(_confirm(client, link) for link in links))
            took = time.perf_counter() - began
        counts = await _counts(url)
    finally:
        training.stop()
    if sum(counts.values()) != PEOPLE:
        raise RuntimeError(f"not everybody was answered: {counts}")
    return Row(
        f"{PEOPLE} sign-ups at once for {PLACES} places, {kind}: with a place",
        float(counts.get("seated", 0)),
        "",
        limit=float(PLACES),
        exactly=True,
        note=f"{counts.get('waiting', 0)} wait; all answered in {took:.1f} s, "
        f"p50 {percentile(latencies, 50):.0f} ms, p99 {percentile(latencies, 99):.0f} ms",
    )


async def open_edition(training: ServiceProcess) -> str:
    """Let a trainer plan an edition and open it to sign-ups; gives its id."""
    ring = KeyRing.open(Path(training.env["CRI_IDENTITY_KEY_DIR"]))
    identity = Identity(training.env["CRI_IDENTITY_DATABASE_URL"], ring, service="training")
    token = await identity.invite("sofie@staff.example", "Sofie", ["trainer"])
    await identity.close()
    trainer = Trainer(
        "Sofie", "sofie@staff.example", training.url, DemoClock(training.directory / "clock")
    )

    def plan() -> str:
        trainer.accept(f"{training.url}/console/invited/{token}")
        made = trainer.plan(WORKSHOP, [clock.today() + dt.timedelta(days=30)])
        trainer.publish(made)
        return made

    return await asyncio.to_thread(plan)


async def _ask(client: httpx.AsyncClient, edition_id: str, number: int) -> None:
    url = f"/en/sign-up/{edition_id}"
    page = await client.get(url)
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token is not None, page.text[:500]
    form = {
        "form_token": token[1],
        "name": f"Person {number}",
        "organisation": "Voorbeeldhuis",
        "email": f"person{number}@example.org",
        "language": "en",
    }
    answer = await client.post(url, data=form)
    if answer.status_code != 303:
        raise RuntimeError(f"sign-up form: {answer.status_code}")


async def _links(mails: Path) -> list[str]:
    """The link in everybody's mail, as soon as all have come."""

    def found() -> list[str]:
        texts = (_text(path) for path in mails.glob("*.eml"))
        links = (re.search(r"http\S+(/en/sign-up/confirm/\S+)", text) for text in texts)
        every = [link[1] for link in links if link]
        return every if len(every) == PEOPLE else []

    return await eventually(found, timeout=60, what="sixty mails")


def _text(path: Path) -> str:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",)) if isinstance(mail, EmailMessage) else None
    return str(body.get_content()) if body else ""


async def _confirm(client: httpx.AsyncClient, link: str) -> float:
    began = time.perf_counter()
    answer = await client.post(link)
    if answer.status_code != 303:
        raise RuntimeError(f"a confirmation: {answer.status_code}")
    return (time.perf_counter() - began) * 1000


async def _counts(url: str) -> dict[str, int]:
    """State -> how many, as the database has them."""
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        rows = select(SignUp.status, func.count()).group_by(SignUp.status)
        counts = {status: number for status, number in await connection.execute(rows)}
    await engine.dispose()
    return counts
