"""A Belgian partner organisation: its software posts questions through the API."""

import secrets
from typing import Any

import httpx

from cri_stack.demo.content import Question
from cri_stack.demo.waiting import Trouble
from cri_stack.demo.walking import DemoClock


class Organisation:
    """A program with an API key."""

    def __init__(self, name: str, key: str, intake: str, clock: DemoClock) -> None:
        self.name = name
        self.clock = clock
        self.posted: list[str] = []
        self._api = httpx.Client(
            base_url=f"{intake}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
            timeout=20,
        )

    def body_of(self, question: Question) -> dict[str, Any]:
        """A question as this software sends it."""
        return {
            "text": question.data["question_raw"],
            "language": question.language,
            "country": question.data["country"],
            "region": question.data["region"],
            "topics": question.data["topics"],
            "needed_by": question.day("needed_by").isoformat(),
            "asker_role": "organisation",
            "reference": question.ref,
            "consent": {"version": "2026-1", "given_at": self.clock.now().isoformat()},
        }

    def ask(self, question: Question) -> "Asked":
        """Post a question under a fresh idempotency key."""
        body, key = self.body_of(question), secrets.token_urlsafe(24)
        answer = self.post(body, key)
        if answer.status_code != httpx.codes.CREATED:
            raise Trouble(f"{self.name} posted {question.ref}: {answer.status_code} {answer.text}")
        asked = Asked(body, key, answer.json())
        self.posted.append(asked.question_id)
        return asked

    def post(self, body: dict[str, Any], key: str) -> httpx.Response:
        """Post a body under an idempotency key, whatever comes of it."""
        return self._api.post("/questions", json=body, headers={"Idempotency-Key": key})

    def follow(self, code: str) -> dict[str, Any]:
        """Follow a question that its asker hands over, by the code that the asker tells."""
        answer = self._api.post("/questions/handed-over", json={"code": code})
        if answer.status_code != httpx.codes.OK:
            raise Trouble(f"{self.name} sent a code: {answer.status_code} {answer.text}")
        told: dict[str, Any] = answer.json()
        return told

    def write(self, question_id: str, text: str) -> None:
        """Write to the helpdesk about a question."""
        answer = self._api.post(
            f"/questions/{question_id}/messages",
            json={"text": text},
            headers={"Idempotency-Key": secrets.token_urlsafe(24)},
        )
        if answer.status_code != httpx.codes.CREATED:
            raise Trouble(f"{self.name} wrote: {answer.status_code} {answer.text}")

    def finds(self, question_id: str) -> bool:
        """Whether a question is among its own."""
        return self._api.get(f"/questions/{question_id}").status_code == httpx.codes.OK

    def questions(self) -> set[str]:
        """The ids of all that it posted or was handed; the demo has less than a page of them."""
        found = self._api.get("/questions").raise_for_status().json()
        return {str(one["question_id"]) for one in found["questions"]}

    def read(self, question_id: str) -> dict[str, Any]:
        """One of its own questions as it stands."""
        answer = self._api.get(f"/questions/{question_id}")
        if answer.status_code != httpx.codes.OK:
            raise Trouble(f"{self.name} read {question_id}: {answer.status_code} {answer.text}")
        found: dict[str, Any] = answer.json()
        return found


class Asked:
    """A question that was posted, and everything needed to post it again."""

    def __init__(self, body: dict[str, Any], key: str, answer: dict[str, Any]) -> None:
        self.body = body
        self.key = key
        self.answer = answer

    @property
    def question_id(self) -> str:
        """Intake's id."""
        return str(self.answer["question_id"])

    @property
    def receipt(self) -> str:
        """The number behind which the answer will lie."""
        return str(self.answer["receipt"])
