"""The mailboxes of everybody outside: here the world ends, and mails are files."""

import re
from pathlib import Path

from cri_stack.demo.waiting import wait_for
from cri_stack.mail_page import Written, written


class Mailbox:
    """What one address was sent."""

    def __init__(self, mails: Path, address: str) -> None:
        self.address = address
        self._mails = mails
        self._read: set[str] = set()

    def new(self, *, link: str = "", service: str = "", subject: str = "") -> str:
        """Wait for a mail that came since one looked; gives what matches `link`, or its text.

        The mails before it count as read.
        """
        mail = wait_for(
            f"a mail to {self.address} ({link or subject or service})",
            lambda: self._unread(link, service, subject),
        )
        self._read |= {each.name for each in self._mine(service)}
        return _matching(link, mail)

    def newest(self, link: str, service: str) -> str | None:
        """What matches in the newest mail of a service, or None while there is none."""
        fitting = [mail for mail in self._mine(service) if re.search(link, mail.text)]
        return _matching(link, fitting[0]) if fitting else None

    def _unread(self, link: str, service: str, subject: str) -> Written | None:
        for mail in self._mine(service):
            fits = subject in str(mail.message["Subject"]) and re.search(link, mail.text)
            if fits and mail.name not in self._read:
                return mail
        return None

    def _mine(self, service: str) -> list[Written]:
        return [
            mail
            for mail in written(self._mails)
            if self.address in mail.to and service in ("", mail.service)
        ]


def _matching(link: str, mail: Written) -> str:
    found = re.search(link, mail.text) if link else None
    return found[0] if found else mail.text
