"""The Keras code of a run in JupyterLab: unfolded, copied, and put into a cell of its own."""

import ast

from playwright.sync_api import expect

BOARD = """from utils import FreezeBoard, Settings

board = FreezeBoard(Settings(updates=20, new_images=200))
first = board.run()
board"""
RACE = """from utils import Settings, StrategyRace

race = StrategyRace(Settings(updates=20, new_images=200), ["feature extraction", "joint training"])
runs = race.run()
race"""
SOURCES = "() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map(cell => cell.source)"


def run_first(notebook):
    notebook.run(0)
    assert notebook.errors() == []
    return notebook


def press(notebook, name):
    notebook.output(0).get_by_role("button", name=name, exact=True).click()


def code_of(notebook, expression):
    return ast.literal_eval(notebook.ask(f"{expression}.to_keras_code()"))


def test_the_code_is_colored_copied_and_put_into_a_cell(show):
    notebook = run_first(show("board_code.ipynb", BOARD, "board.insert_code()"))
    page = notebook.page
    code, area = code_of(notebook, "first"), notebook.output(0)
    press(notebook, "Show the Keras code")
    shown = area.locator(".fb-keras-code pre")
    expect(shown).to_be_visible()
    assert shown.inner_text().strip() == code.strip()
    colors = shown.evaluate("pre => [...pre.querySelectorAll('span')].map(span => getComputedStyle(span).color)")
    assert len(set(colors)) > 3
    press(notebook, "Copy the code")
    expect(area.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == code
    expect(area.get_by_text("To get it as a cell: run board.insert_code()")).to_be_visible()

    notebook.run(1)
    assert notebook.errors() == []
    page.wait_for_function(f"() => ({SOURCES})().length >= 3")
    assert page.evaluate(SOURCES)[2].strip() == code.strip()
    press(notebook, "Hide the Keras code")
    expect(shown).to_have_count(0)


def test_of_those_who_raced_the_reader_chooses(show):
    notebook = run_first(show("race_code.ipynb", RACE, "race.insert_code()"))
    page, area = notebook.page, notebook.output(0)
    press(notebook, "Show the Keras code")
    shown = area.locator(".fb-keras-code pre")
    expect(shown).to_contain_text("feature extraction, written out in plain Keras")
    area.get_by_label("of", exact=True).select_option("joint training")
    expect(shown).to_contain_text("joint training, written out in plain Keras")
    code = code_of(notebook, "runs[1]")
    assert shown.inner_text().strip() == code.strip()
    notebook.run(1)
    page.wait_for_function(f"() => ({SOURCES})().length >= 3")
    assert page.evaluate(SOURCES)[2].strip() == code.strip()
