"""The desk: identities are seen in the original and blocked on their way out."""

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cri_shared.privacy.detectors import CHECKLIST, cues, detect
from cri_shared.privacy.leakcheck import CaseFacts, facts_from_text, leaks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CASES = json.loads((Path(__file__).parent / "data/desk_cases.json").read_text("utf-8"))
DIRECT = {"person_name", "phone", "email", "case_number"}
each_case = pytest.mark.parametrize("case", CASES, ids=[case["ref"] for case in CASES])


def direct(case: dict[str, Any], *kinds: str) -> list[str]:
    return [span["text"] for span in case["pii"] if span["kind"] in (kinds or DIRECT)]


def facts_of(case: dict[str, Any]) -> CaseFacts:
    return facts_from_text(case["question_raw"], case["language"], {})


def mistyped(name: str) -> str:
    """The longest word of a name with its third letter dropped."""
    longest = max(name.split(), key=len)
    return name.replace(longest, longest[:2] + longest[3:])


# What makes expressions or loops that are not linear go back again and again.
hostile = pytest.mark.parametrize(
    "piece",
    [
        *("rue de la ", "12 rue ", "1 ", "1/", "a@", "@a.", "(at) dot ", "Aa-", "0.", "né ", "+(0"),
        *(
            "a",
            "A",
            "ა",
            "በ",
            "ե՞",
            "é-",
            "a.",
            "a . ",
            "12 mai ",
            "1e",
            "2019 թ. ",
            "BE68 ",
            "AB1",
        ),
        *("van ", "Xq van ", "my name is ", "one two ", "l'", "S4m", "\u200b", "Ali "),
    ],
)


def grows_with(read: Callable[[str], object], piece: str) -> bool:
    """Whether four times the text costs about four times the work: squared, it would be sixteen."""
    short, long = (_cost(read, (piece * length)[:length]) for length in (3_000, 12_000))
    return long < 10 * short + 0.05


def _cost(read: Callable[[str], object], text: str) -> float:
    costs = []
    for _ in range(3):
        began = time.process_time()
        read(text)
        costs.append(time.process_time() - began)
    return min(costs)


class TestDetectors:
    @each_case
    def test_every_direct_identifier_is_flagged(self, case: dict[str, Any]) -> None:
        text = case["question_raw"]
        flagged = {
            at for found in detect(text, case["language"]) for at in range(found.start, found.end)
        }
        for span in direct(case):
            start = text.index(span)
            assert all(
                at in flagged or not text[at].isalnum() for at in range(start, start + len(span))
            ), span

    @pytest.mark.parametrize(
        ("text", "language", "kind", "fragment"),
        [
            ("mail besnik@example.org now", "en", "email", "besnik@example.org"),
            ("see https://example.org/me", "en", "url", "https://example.org/me"),
            ("he writes as @besnik79 there", "en", "handle", "@besnik79"),
            ("compte BE68 5390 0754 7034", "fr", "iban", "BE68 5390 0754 7034"),
            ("nummer 85.07.30-033 28", "nl", "number", "85.07.30-033 28"),
            ("née le 4 mai 1992 là-bas", "fr", "date", "4 mai 1992"),
            ("op 3 maart 2001", "nl", "date", "3 maart 2001"),
            ("on 1980-06-15", "en", "date", "1980-06-15"),
            ("sa fille de 8 ans", "fr", "age", "8 ans"),
            ("I support Ms Sampleosa, 22, who left", "en", "age", "22"),
            ("woont Gasthuisstraat 12 bus 3", "nl", "address", "Gasthuisstraat 12 bus 3"),
            ("à la rue de la Loi 155", "fr", "address", "rue de la Loi 155"),
            ("at 14 Old Mill Road", "en", "address", "14 Old Mill Road"),
            ("help tserendorj please", "en", "name", "tserendorj"),
            ("write to aya at example dot org", "en", "email", "aya at example dot org"),
            ("geboren ٣٠/٢/١٩٧٩ daar", "nl", "date", "٣٠/٢/١٩٧٩"),
            ("родилась 4 мая 1990 года", "ru", "date", "4 мая 1990 года"),
            ("file CG 00-11-222 of", "en", "number", "00-11-222"),
            ("ул. Примерная, д. 5, кв. 12", "ru", "address", "ул. Примерная, д. 5, кв. 12"),
            ("Ms De Voorbeelder wrote", "en", "name", "De Voorbeelder"),
            ("ბატონი ნიმუშიძე", "ka", "name", "ნიმუშიძე"),
        ],
    )
    def test_each_kind_is_recognised(
        self, text: str, language: str, kind: str, fragment: str
    ) -> None:
        assert (kind, fragment) in {(str(f.kind), f.text) for f in detect(text, language)}

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("Is there dialysis in Yerevan and how much does a session cost?", "en"),
            ("The law of 15 December 1980 and article 9ter", "en"),
            ("een lening van 300 000 dinar, sinds 4 jaar", "nl"),
            ("la metformine est-elle gratuite à Douala ?", "fr"),
            ("Сколько стоит аренда квартиры в Ереване?", "ru"),
        ],
    )
    def test_an_ordinary_question_raises_no_alarm(self, text: str, language: str) -> None:
        assert detect(text, language) == []

    def test_a_city_is_large_a_town_is_not(self) -> None:
        assert not detect("She returns to Kinshasa.", "en")
        assert [f.text for f in detect("She returns to Deinze.", "en")] == ["Deinze"]

    @hostile
    @pytest.mark.parametrize("language", ["nl", "ka"])
    def test_reading_grows_no_faster_than_a_hostile_text(self, piece: str, language: str) -> None:
        detect(piece, language)
        assert grows_with(lambda text: detect(text, language), piece)

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(text=st.text(max_size=500), language=st.sampled_from(["en", "ar", "xx"]))
    def test_findings_are_sorted_apart_and_quote_the_text(self, text: str, language: str) -> None:
        found = detect(text, language)
        assert all(text[f.start : f.end] == f.text and f.suggestion for f in found)
        assert all(a.end <= b.start for a, b in itertools.pairwise(found))

    def test_cue_words_tick_the_checklist(self) -> None:
        ticked = {cue.item for cue in cues("brother of the mayor, a member of the army")}
        assert {"known_relative", "unique_office", "small_group_small_place"} <= ticked
        assert ticked <= {item.id for item in CHECKLIST}
        assert cues("What does rent cost?") == []


class TestLeakCheck:
    @hostile
    def test_comparing_grows_no_faster_than_a_hostile_text(self, piece: str) -> None:
        facts = facts_from_text((piece * 300)[:300], "fr", {"name": "Aya Voorbeeldi"})
        assert grows_with(lambda text: leaks(facts, text), piece)

    @each_case
    def test_the_released_text_of_every_case_may_go(self, case: dict[str, Any]) -> None:
        assert leaks(facts_of(case), case["question_research"]) == []

    @each_case
    @pytest.mark.parametrize(
        "disguise",
        [str, str.upper, str.lower, lambda name: " ".join(reversed(name.split())), mistyped],
        ids=["plain", "upper", "lower", "reversed", "typo"],
    )
    def test_a_pasted_name_is_blocked(self, case: dict[str, Any], disguise: Any) -> None:
        for name in direct(case, "person_name"):
            text = f"{case['question_research']} ({disguise(name)})"
            found = leaks(facts_of(case), text)
            assert found, name
            assert all(text[leak.start : leak.end] == leak.fragment for leak in found)

    @each_case
    def test_a_pasted_number_is_blocked_however_it_is_written(self, case: dict[str, Any]) -> None:
        for number in direct(case, "phone", "case_number"):
            digits = "".join(filter(str.isdigit, number))[-9:]
            for written in (digits, "+32 " + "/".join(digits), ".".join(digits)):
                assert leaks(facts_of(case), f"{case['question_research']} {written}"), written

    @pytest.mark.parametrize("written", ["1968-03-14", "14 mars 1968", "March 14, 1968", "14.3.68"])
    def test_a_date_is_blocked_in_any_format(self, written: str) -> None:
        assert leaks(CaseFacts(dates=("14/03/1968",)), f"Someone born {written} asks.")
        assert not leaks(CaseFacts(dates=("15/03/1968",)), f"Someone born {written} asks.")

    @pytest.mark.parametrize(
        "written",
        [
            *("S a m i r a", "Sa.mi.ra", "Sаmirа", "Sámíra", "S4m1r4", "Сamira", "Самира"),
            *("Sa\u200bmi\u00adra", "E x a m p l o v a", "ΕXAMPLOVA", "Exámplova,\nSamira"),
        ],
    )
    def test_a_disguised_name_is_blocked(self, written: str) -> None:
        text = f"Somebody ({written}) asks."
        found = leaks(CaseFacts(names=("Samira Examplova",)), text)
        assert found
        assert all(text[leak.start : leak.end] == leak.fragment for leak in found)

    @pytest.mark.parametrize(
        "written",
        ["zero four seven zero one two three four", "O47O.12\n34", "٠٤٧٠ ١٢ ٣٤", "0 4 7 0 1 2 3 4"],
    )
    def test_a_disguised_number_is_blocked(self, written: str) -> None:
        assert leaks(CaseFacts(phones=("0470 12 34",)), f"Call {written} now.")

    def test_a_street_without_its_town_is_blocked(self) -> None:
        facts = CaseFacts(addresses=("Voorbeeldstraat 12, 9000 Gent",))
        assert leaks(facts, "Wie woont er in de voorbeeldstraat 12?")
        assert not leaks(facts, "Wie woont er in Gent?")

    def test_contact_fields_are_facts_too(self) -> None:
        contact = {"name": "Aya Voorbeeldi", "email": "Aya@Example.org", "reference": "7.412.905"}
        facts = facts_from_text("What does rent cost?", "en", contact)
        for leak in ("voorbeeldi", "aya@example.org", "file 7412905"):
            assert leaks(facts, f"What does rent cost? {leak}"), leak

    def test_an_ordinary_word_near_a_name_does_not_block(self) -> None:
        assert leaks(CaseFacts(names=("Prince",)), "What is the price of bread?") == []
