"""Intake's public pages: find an answer, ask a question, keep its number, follow it."""

from cri_intake.pages import ask, erase, existing, follow, helpers

routers = (existing.router, ask.router, follow.router, helpers.router, erase.router)
