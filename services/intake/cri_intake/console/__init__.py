"""Intake's console: queue, cases, desk, its figures, phone calls; organisations and their keys."""

from cri_intake.console import (
    contacts,
    desk,
    erasures,
    figures,
    keeping,
    members,
    organisations,
    our_keys,
    people,
    phone,
    question,
    queue,
    steps,
)

routers = (
    queue.router,
    phone.router,
    question.router,
    steps.router,
    desk.router,
    figures.router,
    organisations.router,
    keeping.router,
    erasures.router,
    contacts.router,
    members.router,
    our_keys.router,
    people.router,
)
