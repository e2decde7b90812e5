"""The filter language: `country IN ["AF", "IQ"] AND year >= 2015`, parsed into a small tree."""

import re
from dataclasses import dataclass
from typing import Any

from cri_index.errors import ApiError, bad_request

MOST_CONDITIONS = 2_000
DEEPEST = 50


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The attribute holds one of these values."""

    attribute: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The attribute holds a number in this range; None is open."""

    attribute: str
    lower: float | None = None
    upper: float | None = None
    with_lower: bool = True
    with_upper: bool = True


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Filter"


Filter = AnyOf | Between | Every | Some | Not

_TOKEN = re.compile(
    r"""\s*(?:
        "(?P<double>(?:\\.|[^"\\])*)"
      | '(?P<single>(?:\\.|[^'\\])*)'
      | (?P<sign><=|>=|!=|=|<|>|\(|\)|\[|\]|,)
      | (?P<word>[\w./-]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "text" (quoted), "word" or "sign"
    value: str
    at: int


def parse(expression: Any, code: str = "invalid_search_filter") -> Filter | None:
    """A filter as the API takes it, or None where there is nothing to filter.

    A string, or an array whose items are and-ed and whose inner arrays are or-ed. Raises ApiError
    400 with `code` for anything else, for unknown operators and for trees without end.
    """
    if expression is None or expression in ("", []):
        return None
    if isinstance(expression, str):
        return _Parser(expression, code).whole()
    if not isinstance(expression, list):
        raise bad_request(code, "Invalid filter: expected a string or an array.")
    parts = tuple(_item(item, code) for item in expression)
    return parts[0] if len(parts) == 1 else Every(parts)


def _item(item: Any, code: str) -> Filter:
    alternatives = item if isinstance(item, list) else [item]
    if not alternatives or not all(isinstance(each, str) for each in alternatives):
        raise bad_request(code, "Invalid filter: arrays hold strings or arrays of strings.")
    parts = tuple(_Parser(each, code).whole() for each in alternatives)
    return parts[0] if len(parts) == 1 else Some(parts)


class _Parser:
    """Recursive descent: OR binds weakest, then AND, then NOT."""

    def __init__(self, text: str, code: str) -> None:
        self._code = code
        self._tokens = self._cut(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Filter:
        found = self._either()
        if self._at < len(self._tokens):
            raise self._unexpected("the end of the filter")
        return found

    def _cut(self, text: str) -> list[_Token]:
        tokens: list[_Token] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                raise bad_request(self._code, f"Unexpected character at position {at}.")
            quoted = match["double"] if match["double"] is not None else match["single"]
            if quoted is not None:
                tokens.append(_Token("text", _ESCAPED.sub(r"\1", quoted), match.start()))
            elif match["sign"]:
                tokens.append(_Token("sign", match["sign"], match.start()))
            else:
                tokens.append(_Token("word", match["word"], match.start()))
            at = match.end()
        if len(tokens) > MOST_CONDITIONS * 4:
            raise bad_request(self._code, f"A filter has at most {MOST_CONDITIONS} conditions.")
        return tokens

    def _unexpected(self, wanted: str) -> ApiError:
        place = (
            f"position {self._tokens[self._at].at}"
            if self._at < len(self._tokens)
            else "the end of the filter"
        )
        return bad_request(self._code, f"Was expecting {wanted} at {place}.")

    def _take(self, *values: str) -> bool:
        """Go past these keywords or signs if they come next."""
        coming = self._tokens[self._at : self._at + len(values)]
        if len(coming) < len(values) or any(
            token.kind == "text" or token.value.upper() != value
            for token, value in zip(coming, values, strict=True)
        ):
            return False
        self._at += len(values)
        return True

    def _value(self, wanted: str = "a value") -> str:
        if self._at == len(self._tokens) or self._tokens[self._at].kind == "sign":
            raise self._unexpected(wanted)
        self._at += 1
        return self._tokens[self._at - 1].value

    def _number(self) -> float:
        value = self._value("a number")
        if not _NUMBER.fullmatch(value):
            self._at -= 1
            raise self._unexpected("a number")
        return float(value)

    def _either(self) -> Filter:
        parts = [self._both()]
        while self._take("OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _both(self) -> Filter:
        parts = [self._single()]
        while self._take("AND"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _single(self) -> Filter:
        self._depth += 1
        if self._depth > DEEPEST:
            raise bad_request(self._code, f"A filter is at most {DEEPEST} levels deep.")
        found = self._negated_or_grouped()
        self._depth -= 1
        return found

    def _negated_or_grouped(self) -> Filter:
        if self._take("NOT"):
            return Not(self._single())
        if self._take("("):
            inner = self._either()
            if not self._take(")"):
                raise self._unexpected("`)`")
            return inner
        return self._condition()

    def _condition(self) -> Filter:
        attribute = self._value("an attribute")
        if self._take("NOT", "IN"):
            return Not(AnyOf(attribute, self._list()))
        if self._take("IN"):
            return AnyOf(attribute, self._list())
        if self._take("="):
            return AnyOf(attribute, (self._value(),))
        if self._take("!="):
            return Not(AnyOf(attribute, (self._value(),)))
        return self._comparison(attribute)

    def _comparison(self, attribute: str) -> Filter:
        if self._take(">="):
            return Between(attribute, lower=self._number())
        if self._take(">"):
            return Between(attribute, lower=self._number(), with_lower=False)
        if self._take("<="):
            return Between(attribute, upper=self._number())
        if self._take("<"):
            return Between(attribute, upper=self._number(), with_upper=False)
        if self._at == len(self._tokens):
            raise self._unexpected("an operator")
        return self._from_to(attribute)

    def _from_to(self, attribute: str) -> Filter:
        if self._tokens[self._at].kind == "sign" or not self._follows_to():
            raise self._unexpected("`=`, `!=`, `>=`, `>`, `<=`, `<`, `IN`, `NOT IN` or `TO`")
        lower = self._number()
        self._take("TO")
        return Between(attribute, lower=lower, upper=self._number())

    def _follows_to(self) -> bool:
        following = self._tokens[self._at + 1 : self._at + 2]
        return bool(following) and following[0].value.upper() == "TO"

    def _list(self) -> tuple[str, ...]:
        if not self._take("["):
            raise self._unexpected("`[`")
        values: list[str] = []
        while not self._take("]"):
            values.append(self._value())
            if self._take("]"):
                break
            if not self._take(","):
                raise self._unexpected("`,` or `]`")
        return tuple(values)
