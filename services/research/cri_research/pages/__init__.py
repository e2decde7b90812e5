"""The partner's pages: one question behind one link, on a slow phone, with or without script."""

from cri_research.pages import answering, door, steps

routers = tuple(part.router for part in (door, steps, answering))
