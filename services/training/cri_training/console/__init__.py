"""The console of trainers and coders: workshops, editions, mails, participants, feedback."""

from cri_training.console import (
    acting,
    attendance,
    code_book,
    editions,
    letters,
    obstacles,
    participants,
    reports,
    texts,
    workshops,
)

routers = tuple(
    part.router
    for part in (
        *(workshops, editions, acting, letters, participants),
        *(attendance, reports, obstacles, code_book, texts),
    )
)
