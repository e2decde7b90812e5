"""The console of trainers and coders: editions, places, mails, participants, papers, feedback."""

from cri_training.console import (
    acting,
    attendance,
    certificates,
    check_in,
    code_book,
    editions,
    letters,
    obstacles,
    participants,
    places,
    reports,
    texts,
    workshops,
)

_PARTS = (
    *(workshops, editions, acting, letters, participants, places),
    *(attendance, check_in, certificates, reports, obstacles, code_book, texts),
)
routers = tuple(part.router for part in _PARTS)
