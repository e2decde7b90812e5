"""The page of capacity says what the model makes of figures that were measured."""

import math
import re
from dataclasses import replace

import pytest

from tests.bench.capacity import model, units
from tests.bench.capacity.model import SCENARIOS, Cores, Hits, Load
from tests.bench.capacity.page import TABLES, asked, page
from tests.deploy.conftest import DEPLOY, ROOT
from tests.deploy.pages import broken_links, unknown_commands

GUIDE = DEPLOY / "capacity.md"
PAGE = GUIDE.read_text()


def test_its_tables_are_what_the_model_makes() -> None:
    assert sorted(asked(PAGE)) == sorted(TABLES)
    assert page(PAGE) == PAGE


def test_a_table_that_somebody_changed_by_hand_is_made_anew() -> None:
    changed = PAGE.replace("5.03 ms", "1.03 ms")
    assert changed != PAGE
    assert page(changed) == PAGE


@pytest.mark.parametrize("unit", units.UNITS, ids=lambda unit: unit.what)
def test_each_figure_is_written_down_where_its_run_is(unit: units.Unit) -> None:
    written = (ROOT / unit.run.page).read_text()
    assert re.search(rf"(?<![\d.,]){re.escape(f'{unit.value:,}')}(?![\d]|[.,]\d)", written)


def test_every_run_of_figures_is_used_and_told() -> None:
    assert {unit.run for unit in units.UNITS} == set(units.RUNS)


def test_its_links_and_commands_are_there() -> None:
    assert broken_links(GUIDE) == set()
    assert unknown_commands(PAGE) == set()


class TestModel:
    def test_rates_follow_the_people_who_come(self) -> None:
        some = SCENARIOS[0]
        twice = replace(some, questions=2 * some.questions, readers=2 * some.readers)
        one, two = Load.of(some), Load.of(twice)
        for name, rate in vars(one).items():
            assert math.isclose(vars(two)[name], 2 * rate), name

    def test_what_the_cache_answers_reaches_nobody(self) -> None:
        load = Load.of(SCENARIOS[-1].at(Hits(1, 1)))
        assert (load.pages, load.searches) == (0, 0)
        assert Cores.of(load).searching == 1

    def test_a_search_takes_what_was_measured(self) -> None:
        load = replace(Load.of(SCENARIOS[0].at(Hits(1, 1))), searches=100)
        cores = Cores.of(load)
        assert math.isclose(cores.search, 100 * units.SEARCH.value / 1000)
        assert math.isclose(cores.index, 100 * units.INDEX.value / 1000)

    def test_events_take_effect_at_each_hearer_of_their_contract(self) -> None:
        assert model.heard() > model.said() >= 4

    def test_what_is_public_is_kept_in_each_of_its_languages(self) -> None:
        some = SCENARIOS[0]
        of_one = units.ENTRY_BYTES.value + units.COPY_BYTES.value + units.INDEX_BYTES.value
        assert math.isclose(model.stock(some) * 1e9, some.entries * model.LANGUAGES * of_one)
        more = replace(some, entries=2 * some.entries)
        assert math.isclose(model.stock(more), 2 * model.stock(some))

    def test_searching_is_what_breaks_first_for_many_readers(self) -> None:
        first, *others = model.limits(SCENARIOS[-1])
        assert first.what.startswith("search")
        assert "The search service** is the first to fall" in PAGE
        assert all(first.used >= other.used for other in others)
        (index,) = [one for one in others if one.what.startswith("cri-index")]
        assert index.used > 1
        assert "The index** is full there, too" in PAGE


def test_operators_are_led_to_it() -> None:
    for page_of in ("README.md", "deploy/README.md", "shared/guides/operator.md"):
        assert "capacity.md)" in (ROOT / page_of).read_text(), page_of
