"""The console of trainers and coders: editions, places, mails, participants, feedback."""

from cri_training.console import (
    acting,
    attendance,
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

routers = tuple(
    part.router
    for part in (
        *(workshops, editions, acting, letters, participants, places),
        *(attendance, reports, obstacles, code_book, texts),
    )
)
