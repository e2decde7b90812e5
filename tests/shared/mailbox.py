"""A real SMTP server that keeps what it gets."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from cri_shared.testing.processes import free_port
from pydantic import SecretStr


class Mailbox:
    """The hooks of an SMTP server that keeps what it gets, or answers as it is told."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answer = "250 taken"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            parsed = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            self.messages.append(parsed)
        return self.answer


@contextmanager
def listening(mailbox: Mailbox) -> Iterator[SecretStr]:
    """The address of a server that brings its mails to a mailbox."""
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        yield SecretStr(f"smtp://127.0.0.1:{server.port}")
    finally:
        server.stop()
