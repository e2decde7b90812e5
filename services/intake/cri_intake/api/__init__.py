"""The API for partner organisations: post questions, read one's own cases and answers."""

from cri_intake.api.questions import router

__all__ = ["router"]
