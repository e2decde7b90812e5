"""What the engine marked, as lists show it: cut between words, safe HTML, plain again."""

from cri_shared.index.marks import END_OF_MARK, MARK, cut, in_one_line, marked, plain


def with_marks(text: str) -> str:
    return text.replace("[", MARK).replace("]", END_OF_MARK)


class TestCut:
    def test_a_short_text_stays_as_it_is(self) -> None:
        assert cut(with_marks("a [b] & c")) == with_marks("a [b] & c")

    def test_lines_and_blanks_become_one_line(self) -> None:
        assert in_one_line("one\n\n two\tthree") == "one two three"

    def test_a_long_one_is_cut_between_words_with_its_mark_closed(self) -> None:
        short = cut(with_marks("one two [three four five] six"), most=15)
        assert short == with_marks("one two [three…]")

    def test_a_mark_that_begins_after_the_cut_is_left_out(self) -> None:
        assert cut(with_marks("one two [three] four"), most=10) == "one two…"

    def test_marks_do_not_count(self) -> None:
        every = with_marks("[one] [two] [three]")
        assert cut(every, most=13) == every
        assert cut(every, most=12) == with_marks("[one] [two]…")

    def test_one_long_word_is_cut_in_the_middle(self) -> None:
        assert cut("<" * 11, most=10) == "<" * 10 + "…"


class TestMarked:
    def test_what_matched_is_marked_and_everything_else_escaped(self) -> None:
        texts = [with_marks("[a] <b>"), "", with_marks('"c" & [d]')]
        assert marked(texts) == [
            "<mark>a</mark> &lt;b&gt;",
            "",
            "&quot;c&quot; &amp; <mark>d</mark>",
        ]

    def test_it_becomes_plain_again(self) -> None:
        assert plain(marked([with_marks("[a] <b> &lt; 'c'"), "d"])) == ["a <b> &lt; 'c'", "d"]

    def test_no_text_takes_a_part_of_another_whatever_it_holds(self) -> None:
        texts = ["a\ue002b", "<c>"]
        assert marked(texts) == ["a\ue002b", "&lt;c&gt;"]

    def test_nothing_is_nothing(self) -> None:
        assert marked([]) == []
        assert plain([]) == []
