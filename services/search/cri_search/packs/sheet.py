"""A pack as data for its printed form: every word is there, and nothing in it is code of typst."""

import datetime as dt
import re
from dataclasses import asdict
from typing import Any

from cri_shared.places import is_right_to_left
from cri_shared.places.languages import language_name
from cri_shared.web.i18n import Words
from cri_shared.web.markdown import to_blocks

from cri_search.packs.fonts import Fonts
from cri_search.queries.entries import Version, Whole
from cri_search.queries.listings import Listed
from cri_search.queries.packs import Told
from cri_search.rules.texts import isolated_plain
from cri_search.wording import Wording

_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\ue000-\uf8ff\ufe0f\U0001f000-\U0010ffff]")

Data = dict[str, Any]


def sheet(words: Words, told: Told, fonts: Fonts, *, made_on: dt.date, home: str) -> Data:
    """What the printed pack says, as JSON can hold it; texts without a font are told as such."""
    _ = words.gettext
    here = f"{home}/{words.language}/countries/{told.country}"
    say = Wording(words)
    data = {
        "lang": words.language.split("-")[0],
        "dir": _direction(words.language),
        "title": words.country(told.country),
        "site": _("Country of Return Information"),
        "facts": _facts(words, told),
        "partner": say.partner(told.partner),
        "notes": say.left_out(told.left_out),
        "sections": [
            {"title": words.topic(group), "answers": [_answer(say, one) for one in within]}
            for group, within in told.shelves
        ],
        "listed": [
            {"title": title, "items": [_listed(say, one) for one in within]}
            for title, within in say.listed(told.listed)
        ],
        "nothing": "" if told.wholes else _("We have no answer about this country yet."),
        "warning": [
            _("Things change."),
            _(
                "Call before you travel: prices and opening hours can be different from what you "
                "read here."
            ),
        ],
        "disclaimer": say.disclaimer,
        "made": say.made(made_on),
        "address": here,
    }
    return _printable(data, fonts, say.unshown, here)


def _facts(words: Words, told: Told) -> list[list[str]]:
    _ = words.gettext
    facts = [
        [_("Answers"), str(told.standing.answers)],
        [_("Due for a new check"), str(told.standing.due)],
    ]
    if told.standing.latest_check:
        facts.append([_("Last check"), words.long_date(told.standing.latest_check)])
    return facts


def _answer(say: Wording, whole: Whole) -> Data:
    entry, version, words = whole.entry, whole.shown, say.words
    place = [entry.region] if entry.region else []
    assert entry.information_date
    return {
        **_text(version),
        "place": " · ".join([*place, *map(words.topic, entry.topics)]),
        "checked": [say.checked, words.long_date(entry.information_date)],
        "age": words.age(entry.information_date),
        "labels": [say.label(code) for code in whole.labels],
        "notes": say.standing(whole) + say.foreign(version.language),
        "accounts": [
            {
                "title": say.account(number),
                **_spoken(account["language"]),
                "blocks": _blocks(account["text"], account["language"]),
                "meta": say.as_it_was(account["information_date"]),
            }
            for number, account in enumerate(whole.accounts)
        ],
        "tried": [say.tried, entry.tried] if entry.tried else [],
        "sources": {"title": say.sources, "items": [say.source(one) for one in whole.sources]},
        "changes": {
            "title": say.changed,
            "items": [
                {"on": words.month_year(one["on"]), "note": one["note"], **_spoken(one["language"])}
                for one in whole.changes
            ],
        },
        "about": say.about(whole),
    }


def _listed(say: Wording, one: Listed) -> Data:
    words, text = say.words, one.text
    language = _spoken(text.language)
    said = [text.text, *(part for part in (text.who_for, text.ask_for) if part)]
    return {
        **language,
        "name": one.facts.name,
        "place": " · ".join(say.place_of(one)),
        "texts": [_isolated(part, text.language) for part in said],
        "facts": say.reached(one),
        "checked": [say.checked, words.long_date(one.facts.checked_on)],
        "age": words.age(one.facts.checked_on),
        "notes": say.overdue(one) + say.foreign(text.language),
    }


def _text(version: Version) -> Data:
    language = version.language
    return {
        **_spoken(language),
        "question": _isolated(version.question, language),
        "blocks": _blocks(version.answer, language),
        "language": language_name(language, in_language=language),
    }


def _spoken(language: str) -> Data:
    """typst knows languages by two or three letters."""
    return {"lang": language.split("-")[0], "dir": _direction(language)}


def _direction(language: str) -> str:
    return "rtl" if is_right_to_left(language) else "ltr"


def _blocks(markdown: str, language: str) -> list[Data]:
    blocks = [asdict(block) for block in to_blocks(markdown)]
    for block in blocks:
        for run in block["runs"]:
            run["text"] = _isolated(run["text"], language)
    return blocks


def _isolated(text: str, language: str) -> str:
    return isolated_plain(text) if is_right_to_left(language) else text


def _printable(data: Data, fonts: Fonts, unshown: str, here: str) -> Data:
    """The data with every text that has no font replaced; then a note says where to read it."""
    lacking = False

    def walk(value: Any) -> Any:
        nonlocal lacking
        if isinstance(value, dict):
            return {name: walk(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [walk(each) for each in value]
        if not isinstance(value, str):
            return value
        text = _UNPRINTABLE.sub("", value)
        if fonts.show(text):
            return text
        lacking = True
        return "[…]"

    printable: Data = walk(data)
    if lacking:
        printable["notes"].append(f"{unshown} {here}")
    return printable
