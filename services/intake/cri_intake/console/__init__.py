"""Intake's console: officers' queue, cases, desk and phone; operators' organisations and keys."""

from cri_intake.console import desk, organisations, phone, question, queue

routers = (queue.router, phone.router, question.router, desk.router, organisations.router)
