"""Contacts and programmes: one editor writes each, another shows it, and readers find it."""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any

from cri_stack.demo.journey.step import Step
from cri_stack.demo.people.editor import Editor
from cri_stack.demo.people.visitor import Visitor
from cri_stack.demo.waiting import wait_for
from cri_stack.demo.world import World

ABOUT = "contacts"


def steps(world: World) -> Iterator[Step]:
    """What is done with each, on its days; at last a visitor looks at all of them."""
    first, second = world.first_name("editor"), world.first_name("second_editor")
    days = []
    for listed in world.content.cast["listings"]:
        name, day = listed["form"]["name"], dt.date.fromisoformat(listed["added_on"])
        listing_ids: list[str] = []
        words = f"adds a {listed['what']}: {name}"
        yield Step(day, 8, ABOUT, first, words, partial(_write, world, listed, listing_ids))
        words = f"looks at {name} and shows it to readers"
        yield Step(day, 9, ABOUT, second, words, partial(_show, world, listing_ids))
        for later, words, do in (
            ("checked_again_on", f"calls {name}: all is as it was", _check),
            ("retired_on", f"takes {name} away, because it asked for that", _retire),
        ):
            if later in listed:
                day = dt.date.fromisoformat(listed[later])
                yield Step(day, 9, ABOUT, first, words, partial(do, world, listing_ids))
        days.append(day)
    words = "finds contacts and programmes on the pages of countries"
    yield Step(max(days), 12, ABOUT, "A visitor", words, partial(_find, world))


def _editor(world: World, person: str = "editor") -> Editor:
    editor = world.staff[person]
    assert isinstance(editor, Editor)
    return editor


def _write(world: World, listed: dict[str, Any], listing_ids: list[str]) -> str:
    editor = _editor(world)
    listing_ids.append(editor.add_listing(listed["what"], listed["form"]))
    shown = editor.has_form(r"/approve$")
    world.report.check(ABOUT, "who wrote it cannot show it to readers", not shown)
    return editor.url


def _show(world: World, listing_ids: list[str]) -> str:
    editor = _editor(world, "second_editor")
    editor.show_listing(listing_ids[0])
    return editor.url


def _check(world: World, listing_ids: list[str]) -> str:
    editor = _editor(world)
    editor.check_listing(listing_ids[0], world.clock.now().date())
    return editor.url


def _retire(world: World, listing_ids: list[str]) -> str:
    editor = _editor(world)
    editor.retire_listing(listing_ids[0], "asked")
    return editor.url


def _find(world: World) -> str:
    visitor = Visitor(world.url("search"))
    for listed in world.content.cast["listings"]:
        form, gone = listed["form"], "retired_on" in listed
        name, country = form["name"], form["country"]

        def told(country: str = country, name: str = name, gone: bool = gone) -> str | None:
            text = visitor.country_page(country)
            return text if (name in text) != gone else None

        text = wait_for(f"the page of {country} says what is listed", told)
        if not gone:
            world.report.check(ABOUT, f"{name} can be called", form["phone"] in text, text)
    late = [x["form"]["country"] for x in world.content.cast["listings"] if x.get("late")]
    for country in late:
        text = visitor.country_page(country)
        world.report.check(ABOUT, "what is late says so", "Call or write first" in text, text)
    words = "يسجل الباحثين عن عمل"
    text = visitor.country_page("IQ", "ar")
    world.report.check(ABOUT, "a reader of Arabic reads Arabic", words in text, text)
    return visitor.url
