"""Chromium for the browser suite: the system's own, installed where that is missing and allowed."""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-core", "fonts-noto-ui-core")
LEFT_OUT = "BROWSER TESTS WERE LEFT OUT: there is no Chromium, and it could not be installed here."


def find() -> str | None:
    """Where Chromium is, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def find_or_install() -> str | None:
    """Where Chromium is, after installing it if this user may; None where it cannot be had."""
    found = find()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES],
        ):
            subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)
        found = find()
    return found


def required() -> bool:
    """Whether doing without is a failure: continuous integration must not lose a suite quietly."""
    return os.environ.get("CI") == "true"
