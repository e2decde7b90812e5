"""The officers' console: the queue, a case's page, the desk, and questions by telephone."""

from cri_intake.console import desk, phone, question, queue

routers = (queue.router, phone.router, question.router, desk.router)
