"""Documents of the index for tests and benchmarks: say what matters, the rest is filled in."""

from typing import Any

from cri_shared.index.documents import READERS, EntryDocument, document_id


def entry(entry_id: str, language: str = "en", **changes: Any) -> EntryDocument:
    """A published entry about health in Afghanistan, checked in 2024, with changes."""
    made: Any = {
        "id": document_id(entry_id, language),
        "entry_id": entry_id,
        "slug": entry_id,
        "language": language,
        "readers": list(READERS),
        "question": "Where can a returnee find a doctor?",
        "answer": "Every district has a clinic that is free of charge.",
        "keywords": ["Afghanistan"],
        "country": "AF",
        "region": None,
        "topics": ["health.care"],
        "topic_groups": ["health"],
        "outcome": "found",
        "labels": [],
        "year": 2024,
        "information_date": 20240115,
        "review_by": 20250115,
        "status": "published",
        **changes,
    }
    document: EntryDocument = made
    return document
