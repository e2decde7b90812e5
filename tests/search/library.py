"""A small library in several languages, as events tell it and as the index holds it."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from cri_shared.events.publishing import EntryFacts
from cri_shared.events.training import EditionFacts
from cri_shared.index.documents import EntryDocument, document_id, keywords_of, readers_of
from cri_shared.web.markdown import to_plain

TODAY = dt.date(2026, 11, 25)
NOW = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)

INSULIN = {
    "en": (
        "Is insulin free in Gyumri?",
        "Adults registered with a **polyclinic** receive insulin without payment. Registration "
        "takes four working days.\n\n## Where to go\n\n- Polyclinic 1, phone +374 10 000 000\n"
        "- [List of medicines](https://health.example/list)\n\nBought privately, one month costs "
        "21,000 dram.",
    ),
    "nl": (
        "Is insuline gratis in Gyumri?",
        "Volwassenen die bij een polikliniek ingeschreven zijn, krijgen insuline zonder te "
        "betalen.\n\nIn de apotheek kost een maand 21.000 dram.",
    ),
    "fr": (
        "L'insuline est-elle gratuite à Gyumri ?",
        "Les adultes inscrits dans une polyclinique reçoivent l'insuline sans payer.",
    ),
}
HOSPITAL = {
    "ar": (
        "أين يوجد مستشفى مجاني في بغداد؟",
        "توجد عيادات مجانية في بغداد. اتصل بالرقم +964 1 000 0000 قبل الذهاب.",
    ),
}
TRICKY = {
    "en": (
        'Can I write A" OR country = "IQ and <script>alert(1)</script> in a form?',
        "A form says: <script>alert('apricot')</script> & \"apricots\" <b>are</b> cheap.",
    ),
}
DIALYSIS = {
    "fr": (
        "Combien coûte la dialyse à Goma ?",
        "Une séance de dialyse à Goma coûte 150 dollars. La liste d'attente est de trois mois.",
    ),
}


def facts(
    entry_id: str, texts: dict[str, tuple[str, str]] | None = None, **changes: Any
) -> EntryFacts:
    """An entry about medicines in Armenia, checked last month, with changes."""
    told = texts or {"en": (f"Question {entry_id}?", f"Answer {entry_id}.")}
    original = next(iter(told))
    made: dict[str, Any] = {
        "entry_id": entry_id,
        "version": 1,
        "slug": f"{entry_id}-slug",
        "country": "AM",
        "topics": ("health.medication",),
        "outcome": "found",
        "information_date": "2026-10-20",
        "review_by": "2027-04-20",
        "published_on": "2026-11-01",
        "languages": [
            {
                "language": language,
                "question": question,
                "answer": answer,
                "translated_from": None if language == original else original,
            }
            for language, (question, answer) in told.items()
        ],
        "sources": [
            {"kind": "visit", "label": "Three pharmacies", "consulted_on": "2026-10-20"},
        ],
        **changes,
    }
    return EntryFacts.model_validate(made)


def documents(entry: EntryFacts) -> Iterator[EntryDocument]:
    """What the index holds of an entry: one document for each language version."""
    readers = readers_of([version.language for version in entry.languages])
    for version in entry.languages:
        yield {
            "id": document_id(entry.entry_id, version.language),
            "entry_id": entry.entry_id,
            "slug": entry.slug,
            "language": version.language,
            "readers": readers[version.language],
            "question": version.question,
            "answer": to_plain(version.answer),
            "keywords": keywords_of(entry.country, entry.topics),
            "country": entry.country,
            "region": entry.region,
            "topics": list(entry.topics),
            "topic_groups": sorted({code.split(".")[0] for code in entry.topics}),
            "outcome": entry.outcome,
            "labels": ["single_source"] if entry.single_source else [],
            "year": entry.information_date.year,
            "information_date": int(entry.information_date.strftime("%Y%m%d")),
            "review_by": int(entry.review_by.strftime("%Y%m%d")),
            "status": "due" if entry.review_by < TODAY else "published",
        }


def library() -> list[EntryFacts]:
    """Some forty entries: a few that tests speak of, and a crowd around them."""
    return [
        facts(
            "insulin",
            INSULIN,
            region="Shirak",
            topics=("health.medication", "health.specialist"),
            changes=[
                {"version": 1, "on": "2026-11-01", "note": "First published.", "language": "en"}
            ],
            sources=[
                {
                    "kind": "visit",
                    "label": "Price check in three pharmacies",
                    "publisher": "Ararat Return Desk",
                    "consulted_on": "2026-10-20",
                },
                {
                    "kind": "web",
                    "label": "List of medicines",
                    "url": "https://health.example/list",
                    "published_on": "2025-11-20",
                    "consulted_on": "2026-10-18",
                    "quotes": 0,
                },
            ],
        ),
        facts("hospital", HOSPITAL, country="IQ", topics=("health.access",), single_source=True),
        facts("tricky", TRICKY, country="GE", topics=("documents.id",), outcome="partly"),
        facts(
            "dialysis",
            DIALYSIS,
            country="CD",
            topics=("health.access",),
            information_date="2025-01-15",
            review_by="2025-07-15",
            published_on="2025-02-01",
        ),
        facts(
            "road",
            {"en": ("Is the road to Jalalabad open?", "One partner says yes, another says no.")},
            country="AF",
            topics=("travel.journey",),
            outcome="conflicting",
            accounts=[
                {"text": "Buses run daily.", "language": "en", "information_date": "2026-10-01"},
                {"text": "It is closed.", "language": "en", "information_date": "2026-10-04"},
            ],
        ),
        facts(
            "archive",
            {"en": ("Which office keeps the archive of Kandahar?", "We could not find it.")},
            country="AF",
            topics=("documents.civil",),
            outcome="not_found",
            tried="We phoned four offices.",
        ),
        *crowd(),
    ]


def crowd() -> Iterator[EntryFacts]:
    """Thirty entries about schools, spread over countries and months."""
    countries = ["AM", "GE", "AL", "GH", "GN"]
    for number in range(30):
        yield facts(
            f"school{number}",
            {
                "en": (f"How do children enrol in school {number}?", "Bring a birth certificate."),
                "fr": (f"Comment inscrire un enfant à l'école {number} ?", "Apportez un acte."),
            },
            country=countries[number % 5],
            topics=("education.school",),
            information_date=f"2026-{number % 10 + 1:02}-10",
            published_on=f"2026-{number % 10 + 1:02}-12",
        )


def edition(edition_id: str, **changes: Any) -> EditionFacts:
    """A workshop in Ghent in December, with changes."""
    made = {
        "edition_id": edition_id,
        "version": 1,
        "title": "Talking about return",
        "language": "en",
        "town": "Ghent",
        "sittings": [{"starts_at": "2026-12-10T09:00:00Z", "ends_at": "2026-12-10T15:00:00Z"}],
        "places": "few",
        "url": f"http://127.0.0.1:8004/en/workshops/{edition_id}",
        **changes,
    }
    return EditionFacts.model_validate(made)
