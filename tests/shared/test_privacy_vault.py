"""What is sealed opens only with its own key and in its own place."""

import pytest
from cri_shared.privacy.vault import SealedText, Unreadable, new_key, open_sealed, seal
from hypothesis import given
from hypothesis import strategies as st

KEY = bytes(range(32))


@given(plaintext=st.binary(max_size=2_000), aad=st.binary(max_size=60))
def test_what_was_sealed_comes_back_unchanged(plaintext: bytes, aad: bytes) -> None:
    assert open_sealed(KEY, seal(KEY, plaintext, aad), aad) == plaintext


@given(plaintext=st.text(max_size=300))
def test_text_is_sealed_as_utf8(plaintext: str) -> None:
    assert open_sealed(KEY, seal(KEY, plaintext, "a"), b"a").decode() == plaintext


@given(plaintext=st.binary(min_size=1, max_size=200), data=st.data())
def test_every_altered_byte_is_noticed(plaintext: bytes, data: st.DataObject) -> None:
    blob = bytearray(seal(KEY, plaintext, "case/1"))
    where = data.draw(st.integers(0, len(blob) - 1))
    blob[where] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unreadable):
        open_sealed(KEY, bytes(blob), "case/1")


@given(plaintext=st.binary(min_size=1, max_size=200), data=st.data())
def test_a_shortened_value_is_noticed(plaintext: bytes, data: st.DataObject) -> None:
    blob = seal(KEY, plaintext, "case/1")
    kept = data.draw(st.integers(0, len(blob) - 1))
    with pytest.raises(Unreadable):
        open_sealed(KEY, blob[:kept], "case/1")


@given(aad=st.binary(max_size=40), other=st.binary(max_size=40))
def test_a_value_moved_to_another_place_does_not_open(aad: bytes, other: bytes) -> None:
    if aad == other:
        return
    with pytest.raises(Unreadable):
        open_sealed(KEY, seal(KEY, b"secret", aad), other)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(Unreadable):
        open_sealed(new_key(), seal(KEY, b"secret", b""), b"")


def test_the_same_text_never_looks_the_same_when_sealed() -> None:
    assert len({seal(KEY, "secret", "a") for _ in range(100)}) == 100


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x02" + bytes(60), bytes(29)])
def test_what_was_never_sealed_is_unreadable_not_a_crash(blob: bytes) -> None:
    with pytest.raises(Unreadable):
        open_sealed(KEY, blob, b"")


class TestSealedText:
    def test_fields_of_one_owner_come_back(self) -> None:
        texts = SealedText(KEY, "case/1")
        assert texts.open("question", texts.seal("question", "Où ? متى؟")) == "Où ? متى؟"

    @pytest.mark.parametrize(
        ("owner", "name"), [("case/2", "question"), ("case/1", "contact"), ("case", "1/question")]
    )
    def test_a_field_swapped_in_storage_does_not_open(self, owner: str, name: str) -> None:
        blob = SealedText(KEY, "case/1").seal("question", "secret")
        with pytest.raises(Unreadable):
            SealedText(KEY, owner).open(name, blob)

    def test_its_repr_hides_the_key(self) -> None:
        assert str(KEY) not in repr(SealedText(KEY, "case/1"))
