"""The leak check: nothing that identifies the asker may leave in an outgoing text. A hard block."""

from cri_shared.privacy.leakcheck.facts import CaseFacts, Leak, facts_from_text

__all__ = ["CaseFacts", "Leak", "facts_from_text", "leaks"]


def leaks(facts: CaseFacts, outgoing_text: str) -> list[Leak]:
    """Every place where `outgoing_text` repeats a fact, in reading order; empty means it may go.

    Facts survive capitals, accents, other scripts, lookalike letters and digits, invisible
    characters, spaces or dots between letters, and spelled digits. Names survive another order and
    a typo (none below five letters, one below eight, two from there); numbers are compared by their
    last seven digits, dates by their day.
    """
    # Loaded on first use: dictionaries of many languages that a process may never need.
    from cri_shared.privacy.leakcheck.comparing import compared

    return compared(facts, outgoing_text)
