"""Expressions of Python's own engine, which backtracks: which there are, and which can run away.

Texts from outside are read by re2 where that can be (`cri_shared.privacy.detectors.expressions`);
what is left to `re` must leave nothing to choose: no text may be read by it in two ways.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from cri_shared.privacy.finding import modules_of
from cri_stack.register.holdings import PACKAGES

MANY = 64  # times; a repeat of fewer does not run away
# One character of every kind that expressions tell apart.
PROBES = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("\n\t\u00a0éßбჰاא中ก’–€°²")
Node = tuple[Any, Any]


@cache
def patterns() -> dict[str, re.Pattern[Any]]:
    """Every expression that a module holds, by the names of both."""
    found: dict[str, re.Pattern[Any]] = {}
    for package in PACKAGES:
        for module in modules_of(package):
            for name, value in vars(module).items():
                for number, pattern in enumerate(_within(value)):
                    found[f"{module.__name__}.{name}" + f"[{number}]" * bool(number)] = pattern
    return found


def written(root: Path) -> Iterator[tuple[str, str]]:
    """(place, expression) of those that a function hands to `re` as they are needed.

    What is put into one while it runs counts as a letter: it must be escaped, or be our own.
    """
    for file in sorted(root.glob("*/**/cri_*/**/*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re")), args=[text, *_]):
                    if (told := _literal(text)) is not None:
                        yield f"{file.relative_to(root)}:{node.lineno}", told


def _literal(text: ast.expr) -> str | None:
    match text:
        case ast.Constant(value=str() | bytes() as told):
            return told.decode("latin-1") if isinstance(told, bytes) else told
        case ast.JoinedStr(values=parts):
            return "".join(_literal(part) or "x" for part in parts)
    return None


def _within(value: object) -> Iterator[re.Pattern[Any]]:
    match value:
        case re.Pattern():
            yield value
        case dict():
            for inner in value.values():
                yield from _within(inner)
        case tuple() | list() | frozenset():
            for inner in value:
                yield from _within(inner)


def ambiguities(pattern: str | bytes, flags: int = 0) -> list[str]:
    """How an expression can be read in two ways, so that it may run away; empty where it cannot."""
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    return list(_ambiguous(list(parser.parse(text, flags & ~re.UNICODE))))


def _ambiguous(nodes: list[Node]) -> Iterator[str]:
    yield from _neighbours(nodes)
    for code, told in nodes:
        if code is op.GROUPREF:
            yield "it asks for what stood before"
        if code is op.MAX_REPEAT or code is op.MIN_REPEAT:
            _, most, body = told
            if most >= MANY:
                yield from _looped(list(body))
        for body in _bodies(code, told):
            yield from _ambiguous(body)


def _neighbours(nodes: list[Node]) -> Iterator[str]:
    """Two repeats, with nothing between them that must be there, for the same characters."""
    open_repeats: list[frozenset[str]] = []
    for node in nodes:
        first, repeats = firsts([node]), _is_repeat(node)
        if repeats and any(first & before for before in open_repeats):
            yield f"two repeats for the same characters, such as {_some(first)}"
        if not nullable([node]):  # what a repeat before it may take too, closes nothing
            open_repeats = [before for before in open_repeats if before & first]
        if repeats:
            open_repeats.append(first)


def _looped(body: list[Node]) -> Iterator[str]:
    """A repeat in a repeat that can go on from the first without a character of its own between."""
    repeats = [node for node in _flat(body) if _is_repeat(node)]
    rest = [node for node in _flat(body) if not _is_repeat(node) and not nullable([node])]
    for repeat in repeats:
        inner = firsts([repeat])
        if not rest or any(inner & firsts([node]) for node in rest):
            yield f"a repeat in a repeat, both for {_some(inner)}"
    for code, told in _flat(body):
        if code is op.BRANCH:
            choices = [list(one) for one in told[1]]
            starts = [firsts(choice) for choice in choices]
            alike = any(start & other for n, start in enumerate(starts) for other in starts[:n])
            if alike or sum(map(nullable, choices)) > 1:
                yield "a choice in a repeat of what begins alike"


def _flat(nodes: list[Node]) -> Iterator[Node]:
    """Nodes in order, those of plain groups in the place of the group."""
    for code, told in nodes:
        if code is op.SUBPATTERN:
            yield from _flat(list(told[-1]))
        else:
            yield code, told


def _is_repeat(node: Node) -> bool:
    code, told = node
    if code is op.SUBPATTERN:
        inner = list(told[-1])
        return len(inner) == 1 and _is_repeat(inner[0])
    return code in (op.MAX_REPEAT, op.MIN_REPEAT) and bool(told[1] >= MANY)


def _bodies(code: Any, told: Any) -> Iterator[list[Node]]:
    if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        yield list(told[2])
    elif code is op.SUBPATTERN:
        yield list(told[-1])
    elif code is op.BRANCH:
        yield from (list(one) for one in told[1])
    elif code in (op.ASSERT, op.ASSERT_NOT):
        yield list(told[1])
    elif code is op.ATOMIC_GROUP:
        yield list(told)


def nullable(nodes: list[Node]) -> bool:
    """Whether nodes can match nothing at all."""
    return all(_can_be_empty(code, told) for code, told in nodes)


def _can_be_empty(code: Any, told: Any) -> bool:
    if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return bool(told[0] == 0) or nullable(list(told[2]))
    if code is op.BRANCH:
        return any(nullable(list(one)) for one in told[1])
    bodies = list(_bodies(code, told))
    return code in (op.AT, op.ASSERT, op.ASSERT_NOT) or (bool(bodies) and nullable(bodies[0]))


def firsts(nodes: list[Node]) -> frozenset[str]:
    """The characters with which a match of nodes can begin."""
    found: set[str] = set()
    for code, told in nodes:
        found |= _begins(code, told)
        if not _can_be_empty(code, told):
            break
    return frozenset(found)


def _begins(code: Any, told: Any) -> frozenset[str]:
    if code in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return frozenset()
    if code in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
        return frozenset(probe for probe in PROBES if _is_one(probe, code, told))
    bodies = list(_bodies(code, told))
    return frozenset().union(*(firsts(body) for body in bodies)) if bodies else PROBES


def _is_one(probe: str, code: Any, told: Any) -> bool:
    match code:
        case op.LITERAL:
            return ord(probe) == told
        case op.NOT_LITERAL:
            return ord(probe) != told
        case op.ANY:
            return True
        case op.RANGE:
            return bool(told[0] <= ord(probe) <= told[1])
        case op.CATEGORY:
            return bool(re.match(_CATEGORIES[told], probe))
    told = list(told)
    negated = told[0][0] is op.NEGATE
    return negated is not any(_is_one(probe, *one) for one in told[negated:])


_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}


def _some(characters: frozenset[str]) -> str:
    return "".join(sorted(characters)[:5])
