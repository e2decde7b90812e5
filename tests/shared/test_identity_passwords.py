"""What passwords are refused: words of the house and of the person, and what leaked."""

import hashlib
import random
from pathlib import Path

import pytest
from cri_shared.identity.passwords import (
    OUR_OWN,
    PasswordLeaked,
    PasswordOfTheHouse,
    PasswordRules,
    PasswordTooWeak,
    found_in,
    names_in,
)
from cri_shared.privacy.leaked import LeakedFile, is_leaked
from cri_shared.settings import ServiceSettings
from pydantic import ValidationError

from tests.shared.toy_console import Console, code_of, invited

HOUSE = [*OUR_OWN, "Caritas", "Rode Kruis", "Leen", "ngo"]
KNOWN = [f"a password that leaked, number {n}" for n in range(400)]


class TestWordsOfTheHouse:
    @pytest.mark.parametrize(
        ("password", "word"),
        [
            ("CRI-2026-winter-season", "CRI"),
            ("my CR1 password is long", "CRI"),
            ("the Caritas door is blue", "Caritas"),
            ("oldcaritas42doorisblue", "Caritas"),
            ("C@r1ta5 has a blue door", "Caritas"),
            ("c.a.r.i.t.a.s has a door", "Caritas"),
            ("Cáritas has a blue door", "Caritas"),
            ("a walk to rode kruis again", "Rode Kruis"),
            ("blue doors and Publishing", "publishing"),
            ("country of return information", "Country of Return Information"),
            ("leen likes blue doors", "Leen"),
            ("the ngo has a blue door", "ngo"),
        ],
    )
    def test_they_are_found_however_they_are_written(self, password: str, word: str) -> None:
        assert found_in(password, HOUSE) == word

    @pytest.mark.parametrize(
        "password",
        [
            "describe a purple elephant",  # cri
            "while entering the building",  # leen
            "a mango on a purple plate",  # ngo
            "the road is red and crusty",
        ],
    )
    def test_what_only_looks_like_one_is_taken(self, password: str) -> None:
        assert found_in(password, HOUSE) is None

    def test_names_and_addresses_give_their_parts(self) -> None:
        given = names_in("Anne-Marie O. Peeters", "am.p@desk.caritas.be", "@cri.ngo.example")
        assert list(given) == ["Anne", "Marie", "Peeters", "desk", "caritas", "cri", "ngo"]

    async def test_a_source_is_asked_each_time(self) -> None:
        names: list[str] = []

        async def source() -> list[str]:
            return names

        rules = PasswordRules(sources=[source])
        await rules.check("the purple elephants walk")
        names.append("Elephants")
        with pytest.raises(PasswordOfTheHouse):
            await rules.check("the purple elephants walk")


class TestLeaked:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """A small file in the very format of Have I Been Pwned's download."""
        digests = (hashlib.sha1(one.encode(), usedforsecurity=False) for one in KNOWN)
        hashes = sorted(digest.hexdigest().upper() for digest in digests)
        counted = random.Random(7)
        path = tmp_path / "pwned.txt"
        lines = (f"{one}:{counted.choice([1, 22, 37359195])}\r\n" for one in hashes)
        path.write_bytes("".join(lines).encode())
        return path

    def test_every_line_is_found_and_no_other(self, file: Path) -> None:
        leaked = LeakedFile(file)
        leaked.check()
        assert all(one in leaked for one in KNOWN)
        assert not any(f"{one}!" in leaked for one in KNOWN)

    def test_a_list_of_long_ones_comes_along(self) -> None:
        assert is_leaked("correcthorsebatterystaple", None)
        assert is_leaked("QwertyUiop12345", None)
        assert not is_leaked("a long sentence for tests", None)

    async def test_both_are_asked_and_small_letters_hide_nothing(self, file: Path) -> None:
        rules = PasswordRules(leaked=LeakedFile(file))
        for password in (KNOWN[7], KNOWN[7].upper(), "1qaz2wsx3edc4rfv"):
            with pytest.raises(PasswordLeaked):
                await rules.check(password)
        await rules.check("a password that did not leak")

    @pytest.mark.parametrize("content", [b"", b"correcthorsebatterystaple\n", b"0" * 32 + b":1\n"])
    def test_another_file_is_refused_at_the_start(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "list.txt"
        path.write_bytes(content)
        with pytest.raises(ValidationError, match="leaked_list_file must hold SHA-1 hashes"):
            settings(leaked_list_file=path)
        with pytest.raises(ValidationError, match="must be a file that can be read"):
            settings(leaked_list_file=tmp_path / "none.txt")

    def test_one_that_is_not_sorted_is_refused(self, file: Path) -> None:
        file.write_bytes(b"".join(reversed(file.read_bytes().splitlines(keepends=True))))
        with pytest.raises(ValidationError, match="sorted"):
            settings(leaked_list_file=file)


def settings(**told: object) -> ServiceSettings:
    return ServiceSettings(
        service="toy",
        port=8001,
        public_url="http://127.0.0.1:8001",
        database_url="sqlite+aiosqlite://",
        identity_database_url="sqlite+aiosqlite://",
        key_dir=Path(),
        identity_key_dir=Path(),
        **told,  # type: ignore[arg-type]
    )


class TestAtTheInvitation:
    @pytest.mark.parametrize(
        ("password", "said"),
        [
            ("Leen walks to the purple door", "Leave out “Leen”"),
            ("a purple door of the ngo", "Leave out “ngo”"),
            ("my research is a purple door", "Leave out “research”"),
            ("correcthorsebatterystaple", "lists of stolen passwords"),
            ("x" * 129, "at most 128 characters"),
        ],
    )
    async def test_it_is_said_which_word_and_why(
        self, console: Console, password: str, said: str
    ) -> None:
        path, secret = await invited(console, "officer")
        form = {"password": password, "code": code_of(secret)}
        refused = await console.client.post(path, data=form)
        assert (refused.status_code, said in refused.text) == (422, True)

    async def test_the_operators_words_are_refused_too(self, console: Console) -> None:
        console.app.state.service.identity.passwords.words = ["Elephant"]
        with pytest.raises(PasswordTooWeak):
            await console.app.state.service.identity.passwords.check("a purple elephant walks")
