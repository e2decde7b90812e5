"""A certificate as a paper: its words as data, and the PDF."""

import unicodedata
from pathlib import Path
from typing import Any

from cri_shared import clock, printing
from cri_shared.places import is_right_to_left
from cri_shared.places.languages import INTERFACE_LANGUAGES
from cri_shared.web.i18n import Words
from cri_shared.web.squares import square_svg
from cri_shared.words import N_

from cri_training.models import Edition
from cri_training.queries.certificates import Issued
from cri_training.rig import Rig
from cri_training.rules.certificates import grouped

TEMPLATE = Path(__file__).parent.parent / "templates" / "certificate.typ"
FONT_PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
FAMILIES = ("Noto Sans", "Noto Sans Arabic", "DejaVu Sans Mono")
_RIGHT_TO_LEFT = frozenset({"R", "AL"})


def hours(words: Words, minutes: int) -> str:
    """Minutes as hours and minutes in words."""
    whole, rest = divmod(minutes, 60)
    ngettext = words.translations.ngettext
    parts = []
    if whole or not rest:
        parts.append(ngettext("%(count)s hour", "%(count)s hours", whole) % {"count": whole})
    if rest:
        parts.append(ngettext("%(count)s minute", "%(count)s minutes", rest) % {"count": rest})
    return " ".join(parts)


def decimal_hours(words: Words, minutes: int) -> str:
    """Minutes as a number of hours, as the language writes it."""
    return words.decimal(minutes / 60)


async def certificate_pdf(rig: Rig, edition: Edition, issued: Issued) -> bytes:
    """The PDF of a certificate that was not withdrawn, in the language of its edition."""
    data = paper(rig, edition, issued)
    made_on = clock.belgian(issued.certificate.issued_at).date()
    fonts = printing.font_directories(*FONT_PACKAGES)
    return await printing.printed(TEMPLATE, data, fonts, made_on=made_on)


def paper(rig: Rig, edition: Edition, issued: Issued) -> dict[str, Any]:
    """What the paper says."""
    assert issued.name is not None
    assert issued.code is not None
    lang = edition.language if edition.language in INTERFACE_LANGUAGES else "en"
    words = rig.words[lang]
    _ = words.gettext
    address = f"{rig.settings.public_url}/{lang}/certificates/verify"
    issued_on = clock.belgian(issued.certificate.issued_at).date()
    days = [f"{words.long_date(s.day)}, {s.hours}" for s in edition.sittings]
    place = edition.town if edition.format != "online" else _(N_("Online"))
    facts = [
        (_(N_("When")), "; ".join(days)),
        (_(N_("Where")), place or ""),
        (_(N_("Hours attended")), hours(words, issued.certificate.minutes)),
        (_(N_("With")), ", ".join(edition.trainers)),
    ]
    return {
        "lang": lang,
        "language": edition.language.split("-")[0],
        "dir": way(edition.title),
        "fonts": FAMILIES,
        "site": _(N_("Country of Return Information")),
        "title": _(N_("Certificate of attendance")),
        "opening": _(N_("This certifies that")),
        "name": {
            "text": issued.name,
            "lang": _lang_of(issued.name, lang),
            "dir": way(issued.name),
        },
        "attended": _(N_("attended the workshop")),
        "workshop": edition.title,
        "facts": facts,
        "check": _(N_("Scan the square to check this certificate, or type its code on this page:")),
        "address": address,
        "code_label": _(N_("Code of the certificate")),
        "code": grouped(issued.code),
        "qr": square_svg(f"{address}/{issued.code}"),
        "made": _(N_("Issued on %(day)s"), day=words.long_date(issued_on)),
    }


def way(text: str) -> str:
    """The direction of the first letter that has one."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind == "L" or kind in _RIGHT_TO_LEFT:
            return "rtl" if kind in _RIGHT_TO_LEFT else "ltr"
    return "ltr"


def _lang_of(name: str, lang: str) -> str:
    return "ar" if way(name) == "rtl" and not is_right_to_left(lang) else lang
