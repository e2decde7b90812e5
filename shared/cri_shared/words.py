"""Marks sentences for translation where they are written; they are translated where they show."""


def N_(message: str) -> str:  # noqa: N802 - the name gettext's tools look for
    """The sentence itself, found by `make messages`."""
    return message
