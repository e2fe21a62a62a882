"""The strategy race in JupyterLab: ticked, started and stopped with the mouse, and its table read."""

import re
from ast import literal_eval

import pytest
from playwright.sync_api import expect

from tests.browser.looks import check_it_fits, check_it_is_accessible
from utils.strategies import STRATEGIES

RACE = """from utils import Settings, StrategyRace

race = StrategyRace(Settings(updates=40, evaluate_every=20, new_images=300), seeds=2)
race"""
RESULT = """for one in race.runs:
    s = one.settings
    print(s.strategy, s.seed, f"{one.old_accuracy:.4f}", f"{one.new_accuracy:.4f}", one.status, sep="|")"""


@pytest.fixture(scope="module")
def opened(show):
    return show("race.ipynb", RACE, RESULT)


@pytest.fixture
def notebook(opened):
    """With a new race."""
    opened.run(0)
    return opened


def results(notebook):
    return [line.split("|") for line in notebook.printed(1).splitlines()]


def cells(area):
    """The rows of the table, as lists of texts."""
    rows = area.locator("table tr")
    return [rows.nth(i).locator("td").all_inner_texts() for i in range(1, rows.count())]


def test_a_race_by_mouse_and_its_strategies_opened_by_keyboard(notebook):
    area = notebook.output(0)

    def press(name):
        area.get_by_role("button", name=name, exact=True).click()

    status = area.get_by_role("status")
    area.get_by_role("checkbox", name="joint training", exact=True).uncheck()
    area.get_by_role("checkbox", name="network expansion + LwF", exact=True).check()
    area.get_by_label("speed").select_option(label="no limit")
    press("Start")
    expect(status).to_contain_text(re.compile(r"Seed \d, update \d+\. Old / new task, % of validation images:"))
    expect(status).to_contain_text("The race is over. What you see is based on the means of 2 seeds", timeout=240_000)
    names = ["feature extraction", "fine-tuning", "learning without forgetting", "network expansion + LwF"]
    made = results(notebook)
    assert [(row[0], row[1], row[4]) for row in made] == [(n, seed, "finished") for seed in "01" for n in names]
    shown = {row[0]: row for row in cells(area)}
    assert list(shown) == names
    for name in names:
        for column, value in ((2, 2), (4, 3)):
            mean = sum(100 * float(row[value]) for row in made if row[0] == name) / 2
            assert float(shown[name][column].split(" ± ")[0]) == pytest.approx(mean, abs=0.06)
    assert shown["feature extraction"][3] == "0.0 ± 0.0"
    check_it_fits_at_any_width_and_everybody_can_read_it(notebook)
    check_strategies_open_by_keyboard(notebook)


def check_it_fits_at_any_width_and_everybody_can_read_it(notebook):
    check_it_fits(notebook, 0)
    check_it_is_accessible(notebook, 0)
    area = notebook.output(0)
    area.get_by_role("button", name="Projector mode", exact=True).click()
    check_it_fits(notebook, 0)
    area.get_by_role("button", name="Leave projector mode", exact=True).click()
    expect(area.get_by_role("checkbox", name="joint training", exact=True)).to_be_visible()


def check_strategies_open_by_keyboard(notebook):
    """On one board, whose fields come in addition: from now on there are two of a kind."""
    area = notebook.output(0)
    for name in ("fine-tuning", "feature extraction", "feature extraction"):
        button = area.get_by_role("button", name=name, exact=True)
        button.focus()
        button.press("Enter")
        shown = f"The freeze board below shows the 2 runs of {name}."
        expect(area.get_by_role("status").nth(1)).to_contain_text(shown)
    expect(area.get_by_role("button", name="Start", exact=True)).to_have_count(2)  # one board, whatever was pressed
    kept = notebook.ask("[(run.settings.strategy, run.settings.seed) for run in race._opened.board.runs]")
    assert literal_eval(kept) == [(name, seed) for name in ("fine-tuning", "feature extraction") for seed in (0, 1)]
    expect(area.get_by_role("status").nth(2)).to_contain_text("forgetting 0.0 points")


@pytest.mark.exhaustive
def test_every_strategy_races(notebook):
    area = notebook.output(0)
    for name in STRATEGIES:
        area.get_by_role("checkbox", name=name, exact=True).check()
    for field, value in (("updates", "20"), ("seeds", "1")):
        area.get_by_label(field, exact=True).fill(value)
        area.get_by_label(field, exact=True).press("Enter")
    area.get_by_role("button", name="Start", exact=True).click()
    expect(area.get_by_role("status")).to_contain_text("a single race, with one seed", timeout=240_000)
    assert [(row[0], row[4]) for row in results(notebook)] == [(name, "finished") for name in STRATEGIES]
    assert [row[0] for row in cells(area)] == list(STRATEGIES)


def test_a_race_stopped_by_mouse_keeps_what_there_is(notebook):
    area = notebook.output(0)
    area.get_by_role("button", name="Use early stopping", exact=True).click()
    expect(area.get_by_label("updates", exact=True)).to_have_value("20000")
    area.get_by_role("button", name="Start", exact=True).click()
    status = area.get_by_role("status")
    expect(status).to_contain_text(re.compile(r"update [1-9]\d*\. Old / new task"))
    area.get_by_role("button", name="Stop", exact=True).click()
    expect(status).to_contain_text("Stopped; the runs so far are kept.")
    assert {row[4] for row in results(notebook)} == {"stopped"}
    assert notebook.ask("{one.settings.patience for one in race.runs}") == "{10}"
    expect(area.locator("table td", has_text="(1 ended early)").first).to_be_visible()
    assert all("(1 ended early)" in row[0] for row in cells(area))
