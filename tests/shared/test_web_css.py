"""The style sheet is right in both writing directions and can be read in light and in dark."""

import re
from collections import defaultdict
from importlib.resources import files

import pytest

SHEET = files("cri_shared.web").joinpath("static/cri.css").read_text("utf-8")
PLAIN = re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL)
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin)-(?:left|right)[\w-]*|left|right"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right))\s*(?=[:;}])"
)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
BACKGROUNDS = ("paper", "surface", "sunken")
# Each pair: what is written, and what it may stand on.
TEXTS = [
    *((ink, ground) for ink in ("ink", "ink-soft", "link", "link-hover") for ground in BACKGROUNDS),
    *(("visited", ground) for ground in BACKGROUNDS),
    *(("ink", tint) for tint in ("brand-tint", "info-tint", "warn-tint", "ok-tint", "bad-tint")),
    *(("ink-soft", "brand-tint"), ("link", "brand-tint"), ("mark-ink", "mark")),
    *((kind, f"{kind}-tint") for kind in ("ok", "warn", "bad", "info", "quiet")),
    *(("on-brand", "brand"), ("on-brand-soft", "brand-deep"), ("focus-ink", "focus")),
    *(("brand", "surface"), ("bad", "surface"), ("bad", "paper")),
]
EDGES = [("line-strong", ground) for ground in BACKGROUNDS]


def tokens(scheme: str) -> dict[str, str]:
    """The colours of a scheme; dark overrides light."""
    light, _, dark = PLAIN.partition("@media (prefers-color-scheme: dark)")
    told = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", light))
    if scheme == "dark":
        told |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", dark[: dark.index("}")]))
    return told


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2), 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2), 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_and_every_control_be_seen(scheme: str) -> None:
    colour = tokens(scheme)
    told = {
        f"{front} on {back}": round(contrast(colour[front], colour[back]), 2)
        for pairs, least in ((TEXTS, 4.5), (EDGES, 3.0))
        for front, back in pairs
        if contrast(colour[front], colour[back]) < least
    }
    assert told == {}


def test_nothing_is_placed_left_or_right() -> None:
    assert PHYSICAL.findall(PLAIN) == []


def test_what_points_to_a_side_has_its_twin_for_writing_from_right_to_left() -> None:
    """A shadow inside an edge and a shift along a line know no reading direction of their own."""
    sided = re.compile(r"inset\s+-?[1-9]\d*px\s+0\s|translateX\((?!0)")
    rules = [(names.strip(), told) for names, told in RULE.findall(PLAIN) if sided.search(told)]
    twins = {names.replace("[dir=rtl] ", "") for names, _ in rules if "[dir=rtl]" in names}
    assert {names for names, _ in rules if "[dir=rtl]" not in names} <= twins


def test_arabic_letters_are_never_slanted_or_spread() -> None:
    told: defaultdict[str, str] = defaultdict(str)
    for names, style in RULE.findall(PLAIN):
        for one in names.strip().split(", "):
            told[one] += style
    for script in ("ar", "fa"):
        assert "font-style: normal" in told[f"em:lang({script})"]
        assert "letter-spacing: 0" in told[f":lang({script})"]
        assert "letter-spacing: 0" in told[f"h1:lang({script})"]
    assert not any("italic" in style for style in told.values())


def test_telephone_numbers_keep_their_order_in_every_script() -> None:
    for package in ("cri_shared.web", "cri_search", "cri_intake"):
        for page in files(package).joinpath("templates").iterdir():
            if page.name.endswith(".html"):
                for link in re.findall(r'href="tel:[^"]*">(.*?)</a>', page.read_text("utf-8")):
                    assert link.startswith('<bdi dir="ltr">'), page.name
