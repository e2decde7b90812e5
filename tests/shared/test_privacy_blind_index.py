"""However a contact is written, it is found; what is stored does not tell it."""

import pytest
from cri_shared.privacy.blind_index import ContactNotIndexable, email_index, phone_index

SECRET = b"s" * 32


@pytest.mark.parametrize("written", ["0470 00 00 00", "+32 470 00 00 00", "0032470/00.00.00"])
def test_every_way_to_write_a_phone_number_agrees(written: str) -> None:
    assert phone_index(SECRET, written) == phone_index(SECRET, "+32470000000")


def test_case_and_spaces_of_an_address_do_not_matter() -> None:
    assert email_index(SECRET, " Aya@Example.ORG ") == email_index(SECRET, "aya@example.org")


def test_other_contacts_and_other_secrets_give_other_indexes() -> None:
    assert phone_index(SECRET, "0470000000") != phone_index(SECRET, "0470000001")
    assert email_index(SECRET, "a@example.org") != email_index(b"t" * 32, "a@example.org")


@pytest.mark.parametrize("typed", ["", "12", "call me", "@", "a@"])
def test_what_is_no_contact_is_refused_without_repeating_it(typed: str) -> None:
    for index in (email_index, phone_index):
        with pytest.raises(ContactNotIndexable) as refused:
            index(SECRET, typed)
        assert str(refused.value) == "This is not an e-mail address or phone number."
