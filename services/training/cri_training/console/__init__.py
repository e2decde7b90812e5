"""The console of trainers and coders: editions, places, mails, people, papers, feedback."""

from cri_training.console import (
    acting,
    approvals,
    attendance,
    certificates,
    check_in,
    code_book,
    editions,
    letters,
    obstacles,
    organisations,
    participants,
    places,
    reports,
    texts,
    workshops,
)

_PARTS = (
    *(workshops, organisations, editions, acting, letters, approvals, participants, places),
    *(attendance, check_in, certificates, reports, obstacles, code_book, texts),
)
routers = tuple(part.router for part in _PARTS)
