"""The harness itself, on notebooks made on the spot: what is clicked here is what a kernel sees there."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser import conftest
from tests.browser.lab import CellFailed

PANEL = """import ipywidgets as w
box, button, seen = w.Checkbox(description="conv1 trains"), w.Button(description="Start"), w.Label("nothing yet")
clicks = []
def show(change):
    clicks.append(box.value)
    seen.value = f"{len(clicks)} clicks, conv1 {'trains' if box.value else 'frozen'}"
box.observe(show, "value")
button.on_click(show)
w.VBox([box, button, seen])"""


def test_widgets_are_flipped_by_mouse(lab, open_notebook):
    notebook = open_notebook(lab.write("harness/panel.ipynb", "1 + 1", PANEL))
    notebook.run_all()
    expect(notebook.output(0)).to_have_text("2")
    panel = notebook.output(1)
    box, label = panel.get_by_role("checkbox", name="conv1 trains"), panel.locator(".widget-label").last
    expect(label).to_have_text("nothing yet")
    expect(box).not_to_be_checked()
    box.click()
    expect(label).to_have_text("1 clicks, conv1 trains")
    panel.get_by_role("button", name="Start").click()
    expect(label).to_have_text("2 clicks, conv1 trains")
    box.click()
    expect(label).to_have_text("3 clicks, conv1 frozen")
    expect(box).not_to_be_checked()


def test_notebook_can_be_run_twice_with_the_same_kernel(lab, open_notebook):
    cells = "try:\n    runs += 1\nexcept NameError:\n    runs = 1", "runs"
    notebook = open_notebook(lab.write("harness/twice.ipynb", *cells))
    for runs in ("1", "2"):
        notebook.run_all()
        expect(notebook.output(1)).to_have_text(runs)


def test_what_a_notebook_leaves_in_the_shared_kernel_can_be_cleared(show):
    first = show("first.ipynb", "import ipywidgets\nbox = ipywidgets.Checkbox()\nbox")
    first.run(0)
    assert first.ask("len(ipywidgets.Widget.widgets) > 0") == "True"
    kernel = first.ask("__import__('os').getpid()")
    first.clear()
    second = show("second.ipynb", "'box' in globals()")
    second.run(0)
    expect(second.output(0)).to_have_text("False")
    assert second.ask("__import__('os').getpid()") == kernel
    assert second.ask("len(__import__('ipywidgets').Widget.widgets)") == "0"


def test_failing_cell_is_noticed(lab, open_notebook):
    notebook = open_notebook(lab.write("harness/fails.ipynb", "1 / 0", "'not reached'"))
    with pytest.raises(CellFailed, match="ZeroDivisionError: division by zero"):
        notebook.run_all()
    assert notebook.output(1).count() == 0


def test_the_kernel_has_the_project_and_a_keras_home_of_its_own(lab, open_notebook, keras_home):
    code = "import os, utils; print(os.environ['KERAS_HOME'], os.getcwd(), utils.__name__)"
    notebook = open_notebook(lab.write("harness/where.ipynb", code))
    notebook.run_all()
    home = lab.root.parent / "keras-home"
    assert home.is_dir() and home != keras_home
    expect(notebook.output(0)).to_have_text(f"{home} {lab.root / 'harness'} utils")


def test_no_kernel_outlives_its_test(lab, open_notebook):
    """Those of the tests above are gone; the one of this test is there, and that which the panels share."""
    open_notebook(lab.write("harness/kernels.ipynb", "1"))
    with urllib.request.urlopen(lab.address("api/sessions"), timeout=10) as answer:
        paths = [session["path"] for session in json.load(answer)]
    assert [path for path in paths if path.startswith("harness/")] == ["harness/kernels.ipynb"]


def test_cells_out_of_sight_are_in_the_page(lab, open_notebook):
    cells = [f"print({n})" + "\n" * 20 for n in range(12)]
    notebook = open_notebook(lab.write("harness/long.ipynb", *cells))
    notebook.run_all()
    assert notebook.output(11).filter(visible=True).all_inner_texts() == ["11\n"]
    assert notebook.page.locator(".jp-Notebook .jp-Cell").filter(visible=True).count() == 12


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_missing_browser(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match=re.escape("apt install chromium")):
        conftest.missing(conftest.HOW_TO_GET_ONE)
