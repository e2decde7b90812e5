"""Words that a template fixes are those of its language, as Jinja's own extension says them."""

from gettext import NullTranslations

import pytest
from cri_shared.web.fixed_words import FixedWords
from jinja2 import DictLoader, Environment, StrictUndefined

SAID = {
    "Hello": "Salut",
    "It is <b>new</b> & 'free'": 'C\'est <b>neuf</b> & "libre"',
    "100%% of it": "100%% de cela",
    "%(count)s left": "il en reste %(count)s",
    "Danger": "Danger {{ 7 }} {%% if %%}",
}
TEMPLATES = [
    '{{ _("Hello") }}',
    "<p title=\"{{ _('Hello') }}\">",
    "{{ _(\"It is <b>new</b> & 'free'\") }}",
    '{{ _("100%% of it") }}',
    '{{ _("%(count)s left", count=3) }}',
    '{{ _("Danger") }}',
    '{{ _("Not translated") }}',
    '{{ _(word) }} {{ _(word) | upper }} {{ _("Hello") | upper | length }}',
    '{{ _("Hello") ~ "<" ~ _("Hello") }}{{ _("Hello")[0] }}',
    '{{ _("Hel" "lo") }}',
    '{% macro say(what=_("Hello")) %}{{ what }}!{% endmacro %}{{ say() }}{{ say(_("Danger")) }}',
    '{% for key in [_("Hello"), "b"] %}{{ key }}{{ _("Hello") if key else "-" }}{% endfor %}',
    "{% trans %}Hello{% endtrans %}{% trans count=2 %}one{% pluralize %}{{ count }}{% endtrans %}",
    '_("Hello") {# _("Hello") #} {% raw %}{{ _("Hello") }}{% endraw %} {{ {"_": 1}["_"] }}',
]


class Words(NullTranslations):
    """A catalogue of a few sentences; remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def gettext(self, message: str) -> str:
        self.asked.append(message)
        return SAID.get(message, message)


def environment(words: Words, *more: type[FixedWords]) -> Environment:
    made = Environment(
        loader=DictLoader({"page": "", "words": ""}),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", *more],
    )
    made.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    if more:
        made.translate = words.gettext  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_page_says_what_it_would_say_without(template: str) -> None:
    theirs, ours = environment(Words()), environment(Words(), FixedWords)
    said = ours.from_string(template).render(word="Hello")
    assert said == theirs.from_string(template).render(word="Hello")


def test_fixed_words_are_looked_up_once_however_many_pages_are_made() -> None:
    words = Words()
    page = environment(words, FixedWords).from_string(
        '{% for row in rows %}<td data-label="{{ _("Hello") }}">{{ _("Danger") }}{% endfor %}'
    )
    for _ in range(3):
        assert page.render(rows="abc").count("Salut") == 3
    assert words.asked == ["Hello", "Danger"]


def test_a_sentence_that_is_no_format_is_refused_when_it_is_compiled() -> None:
    with pytest.raises(ValueError, match="format"):
        environment(Words(), FixedWords).from_string('{{ _("All of it, 100 %") }}')
