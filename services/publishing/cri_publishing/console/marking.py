"""What an editor says of names and contacts in a text that becomes public."""

from collections.abc import Iterable, Mapping
from typing import Any

from cri_shared.privacy.gate import by_kind, explained, said_in, told, unexplained
from cri_shared.privacy.gate_words import REASON_WORDS, Reason
from cri_shared.web.pages import words_of
from fastapi import Request

from cri_publishing.actions import review
from cri_publishing.rules.checks import Problem, to_mark


def marks_of(
    request: Request, problems: Iterable[Problem], values: Mapping[str, Any]
) -> review.Marks:
    """What the form says of names and contacts, in sentences for whoever approves."""
    found = to_mark(problems)
    reasons, words = explained(found, said_in(values)), words_of(request)
    sentences = (
        f"{told(group)}: {words.gettext(REASON_WORDS[Reason(reason)])}"
        for reason in dict.fromkeys(reasons.values())
        if (group := [one for one in found if reasons.get(one.mark) == reason])
    )
    return review.Marks(tuple(sentences), tuple(by_kind(unexplained(found, reasons))))
