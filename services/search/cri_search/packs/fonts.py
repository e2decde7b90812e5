"""The fonts of printed packs: which scripts can be shown, and which are told instead.

Fonts come with packages that search is installed with, and from one directory of the system
(Debian's `fonts-noto-core`), for scripts that no such package has. typst brings DejaVu Sans Mono.
"""

import unicodedata
from pathlib import Path

from cri_shared.observe import log
from cri_shared.printing import font_directories

PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic", "fontpkg_noto_sans_devanagari")
EVERYWHERE = ("Noto Sans", "Noto Sans Arabic", "Noto Sans Devanagari", "DejaVu Sans Mono")
# By the first word of the Unicode names of their letters; a file of the directory that shows them.
_ALWAYS = {"LATIN", "CYRILLIC", "GREEK", "ARABIC", "DEVANAGARI", "ARMENIAN", "GEORGIAN"}
_FROM_DIRECTORY = {
    "ARMENIAN": "Noto Sans Armenian",
    "GEORGIAN": "Noto Sans Georgian",
    "ETHIOPIC": "Noto Sans Ethiopic",
    "BENGALI": "Noto Sans Bengali",
    "GURMUKHI": "Noto Sans Gurmukhi",
    "TAMIL": "Noto Sans Tamil",
    "SINHALA": "Noto Sans Sinhala",
    "THAANA": "Noto Sans Thaana",
    "KHMER": "Noto Sans Khmer",
}
_WANTED = ("ETHIOPIC",)  # read by people who ask us, beside what is always there


class Fonts:
    """What a directory adds to the fonts that are always there."""

    def __init__(self, directory: Path) -> None:
        self._found = {
            script: family
            for script, family in _FROM_DIRECTORY.items()
            if any(directory.glob(f"{family.replace(' ', '')}-Regular.*"))
        }
        self.directories = font_directories(*PACKAGES)
        if self._found:
            self.directories.append(str(directory))

    @property
    def families(self) -> list[str]:
        """Names of the fonts, in the order in which a letter is looked for."""
        return [*EVERYWHERE[:-1], *self._found.values(), EVERYWHERE[-1]]

    @property
    def missing(self) -> list[str]:
        """Scripts that readers of ours use and that cannot be shown."""
        return [script for script in _WANTED if script not in self._found]

    async def say_what_is_missing(self) -> None:
        """Tell operators, once, of scripts that packs say they cannot show."""
        for script in self.missing:
            log.warning("search.font.missing", reason=script.lower())

    def show(self, text: str) -> bool:
        """Whether every letter of a text has a font; boxes help nobody."""
        return all(
            script in _ALWAYS or script in self._found
            for script in {_script(letter) for letter in set(text) if letter.isalpha()}
        )


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").split(" ")[0]
    return "LATIN" if first in ("FEMININE", "MASCULINE", "MODIFIER", "MICRO") else first
