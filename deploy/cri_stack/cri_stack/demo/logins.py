"""The demo's logins, kept so that whoever tries it can have the code of the moment."""

import json
import os

import pyotp
from cri_shared import clock

from cri_stack.layout import Layout


def keep_logins(layout: Layout, secrets: dict[str, str]) -> None:
    """Keep the authenticator's key of each e-mail address of a demo, for this account alone."""
    path = layout.var / "logins.json"
    path.write_text(json.dumps(secrets))
    path.chmod(0o600)


def secret_of(layout: Layout, email: str) -> str | None:
    """The key of somebody's authenticator, or None for who has no login there."""
    path = layout.var / "logins.json"
    secrets: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return secrets.get(email)


def code_of(layout: Layout, email: str) -> str | None:
    """The code of the moment by the demo's clock, or None for who has no login there."""
    secret = secret_of(layout, email)
    if secret is None:
        return None
    told = {name: value for name, value in layout.environment().items() if "DEMO" in name}
    os.environ.update(told)  # from here on this process has the demo's time
    return pyotp.TOTP(secret).at(clock.now())
