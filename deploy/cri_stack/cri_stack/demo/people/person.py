"""A person with a browser that knows no scripts: opens pages, fills in forms, reads answers."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self
from urllib.parse import urljoin, urlsplit

import mechanicalsoup
from bs4 import BeautifulSoup, Tag

from cri_stack.demo.waiting import Trouble

SECONDS = 20
Value = str | bool | int | list[str]


class Person:
    """Somebody at a browser; cookies, pages and forms are as the browser has them.

    `twice` says that everybody clicks twice: each form that may change something is sent once
    more, and the person goes on from the second answer, as a browser shows it.
    """

    twice: ClassVar[bool] = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.browser = mechanicalsoup.Browser(soup_config={"features": "html.parser"})
        self.browser.session.trust_env = False
        self.browser.session.headers["User-Agent"] = "CRI demo"
        self.status = 0
        self.url = ""
        self._page: BeautifulSoup | None = None
        self._sent: tuple[mechanicalsoup.Form, str] | None = None

    # --- reading

    @property
    def page(self) -> BeautifulSoup:
        """The page that is open."""
        if self._page is None:
            raise Trouble(f"{self.name} has no page open (the last answer was not HTML)")
        return self._page

    @property
    def text(self) -> str:
        """What the page says, without its markup."""
        return " ".join(self.page.get_text(" ").split())

    @property
    def title(self) -> str:
        """The page's first heading."""
        heading = self.page.find("h1")
        return " ".join(heading.get_text(" ").split()) if heading else ""

    def link(self, pattern: str) -> str | None:
        """The address of the first link whose path matches a pattern."""
        for found in self.page.select("a[href]"):
            url = urljoin(self.url, str(found["href"]))
            if re.search(pattern, urlsplit(url).path):
                return url
        return None

    # --- acting

    def open(self, url: str, *, may_fail: bool = False) -> "Person":
        """Open an address; raises `Trouble` with the page's words where it is refused."""
        self._arrived(self.browser.get(url, timeout=SECONDS))
        if self.status >= 400 and not may_fail:
            raise Trouble(f"{self.name} opened {url}: {self.status}, {self.complaint()}")
        return self

    def form(self, action: str) -> Tag:
        """The form of this page whose action matches a pattern; raises `Trouble`."""
        actions = []
        for form in self.page.select("form:not([hidden])"):
            target = urljoin(self.url, str(form.get("action") or self.url))
            actions.append(urlsplit(target).path)
            if re.search(action, actions[-1]):
                return self._whole(form)
        raise Trouble(f"{self.url} has no form for {action!r}; it has {actions or 'none'}")

    def _whole(self, form: Tag) -> Tag:
        """A form with the fields that stand elsewhere on the page but name it as theirs."""
        if form.get("id"):
            for field in self.page.select(f"[form='{form['id']}']"):
                if form not in field.parents:
                    form.append(field.extract())
        return form

    def has_form(self, action: str) -> bool:
        """Whether this page has such a form."""
        try:
            self.form(action)
        except Trouble:
            return False
        return True

    def has_button(self, words: str) -> bool:
        """Whether this page has a button that says so."""
        buttons = (" ".join(button.get_text(" ").split()) for button in self.page.select("button"))
        return words in buttons

    def submit(
        self,
        action: str,
        fields: Mapping[str, Value] | None = None,
        *,
        button: str | None = None,
        refused: bool = False,
    ) -> "Person":
        """Fill in the form with such an action and send it.

        `button` is the value of the button to press. With `refused` the refusal is what is
        expected: anything else raises `Trouble`, as does a refusal without it.
        """
        url = self.url
        self.try_to(action, fields, button=button)
        if (self.status >= 400) != refused:
            raise Trouble(f"{self.name} sent {action} of {url}: {self.status}, {self.complaint()}")
        return self

    def try_to(
        self,
        action: str,
        fields: Mapping[str, Value] | None = None,
        *,
        button: str | None = None,
    ) -> None:
        """Fill in a form and send it, whatever comes of it."""
        form = self.form(action)
        for name, value in (fields or {}).items():
            fill(form, name, value, where=self.url)
        chosen = mechanicalsoup.Form(form)
        chosen.choose_submit(None if button is None else _button(form, button, self.url))
        self._sent = (chosen, self.url)
        self._arrived(self.browser.submit(chosen, self.url, timeout=SECONDS))
        if self.twice and str(form.get("method")).lower() == "post":
            self.again()

    def again(self) -> Self:
        """Send the last form once more, as a double click does; never a failure of ours."""
        if self._sent is None:
            raise Trouble(f"{self.name} has sent no form so far")
        self._arrived(self.browser.submit(*self._sent, timeout=SECONDS))
        if self.status >= 500:
            raise Trouble(f"{self.name} sent a form twice: {self.status}, {self.complaint()}")
        return self

    def _arrived(self, response: Any) -> None:
        self.status, self.url, self._page = response.status_code, response.url, response.soup

    def complaint(self) -> str:
        """What the page says is wrong."""
        page = self._page
        if page is None:
            return "no page"
        summary = page.select_one("[role=alert]") or page.find("main") or page
        return " ".join(summary.get_text(" ").split())[:600]


def _button(form: Tag, value: str, where: str) -> Tag:
    for button in form.select("button, input[type=submit]"):
        words = " ".join(button.get_text(" ").split())
        if value in (button.get("value"), button.get("name"), words):
            if button.get("formaction"):
                form["action"] = button["formaction"]
            return button
    raise Trouble(f"{where} has no button {value!r}")


def fill(form: Tag, name: str, value: Value, *, where: str) -> None:
    """Set one field of a form as a person would; raises `Trouble` where that is not possible."""
    fields = form.find_all(["input", "select", "textarea"], attrs={"name": name})
    if not fields:
        names = sorted({str(field["name"]) for field in form.select("[name]")})
        raise Trouble(f"the form at {where} has no field {name!r}; it has {', '.join(names)}")
    wanted = [str(v) for v in value] if isinstance(value, list) else [str(value)]
    kind = str(fields[0].get("type", "text"))
    if fields[0].name == "select":
        _select(fields[0], wanted, where)
    elif kind in ("radio", "checkbox"):
        _tick(fields, value, wanted, where)
    elif fields[0].name == "textarea":
        fields[0].string = wanted[0]
    else:
        for field, text in zip(fields, wanted, strict=False):
            field["value"] = text


def _select(field: Tag, wanted: list[str], where: str) -> None:
    options = {str(option.get("value", option.get_text())): option for option in field("option")}
    for option in options.values():
        del option["selected"]
    for value in wanted:
        if value not in options:
            raise Trouble(f"{where}: {field['name']} offers {', '.join(options)}, not {value}")
        options[value]["selected"] = "selected"


def _tick(fields: list[Tag], value: Value, wanted: list[str], where: str) -> None:
    for field in fields:
        del field["checked"]
    if value is False:
        return
    if value is True:
        fields[0]["checked"] = "checked"
        return
    offered = {str(field.get("value", "on")): field for field in fields}
    for each in wanted:
        if each not in offered:
            raise Trouble(f"{where}: {fields[0]['name']} offers {', '.join(offered)}, not {each}")
        offered[each]["checked"] = "checked"
