"""The desk: identities are seen in the original and blocked on their way out."""

import itertools
import json
import time
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
        ],
    )
    def test_each_kind_is_recognised(
        self, text: str, language: str, kind: str, fragment: str
    ) -> None:
        assert (kind, fragment) in {(str(f.kind), f.text) for f in detect(text, language)}

    def test_an_ordinary_question_raises_no_alarm(self) -> None:
        text = "Is there dialysis in Yerevan and how much does a session cost?"
        assert detect(text, "en") == []

    @pytest.mark.parametrize("piece", ["rue de la ", "1 ", "a@", "Aa-", "0.", "né ", "+(0"])
    def test_hostile_text_is_read_to_its_end(self, piece: str) -> None:
        started = time.process_time()
        detect((piece * 8_000)[:8_000], "fr")
        assert time.process_time() - started < 30  # a guard against exponential patterns only

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

    def test_contact_fields_are_facts_too(self) -> None:
        contact = {"name": "Aya Voorbeeldi", "email": "Aya@Example.org", "reference": "7.412.905"}
        facts = facts_from_text("What does rent cost?", "en", contact)
        for leak in ("voorbeeldi", "aya@example.org", "file 7412905"):
            assert leaks(facts, f"What does rent cost? {leak}"), leak

    def test_an_ordinary_word_near_a_name_does_not_block(self) -> None:
        assert leaks(CaseFacts(names=("Prince",)), "What is the price of bread?") == []
