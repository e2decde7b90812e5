"""Staff: invited by link, signed in with password and code, and again after every long pause."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import pyotp

from cri_stack.demo.people.person import Person, Value
from cri_stack.demo.waiting import Trouble
from cri_stack.demo.walking import STEP_SECONDS, DemoClock

PASSWORD = "demo: een lange zin om te onthouden"  # noqa: S105 - printed for whoever tries the demo


class StaffMember(Person):
    """A person with an account at one console or several."""

    def __init__(self, name: str, email: str, console: str, clock: DemoClock) -> None:
        super().__init__(name)
        self.email = email
        self.console = console
        self.clock = clock
        self.totp_secret = ""
        self._last_step = 0

    def accept(self, link: str) -> None:
        """Become staff through the one-time link."""
        self.open(link)
        shown = re.search(r"\b[A-Z2-7]{32}\b", self.text)
        if shown is None:
            raise Trouble(f"{link} shows no key for the authenticator")
        self.totp_secret = shown[0]
        self.submit(r"/console/invited/", {"password": PASSWORD, "code": self._code()})

    def at(self, path: str) -> "StaffMember":
        """Open a page of one's own console, signing in first where the session has ended."""
        url = f"{self.console}{path}"
        self.open(url)
        if urlsplit(self.url).path.startswith("/console/sign-in"):
            known = {"email": self.email, "password": PASSWORD, "code": self._code()}
            self.submit(r"/console/sign-in", known)
            self.open(url)
        return self

    def try_to(
        self,
        action: str,
        fields: Mapping[str, Value] | None = None,
        *,
        button: str | None = None,
    ) -> None:
        """Fill in a form and send it; show anew who one is where that is asked."""
        super().try_to(action, fields, button=button)
        if self._page is not None and self._page.select_one("input[name=proof_code]"):
            here = re.escape(urlsplit(self.url).path)
            super().try_to(f"{here}$", {"proof_code": self._code()})

    def go_to(self, service: str) -> None:
        """Go to another console without signing in again."""
        self.submit(r"/console/go$", button=service)

    def _code(self) -> str:
        """The code of the moment, or the next one where this one was used: each is good once."""
        now = int(self.clock.now().timestamp()) // STEP_SECONDS
        self._last_step = max(now, self._last_step + 1)
        return pyotp.TOTP(self.totp_secret).generate_otp(self._last_step)
