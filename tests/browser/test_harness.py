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


LONG = [f"print({n})" + "\n" * 20 for n in range(8)]
COUNT = "try:\n    runs += 1\nexcept NameError:\n    runs = 1"


@pytest.fixture(scope="module")
def notebook(show):
    return show("harness.ipynb", "1 + 1", PANEL, COUNT, "runs", *LONG)


def test_notebook_can_be_run_twice_with_the_same_kernel(notebook):
    notebook.clear()  # the files before have run cells in this kernel, too
    for runs in ("1", "2"):
        notebook.run_all()
        expect(notebook.output(3)).to_have_text(runs)
    expect(notebook.output(0)).to_have_text("2")


def test_cells_out_of_sight_are_in_the_page(notebook):
    notebook.run_all()
    assert notebook.output(11).filter(visible=True).all_inner_texts() == ["7\n"]
    assert notebook.page.locator(".jp-Notebook .jp-Cell").filter(visible=True).count() == 12


def test_widgets_are_flipped_by_mouse(notebook):
    notebook.run_all()
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


def test_what_a_notebook_leaves_in_the_shared_kernel_can_be_cleared(notebook):
    notebook.run_all()
    kernel = notebook.ask("__import__('os').getpid()")
    assert notebook.ask("len(w.Widget.widgets) > 0") == "True"
    notebook.clear()
    notebook.run(2)
    notebook.run(3)
    expect(notebook.output(3)).to_have_text("1")
    assert notebook.ask("__import__('os').getpid()") == kernel
    assert notebook.ask("len(__import__('ipywidgets').Widget.widgets)") == "0"


def test_a_fresh_kernel_sees_the_project_reports_failing_cells_and_ends_with_its_test(
    lab, context, notebook, keras_home
):
    """The kernel that the panels share outlives it."""

    def under_way():
        with urllib.request.urlopen(lab.address("api/sessions"), timeout=60) as answer:
            return {session["path"] for session in json.load(answer)}

    code = "import os, utils; print(os.environ['KERAS_HOME'], os.getcwd(), utils.__name__)"
    path = lab.write("harness/fresh.ipynb", code, "1 / 0")
    home = lab.root.parent / "keras-home"
    assert home.is_dir() and home != keras_home
    with conftest.opening(lab, context) as open_notebook:
        fresh = open_notebook(path)
        with pytest.raises(CellFailed, match="ZeroDivisionError: division by zero"):
            fresh.run_all()
        expect(fresh.output(0)).to_have_text(f"{home} {lab.root / 'harness'} utils")
        assert {"harness.ipynb", path} <= under_way()
    assert "harness.ipynb" in under_way() and path not in under_way()


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_missing_browser(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match=re.escape("apt install chromium")):
        conftest.missing(conftest.HOW_TO_GET_ONE)
