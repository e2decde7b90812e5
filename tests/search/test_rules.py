"""What an address asks for, and how texts are cut, decided without any I/O."""

import datetime as dt
import html

import pytest
from cri_search.rules.asked import (
    Asked,
    asked_for,
    pages_around,
    searched_language,
    topics_within,
)
from cri_search.rules.standing import labels_of
from cri_search.rules.texts import excerpt, isolated, short_and_long

LONG = (
    "Both types were in stock in Gyumri. Adults get a monthly supply without payment. "
    "Bought privately, one month costs 21,000 dram. One pharmacy had none."
)


class TestAsked:
    def test_an_address_tells_what_was_asked(self) -> None:
        asked = Asked("two words", ("AM",), ("health",), (), ("found",), dt.date(2026, 1, 2))
        assert asked.address() == (
            "?q=two+words&country=AM&topic=health&outcome=found&checked_since=2026-01-02"
        )
        assert asked.address(page=3).endswith("&page=3")
        assert asked.without("topic", "health") == asked.address(topic=())
        assert asked.unfiltered() == "?q=two+words"

    def test_what_is_read_back_is_what_was_asked(self) -> None:
        values = {
            "q": ["  two   words "],
            "country": ["AM", "XX", "AM"],
            "topic": ["health", "health.access", "no"],
            "language": ["fa-AF", "Dutch"],
            "checked_since": ["2026-01-02"],
            "sort": ["checked"],
            "page": ["2"],
        }
        assert asked_for(values) == Asked(
            "two words",
            ("AM",),
            ("health", "health.access"),
            ("fa-AF",),
            (),
            dt.date(2026, 1, 2),
            "checked",
            2,
        )

    def test_the_newest_first_where_there_are_no_words(self) -> None:
        assert Asked().by_date
        assert not Asked("words").by_date
        assert Asked("words", sort="checked").by_date

    def test_a_group_is_all_its_topics_unless_some_are_named(self) -> None:
        assert set(topics_within(["education"])) >= {"education.school", "education.higher"}
        assert topics_within(["education", "education.school"]) == ("education.school",)
        assert topics_within([]) == ()

    @pytest.mark.parametrize(
        ("words", "reader", "searched"),
        [
            ("", "nl", "nl"),
            ("insulin", "nl", "nl"),
            ("où trouver un médecin dans la ville", "nl", "fr"),
            ("waar vind ik een dokter", "fr", "nl"),
            ("مستشفى في بغداد", "en", "ar"),
            ("где найти врача", "en", "ru"),
        ],
    )
    def test_words_give_their_language_away(self, words: str, reader: str, searched: str) -> None:
        assert searched_language(words, reader) == searched

    @pytest.mark.parametrize(
        ("page", "pages", "shown"),
        [
            (1, 1, [1]),
            (1, 3, [1, 2, 3]),
            (2, 3, [1, 2, 3]),
            (1, 9, [1, 2, None, 9]),
            (4, 9, [1, 2, 3, 4, 5, None, 9]),
            (5, 9, [1, None, 4, 5, 6, None, 9]),
            (9, 9, [1, None, 8, 9]),
        ],
    )
    def test_a_pager_stays_short(self, page: int, pages: int, shown: list[int | None]) -> None:
        assert pages_around(page, pages) == shown


class TestShortAnswer:
    def test_a_first_paragraph_is_the_short_answer(self) -> None:
        assert short_and_long("Yes, it is free.\n\nMore.\n\nEnd.") == (
            "Yes, it is free.",
            "More.\n\nEnd.",
        )

    def test_a_long_paragraph_is_cut_after_two_sentences(self) -> None:
        short, details = short_and_long(LONG)
        assert short.startswith("Both types")
        assert short.endswith("without payment.")
        assert f"{short} {details}" == LONG

    @pytest.mark.parametrize("start", ["## Heading", "- a list", "1. a list", "> a quote"])
    def test_a_block_is_no_short_answer(self, start: str) -> None:
        assert short_and_long(f"{start}\n\nText.") == ("", f"{start}\n\nText.")

    def test_an_abbreviation_is_no_end(self) -> None:
        text = "Ask Dr. Example or Mr. Sample. They help everybody. They are kind. Go there. Now."
        short, _ = short_and_long(text)
        assert short == "Ask Dr. Example or Mr. Sample. They help everybody."

    def test_emphasis_is_not_cut_in_two(self) -> None:
        text = "**This is bold. It goes on. And on.** Then it ends. And again it does."
        assert short_and_long(text) == (text, "")


class TestExcerpts:
    def test_two_hundred_and_forty_characters_at_most(self) -> None:
        assert len(html.unescape(excerpt("word <b> & " * 100))) <= 241

    def test_a_plain_text_becomes_safe(self) -> None:
        assert excerpt("<b>bold</b>\n text") == "&lt;b&gt;bold&lt;/b&gt; text"


class TestIsolated:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("هاتف +374 10 000 000 مساء", 'هاتف <bdi dir="ltr">+374 10 000 000</bdi> مساء'),
            ("السعر 21,000 درام", 'السعر <bdi dir="ltr">21,000</bdi> درام'),
            ("a@b.example", '<bdi dir="ltr">a@b.example</bdi>'),
            ("&#1234; x", "&#1234; x"),
            ('<a href="tel:+37410">x</a>', '<a href="tel:+37410">x</a>'),
            ("لا شيء", "لا شيء"),
        ],
    )
    def test_numbers_keep_their_direction(self, text: str, expected: str) -> None:
        assert isolated(text) == expected


def test_labels_tell_the_most_serious_first() -> None:
    assert labels_of("found", single_source=False, due=False) == ()
    assert labels_of("conflicting", single_source=True, due=True, archived=True) == (
        *("archived", "due", "conflicting", "single_source"),
    )
