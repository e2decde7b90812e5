"""The sentences that pages say about an answer, for where there is no page: packs and the API."""

import datetime as dt
from typing import Any

from cri_shared.places.languages import is_right_to_left, language_name
from cri_shared.web.i18n import Words

from cri_search.queries.entries import Whole
from cri_search.queries.listings import Listed, OfCountry
from cri_search.rules.texts import isolated_plain


def answered_by(words: Words, name: str | None) -> str:
    """Who answered: by name only where the partner agreed to that."""
    return name or words.gettext("A local organisation")


def checked_by(words: Words) -> str:
    """Who looked at an answer before readers saw it."""
    return words.gettext("A coordinator and two editors, before it was published")


class Wording:
    """Sentences in one interface language."""

    def __init__(self, words: Words) -> None:
        self.words = words
        _ = self._ = words.gettext
        self.checked = _("Checked on")
        self.tried = _("What we tried")
        self.sources = _("Sources")
        self.changed = _("What changed on this page")
        self.disclaimer = _(
            "We inform and do not advise. An answer was true on the day it was checked. You decide "
            "what you do with it, and when."
        )
        self.unshown = _("Some texts are in letters that this file cannot show. Read them at")
        self._labels = {
            "archived": _("Archived"),
            "due": _("Due for a new check"),
            "partly": _("Answered in part"),
            "conflicting": _("Sources disagree"),
            "not_found": _("No answer was found"),
            "single_source": _("One source only"),
        }
        self._sorts = {
            "authority": _("Public office"),
            "service": _("Service"),
            "organisation": _("Organisation"),
            "international": _("International organisation"),
            "embassy": _("Embassy or consulate"),
            "money": _("Money"),
            "goods": _("Goods"),
            "training": _("Training"),
            "business": _("Help to start a business"),
            "care": _("Care"),
        }
        self._kinds = {
            "visit": _("Visit"),
            "phone": _("Phone call"),
            "interview": _("Interview"),
            "web": _("Website"),
            "law": _("Law"),
            "document": _("Document"),
            "media": _("News media"),
            "experience": _("Experience of people who returned"),
        }

    def label(self, code: str) -> str:
        """A label of an answer."""
        return self._labels[code]

    def listed(self, listed: OfCountry) -> list[tuple[str, list[Listed]]]:
        """The sections of contacts and programmes, each with its heading; empty ones left out."""
        _ = self._
        sections = [(_("Contacts"), listed.contacts), (_("Programmes"), listed.programmes)]
        return [(title, within) for title, within in sections if within]

    def place_of(self, one: Listed) -> list[str]:
        """What sort of thing it is, where, and for what."""
        region = [one.facts.region] if one.facts.region else []
        return [self._sorts[one.facts.kind], *region, *map(self.words.topic, one.facts.topics)]

    def reached(self, one: Listed) -> list[tuple[str, str]]:
        """How to reach it, each with its label."""
        _, facts, reader = self._, one.facts, self.words.language
        spoken = [language_name(tag, in_language=reader) for tag in facts.spoken]
        backward = is_right_to_left(reader)
        apart, comma = (isolated_plain, "، ") if backward else (str, ", ")
        known = {
            _("Run by"): one.run_by,
            _("Last day"): facts.ends_on and self.words.long_date(facts.ends_on),
            _("Telephone"): facts.phone and apart(facts.phone),
            _("E-mail"): facts.email and apart(facts.email),
            _("Address"): facts.address,
            _("Website"): facts.url,
            _("Languages spoken"): comma.join(spoken),
        }
        return [(label, value) for label, value in known.items() if value]

    def overdue(self, one: Listed) -> list[str]:
        """That its check is late."""
        if not one.due:
            return []
        return [
            self._(
                "This was to be checked again before %(day)s. Call or write first.",
                day=self.words.long_date(one.facts.check_by),
            )
        ]

    def made(self, day: dt.date) -> str:
        """When a pack was made, and what to do with an old one."""
        _ = self._
        return " ".join(
            (
                _("Made on %(day)s.", day=self.words.long_date(day)),
                _("Answers change and some are taken back: fetch a new file when you can."),
            )
        )

    def partner(self, state: str | None) -> str:
        """Whether somebody in the country takes questions."""
        _ = self._
        if state == "available":
            return _("A partner takes questions")
        if state == "none":
            return _(
                "Nobody in this country can look for answers for us right now. You can still ask: "
                "we tell you honestly if we cannot find out."
            )
        return _(
            "We do not know yet whether somebody in this country can take questions. You can still "
            "ask."
        )

    def left_out(self, count: int) -> list[str]:
        """What there was no room for."""
        if not count:
            return []
        return [
            self._(
                "There was no room for the %(count)s answers that were checked longest ago. You "
                "find them on our website.",
                count=count,
            )
        ]

    def standing(self, whole: Whole) -> list[str]:
        """What a reader must know before reading an answer."""
        _ = self._
        entry, archived = whole.entry, "archived" in whole.labels
        assert entry.information_date
        assert entry.review_by
        told = [
            (
                archived,
                _("This answer is archived."),
                _(
                    "It was last checked on %(day)s and is too old to rely on. Ask us if you need "
                    "to know how things are now.",
                    day=self.words.long_date(entry.information_date),
                ),
            ),
            (
                whole.due and not archived,
                _("This answer is due for a new check."),
                _(
                    "It was to be checked again before %(day)s. Things may have changed since.",
                    day=self.words.long_date(entry.review_by),
                ),
            ),
            (
                entry.outcome == "not_found",
                _("We looked for an answer and found none."),
                _("Below you read what we tried, so that nobody has to begin again."),
            ),
            (
                entry.outcome == "conflicting",
                _("The sources disagree."),
                _("We show what each of them says. We do not choose between them."),
            ),
            (entry.outcome == "partly", _("We found an answer to a part of this question."), ""),
            (
                entry.single_source,
                _("This answer rests on one source."),
                _("Nobody else has confirmed it yet."),
            ),
            (
                whole.shown.stale,
                _("The original of this answer has changed since it was translated."),
                "",
            ),
        ]
        return [f"{first} {then}".strip() for holds, first, then in told if holds]

    def foreign(self, language: str) -> list[str]:
        """That an answer is in another language than the pack."""
        reader = self.words.language
        if language == reader:
            return []
        name = language_name(language, in_language=reader)
        return [
            self._("This answer is not translated yet. You read it in %(language)s.", language=name)
        ]

    def account(self, number: int) -> str:
        """The name of one of the versions that contradict each other."""
        return self._("Version %(letter)s", letter="ABCDEFGH"[number])

    def as_it_was(self, day: dt.date) -> str:
        """When that version was true."""
        return self._("As it was in %(month)s", month=self.words.month_year(day))

    def source(self, source: dict[str, Any]) -> dict[str, str | None]:
        """A source with its kind, label and days, and its address."""
        _, months = self._, self.words.month_year
        told = [f"{source['label']}{', ' + source['publisher'] if source['publisher'] else ''}."]
        if source["published_on"]:
            told.append(_("Published in %(month)s.", month=months(source["published_on"])))
        told.append(_("Consulted in %(month)s.", month=months(source["consulted_on"])))
        if source["repeats"]:
            told.append(_("Repeats source %(number)s.", number=source["repeats"]))
        kind = self._kinds.get(source["kind"], source["kind"])
        return {"kind": kind, "text": " ".join(told), "url": source["url"]}

    def about(self, whole: Whole) -> list[list[str]]:
        """The facts below an answer."""
        _, entry = self._, whole.entry
        assert entry.review_by
        return [
            [_("Next check before"), self.words.long_date(entry.review_by)],
            [_("Answered by"), answered_by(self.words, entry.answered_by)],
            [_("Checked by"), checked_by(self.words)],
            [_("Reference"), entry.slug],
        ]
