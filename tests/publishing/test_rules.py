"""Every rule of sources and dates, as a table: what is wrong, where, and how hard it stands."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from cri_publishing.rules.checks import Level, Problem, blocking, check, to_confirm, to_mark
from cri_publishing.rules.compare import words_changed
from cri_publishing.rules.draft import (
    Account,
    Draft,
    Found,
    Source,
    Surroundings,
    Text,
    independent,
)
from cri_publishing.rules.life import SLUG_LETTERS, by_month, dates, slug
from cri_publishing.rules.words import opinions, time_words, undated_amounts

TODAY = dt.date(2026, 11, 25)
CHECKED = dt.date(2026, 11, 10)
GOOD_SOURCES = (
    Source("visit", "Three pharmacies", consulted_on=CHECKED),
    Source("web", "Price list", url="https://health.example/list", published_on=dt.date(2026, 3, 1),
           consulted_on=CHECKED),
)  # fmt: skip
GOOD = Draft(
    country="AM",
    topics=("health.medication",),
    outcome="found",
    information_date=CHECKED,
    texts=(
        Text(
            "en",
            "Is insulin available in the Shirak region?",
            "Both types were in stock in two of three pharmacies in March 2026.",
        ),
    ),
    sources=GOOD_SOURCES,
)
ACCOUNTS = (Account("Thirty days.", "en", CHECKED), Account("Sixty days.", "en", CHECKED))


def problems(draft: Draft, **about: Any) -> list[Problem]:
    return check(draft, Surroundings(**({"today": TODAY} | about)))


def codes(draft: Draft, **about: Any) -> set[str]:
    return {problem.code for problem in problems(draft, **about)}


def with_text(**changes: Any) -> Draft:
    return replace(GOOD, texts=(replace(GOOD.original, **changes),))


def with_source(**changes: Any) -> Draft:
    return replace(GOOD, sources=(GOOD_SOURCES[0], replace(GOOD_SOURCES[1], **changes)))


def test_a_good_draft_has_no_problems() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("draft", "code", "field", "level"),
    [
        (with_text(question="Insulin?"), "question-short", "question", "block"),
        (with_text(question="Is it so? " * 30), "question-long", "question", "block"),
        (with_text(answer="Yes."), "answer-short", "answer", "block"),
        (with_text(answer="word " * 5000), "answer-long", "answer", "block"),
        (with_text(answer="word " * 200), "answer-wordy", "answer", "note"),
        (replace(GOOD, texts=tuple(Text(tag, "A question?" * 2, "й" * 19000) for tag in "abcde")),
         "entry-too-large", "answer", "block"),
        (replace(GOOD, country="ZZ"), "country-unknown", "country", "block"),
        (replace(GOOD, topics=()), "topic-missing", "topic_1", "block"),
        (replace(GOOD, topics=("health.magic",)), "topic-missing", "topic_1", "block"),
        (replace(GOOD, sensitivity="red"), "sensitivity-red", "sensitivity", "block"),
        (replace(GOOD, topics=("groups.women",)), "sensitivity-low", "sensitivity", "confirm"),
        (replace(GOOD, information_date=dt.date(2026, 11, 26)), "information-future",
         "information_date", "block"),
        (replace(GOOD, information_date=dt.date(2026, 8, 1)), "information-old",
         "information_date", "block"),
        (replace(GOOD, embargo_days=91), "embargo-long", "embargo_days", "block"),
        (replace(GOOD, period_from=TODAY, period_to=CHECKED), "period-reversed", "period_to",
         "block"),
        (replace(GOOD, sources=()), "source-missing", "source_1_label", "block"),
        (replace(GOOD, sources=GOOD_SOURCES[:1]), "single-source", "source_1_label", "note"),
        (with_source(quotes=0), "single-source", "source_1_label", "note"),
        (with_source(label=""), "source-unnamed", "source_2_label", "block"),
        (with_source(consulted_on=None), "source-unconsulted", "source_2_consulted_on", "block"),
        (with_source(consulted_on=dt.date(2026, 12, 1)), "source-future",
         "source_2_consulted_on", "block"),
        (with_source(published_on=dt.date(2026, 11, 20)), "source-order",
         "source_2_published_on", "block"),
        (with_source(published_on=None), "source-undated", "source_2_published_on", "note"),
        (with_source(url=""), "source-address", "source_2_url", "block"),
        (with_source(kind="law", url="javascript:alert(1)"), "source-address", "source_2_url",
         "block"),
        (with_source(quotes=1), "source-quotes", "source_2_quotes", "block"),
        (with_source(quotes=7), "source-quotes", "source_2_quotes", "block"),
        (replace(GOOD, sources=tuple(replace(s, kind="media") for s in GOOD_SOURCES)),
         "media-only", "source_1_kind", "block"),
        (replace(GOOD, outcome="not_found"), "tried-missing", "tried", "block"),
        (replace(GOOD, outcome="conflicting"), "account-missing", "account_1_text", "block"),
        (replace(GOOD, outcome="conflicting", accounts=ACCOUNTS[:1]), "account-missing",
         "account_2_text", "block"),
        (replace(GOOD, outcome="conflicting", accounts=(ACCOUNTS[0], replace(ACCOUNTS[1],
         information_date=None))), "account-missing", "account_2_text", "block"),
        (with_text(answer="The pharmacy currently has both types of insulin in stock."),
         "time-word", "answer", "confirm"),
        (with_text(answer="A month of insulin costs about 21,000 dram in a pharmacy."),
         "undated-amount", "answer", "confirm"),
        (with_text(answer="Fortunately both types are in stock since March 2026 there."),
         "opinion", "answer", "confirm"),
        (replace(GOOD, change_note="x" * 301), "change-note-long", "change_note", "block"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_said_at_its_field(
    draft: Draft, code: str, field: str, level: str
) -> None:
    found = [problem for problem in problems(draft) if problem.code == code]
    assert [(problem.field, problem.level) for problem in found] == [(field, level)]
    said = found[0].message % found[0].values
    assert said[0].isupper() or said[0] == "“"


class TestDates:
    def test_a_typo_in_an_old_entry_can_be_mended_without_a_new_check(self) -> None:
        old = replace(GOOD, information_date=dt.date(2026, 1, 1), change_note="A typo was mended.")
        assert codes(old, number=2) == set()
        assert codes(old, number=2, renews=True) == {"information-old"}

    def test_only_a_recorded_check_makes_information_newer(self) -> None:
        checked = dt.date(2026, 11, 1)
        assert codes(GOOD, last_checked=checked) == {"information-unchecked"}
        assert codes(replace(GOOD, information_date=checked), last_checked=checked) == set()

    def test_a_revision_says_what_changed(self) -> None:
        assert codes(GOOD, number=2) == {"change-note"}

    @pytest.mark.parametrize(
        ("topics", "days"),
        [
            (("health.medication",), 90),
            (("health.access",), 180),
            (("health.access", "health.medication"), 90),
            (("security.situation", "education.school"), 30),
        ],
    )
    def test_the_shortest_period_of_the_topics_counts(
        self, topics: tuple[str, ...], days: int
    ) -> None:
        life = dates(CHECKED, topics)
        assert (life.review_by - CHECKED).days == days
        assert (life.refresh_on - CHECKED).days == int(days * 0.8)
        assert (life.archive_on - CHECKED).days == 2 * days

    def test_the_public_reads_months_of_our_own_work(self) -> None:
        assert by_month(dt.date(2026, 3, 20)) == dt.date(2026, 3, 1)


class TestOutcomes:
    def test_nothing_found_needs_what_was_tried_and_no_source(self) -> None:
        draft = replace(
            GOOD, outcome="not_found", sources=(), tried="We called three clinics and wrote to two."
        )
        assert codes(draft) == set()

    def test_both_accounts_make_a_conflicting_answer_whole(self) -> None:
        assert codes(replace(GOOD, outcome="conflicting", accounts=ACCOUNTS)) == set()


class TestSources:
    @pytest.mark.parametrize(
        ("quotes", "count"),
        [
            ((None, None), 2),
            ((None, 0), 1),
            ((None, 0, 1), 1),
            ((1, 0), 1),  # each repeats the other: one origin
            ((None, 0, None), 2),
            ((5, None), 2),  # what is not in the list cannot join two
        ],
    )
    def test_what_repeats_another_counts_once(
        self, quotes: tuple[int | None, ...], count: int
    ) -> None:
        sources = tuple(Source("web", "A page", quotes=quoted) for quoted in quotes)
        assert independent(sources) == count


class TestTranslations:
    def test_one_that_is_older_than_its_original_is_marked(self) -> None:
        dutch = Text("nl", "Is er insuline in de regio Sjirak?", "Beide soorten waren er in maart.")
        bound = replace(dutch, translates=GOOD.original.fingerprint)
        draft = replace(GOOD, texts=(GOOD.original, bound))
        assert not draft.is_stale(bound)
        changed = replace(GOOD.original, answer=GOOD.original.answer + " Bring a letter.")
        newer = replace(draft, texts=(changed, bound))
        (problem,) = [p for p in problems(newer) if p.code == "translation-stale"]
        assert (problem.level, problem.language) == (Level.NOTE, "nl")

    def test_its_own_problems_lead_to_its_own_page(self) -> None:
        dutch = Text("nl", "Insuline?", "Momenteel is er insuline in elke apotheek van de stad.")
        found = problems(replace(GOOD, texts=(GOOD.original, dutch)))
        assert {p.language for p in found} == {"nl"}
        assert {p.code for p in found} == {"question-short", "time-word", "translation-stale"}


class TestPersonalData:
    @pytest.mark.parametrize("kind", ["iban", "identifier"])
    def test_hard_identifiers_block(self, kind: str) -> None:
        found = problems(GOOD, found=(Found("answer", kind, "x"),))
        assert [p.code for p in blocking(found)] == [f"personal-{kind}"]

    @pytest.mark.parametrize("kind", ["name", "phone", "email", "handle", "number"])
    def test_names_and_contacts_must_be_marked_as_public(self, kind: str) -> None:
        found = problems(GOOD, found=(Found("tried", kind, "x"),))
        assert [(one.kind, one.text) for one in to_mark(found)] == [(kind, "x")]
        assert to_confirm(found) == blocking(found) == []

    @pytest.mark.parametrize("kind", ["address", "date", "rare"])
    def test_the_rest_is_for_a_person_to_weigh(self, kind: str) -> None:
        found = problems(GOOD, found=(Found("tried", kind, "x"),))
        assert [(p.code, p.field) for p in to_confirm(found)] == [(f"personal-{kind}", "tried")]

    def test_places_and_ages_are_what_answers_are_about(self) -> None:
        assert problems(GOOD, found=(Found("answer", "place", "Gyumri"),)) == []


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("It is currently closed.", "en", ["currently"]),
        ("Now and at the moment.", "en", ["now", "at the moment"]),
        ("I know a snowman.", "en", []),
        ("C'est maintenant fermé, actuellement.", "fr", ["maintenant", "actuellement"]),
        ("Momenteel is het nu dicht.", "nl", ["momenteel", "nu"]),
        ("Het menu is nuttig.", "nl", []),
        ("сейчас", "ru", []),
    ],
)
def test_words_that_are_soon_untrue(text: str, language: str, found: list[str]) -> None:
    assert time_words(text, language) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One month costs about 21,000 dram.", ["21,000 dram"]),
        ("One month costs about 21,000 dram (March 2025).", []),
        ("In 2025 it cost 30 euro. Today 40 euro.", ["40 euro"]),
        ("Les frais sont de 35 dollars par an.", ["35 dollars"]),
        ("De huur is € 250 per maand.", ["€ 250"]),
        ("Выплата около 22 000 рублей (апрель 2025 года).", []),
        ("Registration takes 4 days and 2 visits.", []),
    ],
)
def test_amounts_without_a_month(text: str, found: list[str]) -> None:
    assert undated_amounts(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They should return soon.", ["should return"]),
        ("Helaas is er geen plaats.", ["Helaas"]),
        ("Nous conseillons de rester.", ["Nous conseillons"]),
        ("People who return register at the town hall.", []),
    ],
)
def test_advice_and_opinions(text: str, found: list[str]) -> None:
    assert opinions(text) == found


class TestAddress:
    @pytest.mark.parametrize(
        ("questions", "made"),
        [
            ({"en": "Is insulin available in the Shirak region?"}, "am-insulin-shirak-region-k7p2"),
            ({"fr": "Quelles écoles à Kinshasa ?"}, "am-ecoles-kinshasa-k7p2"),
            ({"ru": "Как оформить?", "en": "Disability benefit?"}, "am-disability-benefit-k7p2"),
            ({}, "am-k7p2"),
        ],
    )
    def test_it_says_what_the_entry_is_about(self, questions: dict[str, str], made: str) -> None:
        assert slug("AM", questions, "k7p2") == made

    def test_any_script_gives_plain_letters(self) -> None:
        for question in ("Как оформить инвалидность ребёнку?", "كيف أسجل طفلي في المدرسة؟"):
            made = slug("RU", {"xx": question}, "k7p2")
            assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")

    def test_its_ending_has_no_letters_that_look_alike(self) -> None:
        assert not set("il1o0") & set(SLUG_LETTERS)


def test_a_comparison_goes_word_by_word() -> None:
    assert words_changed("It takes ten days.", "It takes two days.") == [
        ("same", "It takes "),
        ("del", "ten"),
        ("ins", "two"),
        ("same", " days."),
    ]
