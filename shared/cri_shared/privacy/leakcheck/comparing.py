"""Comparing a text, in all its renderings, with the facts of a case."""

from cri_shared.privacy.leakcheck.facts import CaseFacts, Leak
from cri_shared.privacy.leakcheck.names import names
from cri_shared.privacy.leakcheck.numbers import dates, numbers
from cri_shared.privacy.leakcheck.phrases import phrases, streets
from cri_shared.privacy.leakcheck.renderings import Rendering, renderings


def compared(facts: CaseFacts, outgoing_text: str) -> list[Leak]:
    """Every place where `outgoing_text` repeats a fact, in reading order."""
    found: set[Leak] = set()
    for rendering in renderings(outgoing_text):
        for kind, start, end in _found(facts, rendering):
            first, last = rendering.where(start, end)
            found.add(Leak(kind, outgoing_text[first:last], first, last))
    return sorted(_widest(found), key=lambda leak: (leak.start, leak.end, leak.kind))


def _found(facts: CaseFacts, rendering: Rendering) -> list[tuple[str, int, int]]:
    text = rendering.text
    lettered = tuple(number for number in facts.numbers if any(map(str.isalpha, number)))
    return [
        *(("name", *at) for at in names(facts.names, facts.addresses, rendering)),
        *(("number", *at) for at in numbers((*facts.phones, *facts.numbers), text)),
        *(("date", *at) for at in dates(facts.dates, text)),
        *(("email", *at) for at in phrases(facts.emails, text)),
        *(("number", *at) for at in phrases(lettered, text)),
        *(("address", *at) for at in phrases(streets(facts.addresses), text)),
        *(("other", *at) for at in phrases(facts.other, text)),
    ]


def _widest(found: set[Leak]) -> list[Leak]:
    """Without those that lie inside another of their kind."""
    widest: list[Leak] = []
    for leak in sorted(found, key=lambda leak: (leak.kind, leak.start, -leak.end)):
        last = widest[-1] if widest else None
        if last is None or last.kind != leak.kind or leak.end > last.end:
            widest.append(leak)
    return widest
