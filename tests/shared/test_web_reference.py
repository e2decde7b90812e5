"""The API reference: each field of a document in a row, examples that fit, errors by code."""

import json
from typing import Annotated, Any

import pytest
from cri_shared.errors import Busy, Invalid, NotFound, Unavailable
from cri_shared.web.openapi import DescribedApp, problems
from cri_shared.web.reference import Operation, Row, operations, problem_rows
from fastapi import Header
from pydantic import BaseModel, Field

URL = "https://cri.example"


class Part(BaseModel):
    """A part."""

    name: Annotated[str, Field(max_length=9, description="what it is", examples=["it's"])]
    next: "Part | None" = None


class Sent(BaseModel):
    """What is sent."""

    parts: Annotated[list[Part], Field(min_length=1)]
    days: int = 3
    note: str | None = None


class Told(Sent):
    """What is told."""

    kind: Annotated[str, Field(json_schema_extra={"enum": ["a", "b"]})]
    at: Annotated[str, Field(json_schema_extra={"format": "date-time"})]


def described() -> dict[str, Any]:
    """A document with one operation that sends and one that reads."""
    app = DescribedApp(generate_unique_id_function=lambda route: route.name)

    @app.post("/things/{thing_id}", response_model=Told, responses=problems(NotFound, Invalid))
    async def post_thing(thing_id: str, sent: Sent, x_by: Annotated[str | None, Header()]) -> None:
        """Send `it`.

        <Twice> is fine.
        """

    @app.get("/things", response_model=list[Part])
    async def things(page: Annotated[int, Field(ge=1, description="from 1")] = 1) -> None:
        """All of them."""

    return app.openapi()


@pytest.fixture(scope="module")
def post_and_get() -> tuple[Operation, Operation]:
    post, get = operations(described(), URL)
    return post, get


def row(rows: list[Row], name: str) -> Row:
    return next(one for one in rows if one.name == name)


class TestRows:
    def test_each_field_has_one_with_what_lies_within(
        self, post_and_get: tuple[Operation, Operation]
    ) -> None:
        body = post_and_get[0].body
        assert {"parts", "parts[].name", "parts[].next", "parts[].next.name", "days"} <= {
            one.name for one in body
        }
        assert row(body, "parts").limits == "minItems 1"
        assert row(body, "parts").type == "array of object"
        assert row(body, "parts[].name").about == "what it is"
        assert row(body, "days").limits == "default 3"
        assert (row(body, "days").required, row(body, "parts").required) == (False, True)
        assert row(body, "note").type == "string or null"

    def test_a_shape_within_itself_ends(self, post_and_get: tuple[Operation, Operation]) -> None:
        assert len(post_and_get[0].body) < 30

    def test_an_answer_that_is_a_list_has_the_fields_of_its_members(
        self, post_and_get: tuple[Operation, Operation]
    ) -> None:
        assert row(post_and_get[1].answers[0].rows, "[].name").limits == "maxLength 9"

    def test_parameters_say_where_they_stand(
        self, post_and_get: tuple[Operation, Operation]
    ) -> None:
        post, get = post_and_get
        assert [(one.name, one.place) for one in post.parameters] == [
            ("thing_id", "path"),
            ("x-by", "header"),
        ]
        assert get.parameters == [
            Row("page", "integer", False, "from 1", "minimum 1, default 1", "query")
        ]


class TestExamples:
    def test_what_is_sent_is_what_must_be(self, post_and_get: tuple[Operation, Operation]) -> None:
        _, _, body = post_and_get[0].curl.partition("-d ")
        assert json.loads(body.strip("'").replace("'\"'\"'", "'")) == {"parts": [{"name": "it's"}]}

    def test_what_is_told_is_whole(self, post_and_get: tuple[Operation, Operation]) -> None:
        told = json.loads(post_and_get[0].answers[0].example)
        assert set(told) == {"parts", "days", "note", "kind", "at"}
        assert (told["kind"], told["at"][:4]) == ("a", "2026")

    def test_a_command_names_the_whole_address(
        self, post_and_get: tuple[Operation, Operation]
    ) -> None:
        assert post_and_get[0].curl.startswith("curl https://cri.example/things/{thing_id}")


class TestErrors:
    def test_each_is_named_by_its_code(self, post_and_get: tuple[Operation, Operation]) -> None:
        told = [(status, code) for status, code, _ in post_and_get[0].problems]
        assert told == [
            *(("404", NotFound.slug), ("413", "too-large")),
            *(("422", Invalid.slug), ("422", "too-tangled")),
            *(("503", Busy.slug), ("503", Unavailable.slug)),
        ]

    def test_those_that_fastapi_would_name_are_not_there(self) -> None:
        assert "HTTPValidationError" not in json.dumps(described())

    def test_what_all_say_is_told_once(self) -> None:
        names = [one.name for one in problem_rows(described())]
        assert names[:5] == ["type", "title", "status", "detail", "errors"]
