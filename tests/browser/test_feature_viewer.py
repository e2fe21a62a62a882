"""The feature viewer in JupyterLab: switches, button and image picked with the mouse, and what is told of it."""

import ast
import re

import pytest
from playwright.sync_api import expect

from tests.browser.looks import check_it_fits, check_it_is_accessible

VIEWER = """from utils import FeatureViewer, movement

viewer = FeatureViewer()


def moved():
    found = movement(viewer.before, viewer.now).items()
    return [[name for name, one in found if getattr(one, what)] for what in ("weights", "features")]


viewer"""


@pytest.fixture(scope="module")
def notebook(show):
    notebook = show("viewer.ipynb", VIEWER)
    notebook.run(0)
    return notebook


def test_half_frozen_by_mouse(notebook):
    area = notebook.output(0)
    status = area.get_by_role("status")
    expect(status).to_contain_text("At the checkpoint.")
    for layer in ("conv1", "conv3", "dense"):
        area.get_by_role("checkbox", name=layer, exact=True).uncheck()
    area.get_by_label("speed").select_option(label="no limit")
    area.get_by_role("button", name="Train 50 updates", exact=True).click()
    expect(status).to_contain_text("Same weights, but different features: conv3, dense and old head.")
    expect(status).to_contain_text("Update 50.")
    assert ast.literal_eval(notebook.ask("moved()")) == [
        ["conv2", "new_head"],
        ["conv2", "conv3", "dense", "old_head", "new_head"],
    ]


def test_another_image_and_back(notebook):
    area = notebook.output(0)
    area.get_by_label("image", exact=True).select_option(label="new task")
    area.get_by_label("class", exact=True).select_option(label="star")
    status = area.get_by_role("status")
    expect(status).to_contain_text(re.compile(r"Another image, the same weights\. .* conv1 \d+%"))
    area.get_by_label("what to show").select_option(label="the change")
    area.get_by_role("button", name="Back to the checkpoint", exact=True).click()
    expect(status).to_contain_text("At the checkpoint. Choose what trains, then press Train. Image: new task, star.")
    assert ast.literal_eval(notebook.ask("moved()")) == [[], []]


def test_it_fits_beside_the_file_browser(notebook):
    """Switches, picture and words are seen together, without scrolling."""
    for part in (notebook.output(0).locator("img").last, notebook.output(0).get_by_role("status")):
        expect(part).to_be_visible()
    box = notebook.output(0).last.bounding_box()
    assert box["height"] <= 600
    picture = notebook.output(0).locator("img").last.bounding_box()
    area = notebook.page.locator(".jp-OutputArea").first.bounding_box()
    assert picture["x"] + picture["width"] <= area["x"] + area["width"]
    check_it_fits(notebook, 0)
    check_it_is_accessible(notebook, 0)
