"""Intake's public pages: ask a question, keep its number, follow it."""

from cri_intake.pages import ask, erase, follow

routers = (ask.router, follow.router, erase.router)
