"""A tour of the public pages: each is opened once, and looked at in every way from there.

Those that bring a script are opened once more without it. The others are the same either way: the
policy of our pages forbids scripts in their text, and `APART` finds what only shows without.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cri_shared.places import INTERFACE_LANGUAGES, PUBLIC_LANGUAGES, is_right_to_left
from playwright.sync_api import Page

from tests.browser.visiting import PUBLIC, Live, open_page, overflows, violations

WIDTHS = (320, 390, 768, 1280)
BY_AXE = (390, 1280)
NARROW = (320, 390, 768)  # where long words may find no room
# Looked at by axe in light and dark, on a phone and on a desk; the others only for their place.
LOOKED_AT = ("en", "ar")
# Long words, wide letters, and the other writing direction.
TOURED = (*LOOKED_AT, "de", "fr", "ru")
# The other languages are only looked at with large letters, where there is most on a page.
CROWDED = ("home", "results", "entry", "feedback", "country", "ask")
# What a reader may set for themselves, without losing anything (WCAG 1.4.12).
SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
word-spacing: .16em !important; } p { margin-block-end: 2em !important; }"""
DOUBLED = "html { font-size: 200% !important; }"  # a reader's larger letters (WCAG 1.4.4)
RESTYLE = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""
# What one presses or fills in is 44 pixels high, what one follows 24; links within a sentence, and
# boxes whose whole label can be touched, may be smaller (WCAG 2.5.8).
SMALL = """() => [...document.querySelectorAll('a,button,input,select,summary,textarea')]
.filter(e => {
  const box = e.getBoundingClientRect();
  if (!box.width || !box.height || e.closest('.vh,.trap,.skip')) return false;
  const inline = getComputedStyle(e).display.startsWith('inline') && e.tagName === 'A'
    && e.closest('p,h2,h3,dd,td,th,li,cite,span');
  const least = e.matches('main :is(button, .btn, input, select, textarea)') ? 44 : 24;
  return !inline && !e.closest('label.tick') && (box.width < 24 || box.height < least);
}).map(e => e.outerHTML.slice(0, 100))"""
HEAD = """() => ({
  lang: document.documentElement.lang, dir: document.documentElement.dir, title: document.title,
  headings: [...document.querySelectorAll('h1')].map(e => e.innerText.trim()),
})"""
SCRIPTED = "() => document.querySelector('script[src]') !== null"
APART = """() => document.querySelector('noscript') !== null
|| [...document.styleSheets].some(sheet => [...sheet.cssRules].some(
  rule => rule.media && rule.media.mediaText.includes('scripting')))"""
SCRIPTS = "**/*.js"


@dataclass
class Seen:
    """What is wrong with the pages, by kind; empty lists where all is right."""

    shut_out: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    clipped_when_spaced: list[str] = field(default_factory=list)
    too_wide_when_doubled: list[str] = field(default_factory=list)
    too_small: list[str] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)
    unlike_without_script: list[str] = field(default_factory=list)
    without_script: list[str] = field(default_factory=list)  # not wrong: opened once more
    pages: int = 0


def speaks(name: str, language: str) -> bool:
    """Whether a page exists in a language."""
    return language in INTERFACE_LANGUAGES or PUBLIC[name][0] in ("search", "intake")


def tour(page: Page, live: Live) -> Seen:
    """Open every public page once in each of the languages, and look at it."""
    seen = Seen()
    for language in TOURED:
        for name in PUBLIC:
            if speaks(name, language):
                where, url = f"{name} {language}", live.public(name, language)
                open_page(page, url)
                look(page, seen, where, language)
                if language in LOOKED_AT and page.evaluate(SCRIPTED):
                    look_without_script(page, seen, where, url)
    for language in set(PUBLIC_LANGUAGES) - set(TOURED):
        for name in CROWDED:
            open_page(page, live.public(name, language))
            _enlarge(page, seen, f"{name} {language}")
    return seen


def look(page: Page, seen: Seen, where: str, language: str) -> None:
    """Look at the page that is open."""
    seen.pages += 1
    head = page.evaluate(HEAD)
    [heading] = head["headings"] or [""]
    right = "rtl" if is_right_to_left(language) else "ltr"
    if (head["lang"], head["dir"]) != (language, right) or heading[:60] not in head["title"]:
        seen.misnamed.append(f"{where}: {head}")
    if page.evaluate(APART):
        seen.unlike_without_script.append(where)
    for width in WIDTHS if language in LOOKED_AT else NARROW:
        page.set_viewport_size({"width": width, "height": 844})
        if overflows(page):
            seen.too_wide.append(f"{where} {width}")
        if width == 390:
            seen.too_small += [f"{where}: {small}" for small in page.evaluate(SMALL)]
        if language in LOOKED_AT and width in BY_AXE:
            _look_by_axe(page, seen, f"{where} {width}")
    page.set_viewport_size({"width": 320, "height": 844})
    page.evaluate(RESTYLE, SPACED)
    if overflows(page):
        seen.clipped_when_spaced.append(where)
    _enlarge(page, seen, where)


@contextmanager
def without_script(page: Page) -> Iterator[None]:
    """The pages that are opened meanwhile get none of our scripts.

    To a page that is the same as a browser that runs none, in which axe would wait for ever.
    """
    page.route(SCRIPTS, lambda route: route.abort())
    try:
        yield
    finally:
        page.unroute(SCRIPTS)


def look_without_script(page: Page, seen: Seen, where: str, url: str) -> None:
    """Open a page anew and let axe look at it as who has no script gets it."""
    seen.without_script.append(where)
    with without_script(page):
        open_page(page, url)
    for width in BY_AXE:
        page.set_viewport_size({"width": width, "height": 844})
        _look_by_axe(page, seen, f"{where} without script {width}")


def _enlarge(page: Page, seen: Seen, where: str) -> None:
    page.set_viewport_size({"width": 320, "height": 844})
    page.evaluate(RESTYLE, DOUBLED)
    if overflows(page):
        seen.too_wide_when_doubled.append(where)
    page.evaluate(RESTYLE, "")


def _look_by_axe(page: Page, seen: Seen, where: str) -> None:
    """All rules in light; in dark only colours differ, and they are the same at every width."""
    seen.shut_out += [f"{where}: {v}" for v in violations(page)]
    if where.endswith(" 390"):
        page.emulate_media(color_scheme="dark")
        seen.shut_out += [f"{where} dark: {v}" for v in violations(page, ["color-contrast"])]
        page.emulate_media(color_scheme="light")
