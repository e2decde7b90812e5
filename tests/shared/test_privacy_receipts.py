"""A receipt survives dictation, refuses slips, and is stored as a verifier only."""

import contextlib

import pytest
from cri_shared.privacy.receipts import (
    DIGITS,
    InvalidReceipt,
    ReceiptCheckDigitsWrong,
    ReceiptNotDigits,
    ReceiptTooLong,
    ReceiptTooShort,
    format_receipt,
    new_receipt,
    parse_receipt,
    quick_verifier,
    slow_verifier,
)
from hypothesis import given
from hypothesis import strategies as st

made = st.builds(new_receipt)


@given(receipt=made)
def test_a_new_receipt_has_eighteen_digits_and_is_accepted(receipt: str) -> None:
    assert len(receipt) == 18
    assert parse_receipt(receipt) == receipt


def test_receipts_do_not_repeat() -> None:
    assert len({new_receipt() for _ in range(10_000)}) == 10_000


@given(receipt=made, where=st.integers(0, 17), other=st.integers(1, 9))
def test_one_wrong_digit_is_noticed(receipt: str, where: int, other: int) -> None:
    wrong = str((int(receipt[where]) + other) % 10)
    with pytest.raises(ReceiptCheckDigitsWrong):
        parse_receipt(receipt[:where] + wrong + receipt[where + 1 :])


@given(receipt=made, where=st.integers(0, 16))
def test_two_neighbours_swapped_are_noticed(receipt: str, where: int) -> None:
    first, second = receipt[where], receipt[where + 1]
    if first == second:
        return
    with pytest.raises(ReceiptCheckDigitsWrong):
        parse_receipt(receipt[:where] + second + first + receipt[where + 2 :])


def test_check_digits_follow_iso_7064() -> None:
    # The standard's own criterion: the whole number leaves 1 when divided by 97.
    assert all(int(new_receipt()) % 97 == 1 for _ in range(1_000))


@given(receipt=made)
def test_the_shown_form_in_groups_of_three_is_accepted(receipt: str) -> None:
    shown = format_receipt(receipt)
    assert [len(group) for group in shown.split(" ")] == [3] * 6
    assert parse_receipt(shown) == receipt


@pytest.mark.parametrize("zero", ["٠", "۰", "०", "０"])  # Arabic, Persian, Devanagari, full width
@given(receipt=made)
def test_digits_of_other_scripts_are_read(zero: str, receipt: str) -> None:
    typed = "".join(chr(ord(zero) + int(digit)) for digit in receipt)
    assert parse_receipt(typed) == receipt


@pytest.mark.parametrize(
    "template",
    ["  {} ", "{}\n", "\u200f{}\u200e", "\u2067{}\u2069"],
    ids=["spaces", "line end", "direction marks", "isolate"],
)
def test_what_comes_along_when_pasting_is_skipped(template: str) -> None:
    receipt = new_receipt()
    assert parse_receipt(template.format(format_receipt(receipt))) == receipt


@pytest.mark.parametrize("separator", ["-", "–", "—", "\u00a0", "\u202f", ".", "\t"])
def test_usual_separators_are_skipped(separator: str) -> None:
    receipt = new_receipt()
    assert parse_receipt(format_receipt(receipt).replace(" ", separator)) == receipt


@pytest.mark.parametrize(
    ("typed", "refusal", "slug"),
    [
        ("", ReceiptTooShort, "receipt-too-short"),
        ("123 456", ReceiptTooShort, "receipt-too-short"),
        ("1" * 19, ReceiptTooLong, "receipt-too-long"),
        ("1" * 18, ReceiptCheckDigitsWrong, "receipt-check-digits-wrong"),
        ("12345678901234567O", ReceiptNotDigits, "receipt-not-digits"),
        ("²" * 18, ReceiptNotDigits, "receipt-not-digits"),
    ],
)
def test_a_refusal_says_what_is_wrong(typed: str, refusal: type[InvalidReceipt], slug: str) -> None:
    with pytest.raises(refusal) as refused:
        parse_receipt(typed)
    assert refused.value.slug == slug


def test_a_refusal_never_repeats_the_number() -> None:
    wrong = "1" * 18
    with pytest.raises(InvalidReceipt) as refused:
        parse_receipt(wrong)
    assert wrong not in f"{refused.value} {refused.value!r}"


@given(typed=st.text(max_size=60))
def test_any_text_is_a_receipt_or_a_clear_refusal(typed: str) -> None:
    with contextlib.suppress(InvalidReceipt):
        assert len(parse_receipt(typed)) == DIGITS


class TestVerifiers:
    def test_the_same_receipt_gives_the_same_verifiers(self) -> None:
        quick = quick_verifier(b"p" * 32, "123456789012345678")
        assert quick == quick_verifier(b"p" * 32, "123456789012345678")
        assert slow_verifier(quick, b"s" * 16) == slow_verifier(quick, b"s" * 16)

    def test_pepper_salt_and_receipt_all_matter(self) -> None:
        quick = quick_verifier(b"p" * 32, "123456789012345678")
        assert quick != quick_verifier(b"q" * 32, "123456789012345678")
        assert quick != quick_verifier(b"p" * 32, "123456789012345679")
        assert slow_verifier(quick, b"s" * 16) != slow_verifier(quick, b"t" * 16)

    def test_a_verifier_is_thirty_two_bytes_without_the_receipt_in_it(self) -> None:
        receipt = new_receipt()
        quick = quick_verifier(b"p" * 32, receipt)
        slow = slow_verifier(quick, b"s" * 16)
        assert (len(quick), len(slow)) == (32, 32)
        assert receipt.encode() not in quick + slow
