"""A real OpenID Connect provider (node's oidc-provider), with people who sign in on its pages."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cri_shared.testing.processes import Child, answers, free_port
from cri_shared.testing.waiting import until

HERE = Path(__file__).parents[1] / "oidc"
LEFT_OUT = "SIGN-IN BY A PROVIDER WAS NOT TESTED: there is no node, or no package of it here."


def installed() -> Path | None:
    """Where the provider is, after installing it from its lock; None where it cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    place = Path(sys.prefix) / "oidc"
    lock = (HERE / "package-lock.json").read_bytes()
    place.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "provider.mjs"):
        shutil.copyfile(HERE / name, place / name)
    done = place / "node_modules" / ".done"
    if not done.exists() or done.read_bytes() != lock:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        if subprocess.run(command, cwd=place, check=False, capture_output=True).returncode:
            return None
        done.write_bytes(lock)
    return place


def required() -> bool:
    """Whether doing without is a failure: continuous integration must not lose a suite quietly."""
    return os.environ.get("CI") == "true"


@dataclass
class RealProvider:
    """A running provider and the client that it knows."""

    place: Path
    log: Path
    back: str
    people: dict[str, dict[str, Any]]
    client_id: str = "cri-intake"
    client_secret: str = "a secret between two servers"

    def start(self, console: str) -> None:
        """Start it for a console at this address."""
        self.port = free_port()
        told = {
            "port": self.port,
            "issuer": self.issuer,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "redirect_uri": console + self.back,
            "logout_uri": f"{console}/console/sign-out/provider",
            "people": self.people,
        }
        command = ["node", str(self.place / "provider.mjs"), json.dumps(told)]
        self._child = Child(command, self.log)
        until(lambda: answers(self.port), timeout=30, what="the provider")

    @property
    def issuer(self) -> str:
        """Its name."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """End it."""
        self._child.stop()


async def pass_through(browser: httpx.AsyncClient, url: str, who: str, back: str) -> httpx.URL:
    """Sign in on the provider's pages and agree; the address to which it sends the browser back."""
    answer = await browser.get(url)
    for _page in range(12):
        if answer.is_redirect:
            following = answer.url.join(answer.headers["location"])
            if following.path == back:
                return following
            answer = await browser.get(following)
            continue
        form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        assert form is not None, answer.text[:2000]
        hidden = re.findall(r'name="(\w+)" value="([^"]*)"', answer.text)
        fields = {**dict(hidden), "login": who, "password": "any"}
        answer = await browser.post(answer.url.join(form[1]), data=fields)
    raise AssertionError(f"the provider does not send {who} back")


async def sign_out(browser: httpx.AsyncClient, issuer: str) -> None:
    """End the session at the provider, which tells its clients."""
    page = await browser.get(f"{issuer}/session/end")
    xsrf = re.search(r'name="xsrf" value="([^"]+)"', page.text)
    assert xsrf is not None, page.text
    form = {"xsrf": xsrf[1], "logout": "yes"}
    await browser.post(f"{issuer}/session/end/confirm", data=form)
