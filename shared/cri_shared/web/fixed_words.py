"""Fixed words of a template are translated when it is compiled, for each language has templates.

A list of fifty rows says hundreds; to look each up when the page was made took a fifth of its time.
"""

from collections.abc import Iterable, Iterator

from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

_CALL = ("name", "lparen", "string", "rparen")


class FixedWords(Extension):
    """Writes `("une phrase"|safe)` where a template has `_("a sentence")`.

    What is a value only when the page is made, or has values in it, is left to `jinja2.ext.i18n`,
    whose catalogue it takes.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.extend(translate=str)

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """The tokens of a template with its fixed words in the language of the environment."""
        return self._translated(list(stream))

    def _translated(self, tokens: list[Token]) -> Iterator[Token]:
        at = 0
        while at < len(tokens):
            call = tokens[at : at + len(_CALL)]
            if tuple(token.type for token in call) == _CALL and call[0].value == "_":
                yield from self._said(call[2])
                at += len(_CALL)
            else:
                yield tokens[at]
                at += 1

    def _said(self, sentence: Token) -> Iterator[Token]:
        # As jinja2.ext.i18n: a sentence is a format even where it has no values, so %% is %.
        words = str(Markup(self.environment.translate(sentence.value)) % {})  # type: ignore[attr-defined]
        line = sentence.lineno
        yield Token(line, "lparen", "(")
        yield Token(line, "string", words)
        yield Token(line, "pipe", "|")
        yield Token(line, "name", "safe")
        yield Token(line, "rparen", ")")
