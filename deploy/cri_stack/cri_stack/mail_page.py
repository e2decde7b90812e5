"""A page for the mails that services wrote as files: read-only, for this machine alone."""

import base64
import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property, lru_cache
from pathlib import Path

from cri_shared.web.server import Server
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from cri_stack.layout import Layout

NEWEST = 200
STOP_SECONDS = 2.0
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
STYLE = """\
body{font:1rem/1.5 system-ui,sans-serif;color:#1c2a33}
body{margin:1rem auto;max-width:60rem;padding:0 1rem}
ul{list-style:none;padding:0}li{border-top:1px solid #c9d3d9;padding:.6rem 0}
small{color:#4a5b66}pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}
a{color:#0b5394}li a{font-weight:600}"""


@dataclass(frozen=True)
class Written:
    """One mail file, and the service that wrote it."""

    service: str
    name: str
    message: EmailMessage

    @cached_property
    def to(self) -> str:
        """Whom it was sent to."""
        return str(self.message["To"])

    @cached_property
    def text(self) -> str:
        """What it says, without markup."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body else ""


def app(mails: Path) -> Starlette:
    """The page over a directory with one directory for each service."""

    async def every(request: Request) -> Response:
        service = request.query_params.get("service", "")
        return _page("Mails", _list(mails, service))

    async def one(request: Request) -> Response:
        service, name = request.path_params["service"], request.path_params["name"]
        known = {(m.service, m.name): m for m in written(mails)}
        if (service, name) not in known:
            raise HTTPException(404)
        return _page("Mail", _shown(known[service, name]))

    async def style(_request: Request) -> Response:
        return Response(STYLE, media_type="text/css")

    return Starlette(
        routes=[
            Route("/", every),
            Route("/style.css", style),
            Route("/{service}/{name}", one),
        ]
    )


def written(mails: Path) -> list[Written]:
    """The newest mails, newest first."""
    files = [(path.stat().st_mtime_ns, path) for path in mails.glob("*/*.eml")]
    files.sort(key=lambda file: file[0], reverse=True)
    return [_read(path, at) for at, path in files[:NEWEST]]


@lru_cache(NEWEST)
def _read(path: Path, _written_at: int) -> Written:
    """One mail; a file is written once, and looked at often."""
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    return Written(path.parent.name, path.stem, message)


def _page(title: str, body: str) -> HTMLResponse:
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title} - CRI on this machine</title><link rel="stylesheet" href="/style.css">'
        f"</head><body>{body}</body></html>",
        headers=HEADERS,
    )


def _list(mails: Path, service: str) -> str:
    found = written(mails)
    services = sorted({mail.service for mail in found})
    links = " ".join(f'<a href="/?service={name}">{name}</a>' for name in services)
    rows = "".join(_row(mail) for mail in found if service in ("", mail.service))
    nothing = "" if rows else "<p>No mail was sent.</p>"
    return (
        "<h1>Mails that left the services</h1><p>No mail leaves this machine: each is a file "
        f'under var/mail.</p><p><a href="/">all</a> {links}</p>{nothing}<ul>{rows}</ul>'
    )


def _row(mail: Written) -> str:
    subject, to, date = (_header(mail.message, name) for name in ("Subject", "To", "Date"))
    link = f'<a href="/{mail.service}/{mail.name}">{subject}</a>'
    return f"<li>{link}<br><small>{mail.service} to {to}, {date}</small></li>"


def _header(message: EmailMessage, name: str) -> str:
    return html.escape(str(message[name] or ""))


def _shown(mail: Written) -> str:
    heads = "".join(
        f"<p><small>{name}: {_header(mail.message, name)}</small></p>"
        for name in ("From", "To", "Date")
    )
    texts = [_part(part) for part in mail.message.walk() if isinstance(part, EmailMessage)]
    subject = _header(mail.message, "Subject")
    return f'<p><a href="/">all mails</a></p><h1>{subject}</h1>{heads}{"".join(texts)}'


def _part(part: EmailMessage) -> str:
    match part.get_content_type():
        case "text/plain" | "text/calendar":
            return f"<pre>{html.escape(part.get_content())}</pre>"
        case "image/png":
            name = html.escape(part.get_filename(""))
            data = base64.b64encode(part.get_content()).decode()
            return f'<p><img src="data:image/png;base64,{data}" alt="{name}"></p>'
    return ""


@contextmanager
def served(layout: Layout) -> Iterator[None]:
    """Serve the page on its port of this machine meanwhile, in a thread of this process."""
    server = Server(app(layout.mails), host="127.0.0.1", port=layout.ports["mail"])
    thread = threading.Thread(target=server.run, name="mail-page", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join(STOP_SECONDS)
