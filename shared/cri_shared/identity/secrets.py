"""Passwords and second factors: Argon2id, TOTP, and tokens that are stored only as hashes."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets

import pyotp
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from cri_shared.identity.passwords import MAX_PASSWORD
from cri_shared.privacy.argon2id import in_turn

# OWASP's minimum for Argon2id: 19 MiB, two passes, one lane; about 60 ms here.
_hasher = PasswordHash((Argon2Hasher(memory_cost=19456, time_cost=2, parallelism=1),))


async def hash_password(password: str) -> str:
    """The Argon2id hash of a password."""
    return await in_turn(_hasher.hash, password)


async def verify_password(password: str, password_hash: str) -> tuple[bool, str | None]:
    """Whether this is the password, and a better hash of it where the kept one is out of date."""
    return await in_turn(_hasher.verify_and_update, password[:MAX_PASSWORD], password_hash)


async def waste_time(password: str) -> None:
    """As long as a verification takes, for accounts that do not exist."""
    await hash_password(password[:MAX_PASSWORD])


def new_token() -> str:
    """A random token of 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token; it has too many bits to be guessed, so one SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_after(key: bytes, token: str) -> str:
    """The token that follows one: whoever still has the old one can be given the same new one."""
    following = hmac.digest(key, f"after:{token}".encode(), "sha256")
    return base64.urlsafe_b64encode(following).rstrip(b"=").decode()


def csrf_of(key: bytes, session_id: str) -> str:
    """The form token of a session; it stays when the session gets a new token."""
    return hmac.digest(key, f"form:{session_id}".encode(), "sha256").hex()


def totp_step(secret: str, code: str, at: dt.datetime) -> int | None:
    """The time step for which a code of six digits is right (one step of drift), or None."""
    totp = pyotp.TOTP(secret)
    now = int(at.timestamp()) // totp.interval
    digits = "".join(c for c in code if c.isdigit())
    for step in (now, now - 1, now + 1):
        if secrets.compare_digest(totp.generate_otp(step), digits):
            return step
    return None
