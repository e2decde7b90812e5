"""Places: everything that a platform keeps or shows, piece by piece, to be searched."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import nats
from cri_shared.bus.access import PROVISIONER, inbox_of
from cri_shared.testing.disk import on_disk
from cri_stack.layout import Layout

_ELSEWHERE = (".eml", ".lock")
_MANY = 1000
_SQLITE = b"SQLite format 3"


@dataclass(frozen=True)
class Piece:
    """Some bytes and where they lie: `kind` is what rules speak of, `where` finds it again."""

    kind: str
    where: str
    data: bytes


def files(root: Path) -> Iterator[Piece]:
    """Every file as it lies on the disk; mails are read by `mails`."""
    for where, held in sorted(on_disk(root).items()):
        if not where.endswith(_ELSEWHERE):
            yield Piece(f"file {where.partition('/')[0]}", where, held)


def rows(root: Path) -> Iterator[Piece]:
    """Every row of every SQLite database: a long value lies in pieces in the file."""
    for path in _databases(root):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes
            names = connection.execute("select name from sqlite_master where type = 'table'")
            for (name,) in names.fetchall():
                table = name.decode()
                for row in connection.execute(f'select * from "{table}"'):  # noqa: S608
                    data = b"\n".join(cell(value) for value in row)
                    yield Piece(f"database {path.stem}", f"{path.stem}.{table}", data)


def _databases(root: Path) -> list[Path]:
    """What `cri` and NATS call .db and SQLite wrote."""
    held = sorted(on_disk(root).items())
    return [root / path for path, d in held if path.endswith(".db") and d.startswith(_SQLITE)]


def cell(value: object) -> bytes:
    """What a column of a row holds, as bytes."""
    return value if isinstance(value, bytes) else str(value).encode()


def mails(root: Path) -> Iterator[Piece]:
    """Every mail that was sent, decoded: to whom apart from all that it says."""
    for path in sorted(root.glob("*/*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        where = f"{path.parent.name}/{path.name}"
        yield Piece(f"addressee {path.parent.name}", where, str(message["To"]).encode())
        told = [f"{name}: {value}" for name, value in message.items() if name != "To"]
        yield Piece("mail", f"{where}, headers", "\n".join(told).encode())
        for part in message.walk():
            body = part.get_payload(decode=True)
            if isinstance(body, bytes):
                kind = "calendar" if part.get_content_type() == "text/calendar" else "mail"
                yield Piece(kind, where, body)


async def messages(url: str, seed: Path | None = None) -> AsyncIterator[Piece]:
    """Every message of every stream, as the server gives it to whoever may read all."""
    told = {"nkeys_seed": str(seed), "inbox_prefix": inbox_of(PROVISIONER)} if seed else {}
    client = await nats.connect(url, **told)
    try:
        manager = client.jsm()
        for stream in await manager.streams_info():
            name = str(stream.config.name)
            for number in range(max(1, stream.state.first_seq), stream.state.last_seq + 1):
                try:
                    message = await manager.get_msg(name, number)
                except nats.js.errors.NotFoundError:  # it was erased
                    continue
                told = f"{message.subject}\n{message.headers}\n".encode()
                yield Piece(f"stream {name}", f"{name} {number}", told + (message.data or b""))
    finally:
        await client.close()


def documents(layout: Layout) -> Iterator[Piece]:
    """Every document of every index, as a search without words gives it."""
    headers = {"Authorization": f"Bearer {layout.master_key}"}
    with httpx.Client(base_url=layout.url("index"), headers=headers, trust_env=False) as client:
        for index in client.get("/indexes").json()["results"]:
            found = client.post(f"/indexes/{index['uid']}/search", json={"limit": _MANY}).json()
            for document in found["hits"]:
                yield Piece("index", str(document["id"]), str(document).encode())
