"""Intake's console: queue, cases, desk, its figures, phone calls; organisations and their keys."""

from cri_intake.console import (
    contacts,
    danger,
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
    referrals,
    steps,
    usual,
)

routers = (
    queue.router,
    phone.router,
    question.router,
    steps.router,
    usual.router,
    danger.router,
    referrals.router,
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
