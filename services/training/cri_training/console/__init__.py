"""The trainers' console: workshops, editions, participants, feedback."""

from cri_training.console import acting, editions, participants, workshops

routers = tuple(part.router for part in (workshops, editions, acting, participants))
