"""Askers: they send the public form, keep a number, and come back with it."""

from cri_shared.places import PUBLIC_LANGUAGES

from cri_stack.demo.content import Question
from cri_stack.demo.people.person import Person, Value
from cri_stack.demo.waiting import Trouble

RECEIPT_DIGITS = 18


class Asker(Person):
    """Somebody who asks, or whom an officer asked for, at intake's public pages."""

    def __init__(self, name: str, intake: str, language: str) -> None:
        super().__init__(name)
        self.intake = intake
        self.lang = language if language in PUBLIC_LANGUAGES else "en"
        self.receipt = ""

    def ask(self, question: Question, email: str = "") -> None:
        """Send the form and keep the number; sending twice asks once."""
        self.open(f"{self.intake}/{self.lang}/ask")
        self.submit(
            r"/ask$",
            {
                "country": question.country,
                "question": question.data["question_raw"],
                "language": question.language,
                "role": question.asker_role,
                "needed_by": question.day("needed_by").isoformat(),
                "email": email,
                "safe_to_write": bool(email),
                "consent": True,
            },
        )
        if self.page.select_one("input[name=seen]"):
            self.submit(r"/ask$")  # none of the answers that exist is the one
        self.keep_number()

    def begin(self, country: str, words: str) -> str:
        """Begin to ask; gives what the form shows of answers that exist already."""
        self.open(f"{self.intake}/{self.lang}/ask")
        look = self.page.select_one("button[formaction$='/ask/check']")
        fields: dict[str, Value] = {"country": country, "question": words}
        self.submit(r"/ask$", fields, button=" ".join(look.get_text().split()) if look else None)
        shown = self.page.select_one("#existing")
        return " ".join(shown.get_text(" ").split()) if shown else ""

    def is_answered(self) -> bool:
        """Say that the first of them is the answer; whether that ends it."""
        first = self.page.select_one("button[name=entry_id]")
        if first is None:
            return False
        self.submit(r"/ask/answered$", button=str(first["value"]))
        return self.url.endswith("/ask/answered")

    def code_for_helper(self, may: str) -> str:
        """A code for an organisation that helps, as the page shows it."""
        self.follow()
        self.submit(r"/follow/helper$", {"may": may})
        shown = self.page.select_one(".bigcode")
        return shown.get_text().strip() if shown else ""

    def end_help(self) -> None:
        """End that an organisation follows."""
        self.follow()
        self.submit(r"/follow/helper/end$")

    def keep_number(self) -> None:
        """Read the number off the page."""
        shown = self.page.select_one(".bigcode")
        self.receipt = shown.get_text().strip() if shown else ""
        if sum(c.isdigit() for c in self.receipt) != RECEIPT_DIGITS:
            raise Trouble(f"{self.url} shows no number of {RECEIPT_DIGITS} digits")

    def follow(self, lang: str = "") -> str:
        """Open one's question with the number, in one's own language or another one.

        Gives what the page says.
        """
        self.open(f"{self.intake}/{lang or self.lang}/follow")
        if self.has_form(r"/follow$"):
            self.submit(r"/follow$", {"receipt": self.receipt})
        return self.text

    def answer(self) -> str:
        """The answer as the page shows it; empty while there is none."""
        self.follow()
        shown = self.page.select_one("#answer")
        return " ".join(shown.get_text(" ").split()) if shown else ""

    def rate(self, useful: str) -> None:
        """Say whether the answer was useful."""
        self.follow()
        self.submit(r"/follow/rate$", button=useful)

    def keep(self) -> None:
        """Ask to hear when the answer changes."""
        self.follow()
        self.submit(r"/follow/keep$")

    def close(self) -> None:
        """Close the page, so that whoever uses this phone next sees nothing."""
        self.follow()
        self.submit(r"/follow/close$")
