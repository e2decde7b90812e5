"""A partner organisation's developer reads the reference, does what it says, and it works."""

import html
import json
import re
import shlex
from typing import Any

import httpx
import pytest
from cri_intake.api import shapes

from tests.intake.conftest import Intake


class Reader:
    """Copies commands from the page and runs them."""

    def __init__(self, intake: Intake, page: str) -> None:
        self.intake = intake
        self.page = page

    def section(self, operation: str) -> str:
        """What the page says of one operation."""
        found = re.search(rf'<section[^>]* id="{operation}".*?</section>', self.page, re.DOTALL)
        assert found is not None, operation
        return found[0]

    def codes(self, operation: str) -> set[str]:
        """The codes of the errors that the page names."""
        table = self.section(operation).rpartition("<table")[2]
        return set(re.findall(r"<code[^>]*>([a-z-]+)</code>", table))

    def fields(self, operation: str) -> set[str]:
        """The names of the fields that the page names anywhere."""
        return set(
            re.findall(r'<td role="cell" class="wide"><code[^>]*>([^<]+)', self.section(operation))
        )

    async def run(
        self, operation: str, *, key: str | None = None, question_id: str = "", **mine: Any
    ) -> httpx.Response:
        """Do what the example does, with fields of the body that are the developer's own."""
        block = re.search(r"<pre[^>]*><code>(curl.*?)</code>", self.section(operation), re.DOTALL)
        assert block is not None
        words = shlex.split(html.unescape(block[1]).replace("\\\n", " "))
        headers, body = {}, None
        for option, value in zip(words[2::2], words[3::2], strict=True):
            if option == "-H":
                name, _, content = value.partition(": ")
                headers[name] = content.replace("cri_...", key or self.intake.key)
            else:
                body = json.dumps(json.loads(value) | mine)
        url = words[1].replace("{question_id}", question_id)
        method = "POST" if body else "GET"
        return await self.intake.client.request(method, url, headers=headers, content=body)


@pytest.fixture
async def reader(intake: Intake) -> Reader:
    return Reader(intake, (await intake.client.get("/api/docs")).text)


class TestTheFirstDay:
    async def test_the_example_records_a_question_and_the_answer_is_as_described(
        self, reader: Reader
    ) -> None:
        answer = await reader.run("post_question")
        assert answer.status_code == 201
        assert set(answer.json()) == set(shapes.QuestionRecorded.model_fields)
        assert set(answer.json()) <= reader.fields("post_question")

    async def test_the_same_again_is_the_same_and_another_body_is_refused(
        self, reader: Reader
    ) -> None:
        first = await reader.run("post_question")
        again = await reader.run("post_question")
        assert again.content == first.content
        assert again.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed: true" in reader.page
        other = await reader.run("post_question", country="NP")
        assert other.status_code == 422
        assert other.json()["type"] in reader.codes("post_question")

    @pytest.mark.parametrize(
        ("told", "status"),
        [
            ({"key": "cri_live_000000000000_wrong"}, 401),
            ({"country": "QQ"}, 422),
            ({"unknown": 1}, 422),
            ({"text": "x" * 3_000_000}, 413),
        ],
    )
    async def test_what_goes_wrong_has_a_code_that_the_page_names(
        self, reader: Reader, told: dict[str, Any], status: int
    ) -> None:
        answer = await reader.run("post_question", **told)
        assert answer.status_code == status
        assert answer.json()["type"] in reader.codes("post_question")
        assert set(answer.json()) <= reader.fields("errors")

    async def test_a_batch_has_a_result_for_each_row(self, reader: Reader) -> None:
        answer = await reader.run("post_batch")
        assert answer.status_code == 200
        assert answer.json()["results"][0]["status"] == 201
        wrong = await reader.run("post_batch", questions=[{"text": "short"}])
        (row,) = wrong.json()["results"]
        assert set(row) == {"row", "status", "type", "errors"}
        assert {f"results[].{name}" for name in row} <= reader.fields("post_batch")
        assert (await reader.run("post_batch", questions=[])).json()["type"] == "invalid"

    async def test_questions_are_read_and_written_to(self, reader: Reader) -> None:
        question_id = (await reader.run("post_question")).json()["question_id"]
        listed = (await reader.run("list_questions")).json()
        assert [one["question_id"] for one in listed["questions"]] == [question_id]
        said = await reader.run("post_message", question_id=question_id)
        assert (said.status_code, set(said.json())) == (201, {"status"})
        read = (await reader.run("get_question", question_id=question_id)).json()
        assert set(read) == set(shapes.Question.model_fields)
        assert set(read) <= reader.fields("get_question")
        assert read["messages"][0]["text"] == "Het kind is negen jaar oud."
        nothing = await reader.run("get_question", question_id="another")
        assert nothing.json()["type"] in reader.codes("get_question")

    @pytest.mark.parametrize("operation", ["countries", "topics"])
    async def test_what_a_question_may_be_about_is_listed(
        self, reader: Reader, operation: str
    ) -> None:
        first = (await reader.run(operation)).json()[0]
        assert {f"[].{name}" for name in first} <= reader.fields(operation)
