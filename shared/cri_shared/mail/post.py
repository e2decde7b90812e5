"""The post office: seals mails into the transaction that wants them and sends them afterwards."""

import base64
import datetime as dt
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr
from sqlalchemy import Delete, Update, delete, insert, select, update

from cri_shared import clock
from cri_shared.bus.envelope import uuid7
from cri_shared.clockwork import Clockwork, Job
from cri_shared.db.database import Database, Work
from cri_shared.observe import log
from cri_shared.points import reached
from cri_shared.privacy.vault import open_sealed, seal

Check = Callable[[str], Awaitable[bool]]
KIND = "mail"
SENT_DIRECTORY_MODE = 0o700


@dataclass(frozen=True)
class Mail:
    """A plain-text mail to one person; `calendar` is an iCalendar body with its method.

    `picture` is a PNG in base64 that goes along and is shown below the text, under `picture_name`.
    `about` names what it rests on, where that may change before it is sent (`PostOffice.asks`).
    """

    to: str
    subject: str
    text: str
    calendar: str | None = None
    calendar_method: str = "REQUEST"
    picture: str | None = None
    picture_name: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    about: str = ""


class NoWayToSend(Exception):
    """Neither an SMTP server nor a directory is set: mails wait until one is."""


class PostOffice:
    """Posts and sends the mails of one service: by SMTP, or as files in a directory."""

    def __init__(
        self,
        database: Database,
        clockwork: Clockwork,
        *,
        key: bytes,
        sender: str,
        smtp_url: SecretStr | None,
        directory: Path | None,
    ) -> None:
        self._database = database
        self._clockwork = clockwork
        self._table = database.outbox.tables.mails
        self._key = key
        self._sender = sender
        self._smtp_url = smtp_url
        self._directory = directory
        self._still_wanted: Check | None = None
        clockwork.handles(KIND, self._send)

    def asks(self, check: Check) -> None:
        """Ask `check` about `Mail.about` in the moment of sending; False: it does not go."""
        self._still_wanted = check

    async def post(self, work: Work, mail: Mail, *, due_at: dt.datetime | None = None) -> str:
        """Add a mail to the transaction; it is sent once that has committed. Gives its id."""
        mail_id = uuid7()
        sealed = seal(self._key, json.dumps(asdict(mail)).encode(), mail_id.encode())
        due = due_at or clock.now()
        row = {"mail_id": mail_id, "sealed": sealed, "due_at": due, "tries": 0}
        await work.session.execute(insert(self._table).values(row))
        await self._clockwork.leave(work, KIND, mail_id, due_at=due)
        return mail_id

    async def _send(self, job: Job) -> None:
        async with self._database.reading() as session:
            found = select(self._table.c.sealed).where(self._table.c.mail_id == job.key)
            sealed = (await session.execute(found)).scalar_one_or_none()
        if sealed is None:
            return  # sent before, or no longer wanted
        mail = Mail(**json.loads(open_sealed(self._key, sealed, job.key.encode())))
        this = self._table.c.mail_id == job.key
        done: Delete | Update = delete(self._table).where(this)
        try:
            if await self._wanted(mail):
                await self._deliver(compose(mail, self._sender, job.key), job.key)
                reached("mail.delivered")
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as refusal:
            code = _refused_for_good(refusal)
            if code is None:
                raise
            log.error("mail.refused", mail_id=job.key, status=code)
            done = update(self._table).where(this).values(refused=str(code))
        async with self._database.writing() as work:
            await work.session.execute(done)

    async def _wanted(self, mail: Mail) -> bool:
        check = self._still_wanted
        return check is None or not mail.about or await check(mail.about)

    async def _deliver(self, message: EmailMessage, mail_id: str) -> None:
        if self._smtp_url is not None:
            await _by_smtp(message, self._smtp_url)
        elif self._directory is not None:
            self._directory.mkdir(parents=True, exist_ok=True, mode=SENT_DIRECTORY_MODE)
            temporary = self._directory / f".{mail_id}"
            temporary.write_bytes(message.as_bytes())
            temporary.replace(self._directory / f"{mail_id}.eml")
        else:
            raise NoWayToSend


def compose(mail: Mail, sender: str, mail_id: str) -> EmailMessage:
    """The MIME message of a mail; its Message-ID is stable, so a repeat is recognised."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = " ".join(mail.subject.split())  # a title may have had two lines
    message["Date"] = clock.now()
    message["Message-ID"] = f"<{mail_id}@cri.invalid>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies, please
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text)
    if mail.calendar is not None:
        message.add_alternative(
            mail.calendar.encode(),
            maintype="text",
            subtype="calendar",
            cte="base64",
            params={"method": mail.calendar_method, "charset": "utf-8"},
        )
    if mail.picture is not None:
        message.add_attachment(
            base64.b64decode(mail.picture),
            maintype="image",
            subtype="png",
            disposition="inline",
            filename=f"{mail.picture_name}.png",
        )
    return message


def _refused_for_good(
    refusal: aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPResponseException,
) -> int | None:
    """The 5xx code of a refusal that trying again will not change (RFC 5321, 4.2.1), or None.

    A refused sign-in is ours to mend, so the mail waits.
    """
    if isinstance(refusal, aiosmtplib.SMTPRecipientsRefused):
        code = min((one.code for one in refusal.recipients), default=0)
    elif isinstance(refusal, aiosmtplib.SMTPDataError):
        code = refusal.code
    else:
        return None
    return code if code >= 500 else None


async def _by_smtp(message: EmailMessage, url: SecretStr) -> None:
    parts = urlsplit(url.get_secret_value())
    await aiosmtplib.send(
        message,
        hostname=parts.hostname,
        port=parts.port or 25,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        timeout=20,
    )
