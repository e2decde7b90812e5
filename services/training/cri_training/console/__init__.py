"""The trainers' console: workshops, editions, their mails, participants, feedback."""

from cri_training.console import acting, attendance, editions, letters, participants, workshops

routers = tuple(
    part.router for part in (workshops, editions, acting, letters, participants, attendance)
)
