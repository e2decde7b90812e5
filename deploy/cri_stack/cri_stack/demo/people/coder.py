"""Coders: they keep a code book of obstacles, and read alone what people wrote after a workshop."""

import re
from collections.abc import Mapping

from cri_stack.demo.people.staff import StaffMember
from cri_stack.demo.waiting import Trouble

CODE = r"/console/code-book/([\w-]+)$"
TEXT = r"/console/texts/[\w-]{22}$"


class Coder(StaffMember):
    """Somebody at training's texts, who knows a code by its name and by words that speak of it."""

    def keep_code(self, code: Mapping[str, str]) -> str:
        """Write a code into the code book; gives its short name there."""
        self.at("/console/code-book/new")
        said = {name: code[name] for name in ("title", "definition", "topic")}
        self.submit(r"/console/code-book/new$", said)
        found = re.search(CODE, self.url)
        if found is None:
            raise Trouble(f"{self.url} is no code: {self.complaint()}")
        return found[1]

    def texts(self) -> list[str]:
        """The paths of the texts that there are."""
        self.at("/console/texts")
        links = (str(link["href"]) for link in self.page.select("main a[href]"))
        return [path for path in links if re.search(TEXT, path)]

    def read(self, text: str, codes: Mapping[str, str]) -> None:
        """Mark the sentences of a text that speak of a code (its name: a pattern), and finish."""
        for code, words in codes.items():
            self.at(text)
            numbers = [
                str(box["value"])
                for box in self.page.select("input[name=passage][type=checkbox]")
                if box.parent is not None and re.search(words, box.parent.get_text(), re.IGNORECASE)
            ]
            if numbers:
                self.submit(r"/mark$", {"passage": numbers, "code": code})
        self.at(text)
        self.submit(r"/finish$")

    def settle(self, text: str) -> bool:
        """What one reader marked holds, be it that the other did not; whether they differed."""
        self.at(text)
        if not self.has_form(r"/settle$"):  # two who agree have settled it
            return False
        every = [str(box["value"]) for box in self.page.select("input[name=holds]")]
        self.submit(r"/settle$", {"holds": every})
        return True
