"""The Markdown of answers: a safe subset, alike on every surface."""

import re

import pytest
from cri_shared.web.markdown import to_blocks, to_html, to_plain
from hypothesis import example, given
from hypothesis import strategies as st

from tests.security.vectors import marked

SAID = "aé\u0645 \t\n  \n.!-1)&|=~\xa0\u200b\u3000"
WRITTEN = "+#>`*_[]()\\\r\x0b\x1c\x85\u2028"


class TestHtml:
    def test_headings_start_below_those_of_the_page(self) -> None:
        assert "<h3>Prices</h3>" in to_html("# Prices")

    def test_lists_emphasis_and_links_work(self) -> None:
        html = to_html("- one\n- **two** and [site](https://example.org/a)")
        assert "<li>one</li>" in html
        assert "<strong>two</strong>" in html
        assert '<a href="https://example.org/a" rel="nofollow noopener">site</a>' in html

    @pytest.mark.parametrize("leads", ["//evil.test/a", "/\\evil.test", "/a", "a", "#a", "?a=b"])
    def test_a_link_without_scheme_and_host_leads_nowhere(self, leads: str) -> None:
        assert to_html(f"[x]({leads})") == '<p><a rel="nofollow noopener">x</a></p>\n'

    def test_nothing_but_the_subset_comes_out_whatever_goes_in(self) -> None:
        every = to_html("\n\n".join(text for _, text in marked()))
        assert set(re.findall(r"<(\w+)", every)) <= {
            "p",
            "a",
            "em",
            "strong",
            "blockquote",
            "li",
            "ul",
        }
        assert set(re.findall(r"\s([\w:-]+)=\"", re.sub(r">[^<]*<", "><", every))) <= {
            "href",
            "rel",
        }
        assert all(
            link.startswith("https://evil.test/") for link in re.findall('href="([^"]*)', every)
        )
        assert [mark for mark, _ in marked() if mark not in every] == []

    @pytest.mark.parametrize(
        "hostile",
        [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](data:text/html,hi)",
            "![x](https://example.org/track.gif)",
        ],
    )
    def test_hostile_text_is_shown_and_not_obeyed(self, hostile: str) -> None:
        html = to_html(hostile)
        assert "<script" not in html
        assert "<img" not in html
        assert 'href="javascript' not in html
        assert 'href="data' not in html


class TestPlain:
    def test_only_the_words_are_left(self) -> None:
        text = "# Prices\n\n*About* 21,000 dram, [see](https://example.org).\nSecond line."
        assert to_plain(text) == "Prices\nAbout 21,000 dram, see. Second line."

    def test_what_looks_like_markup_stays_a_word(self) -> None:
        assert to_plain("a < b & c") == "a < b & c"

    @given(st.one_of(st.text(SAID, max_size=24), st.text(SAID + WRITTEN, max_size=24)))
    @example("Two  \n lines.\n \n\n\tA block\xa0\n")
    @example("A tab\t\nis no blank")
    @example("It costs 5.\n12. is no number of a list\n\n- an item\nand more")
    def test_paragraphs_that_are_not_parsed_read_as_if_they_were(self, text: str) -> None:
        blocks = ("".join(run.text for run in block.runs) for block in to_blocks(text))
        assert to_plain(text) == "\n".join(block for block in blocks if block)
