"""The text panel in JupyterLab: features and model by mouse, a sentence by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.looks import check_it_fits, check_it_is_accessible

PANEL = """from utils.text.panel import TextPanel

panel = TextPanel()
panel"""


@pytest.fixture(scope="module")
def notebook(show):
    notebook = show("texts.ipynb", PANEL)
    notebook.run(0)
    return notebook


def test_features_model_and_a_sentence(notebook):
    area = notebook.output(0)
    status = area.get_by_role("status")
    expect(status.first).to_contain_text("validation texts right")
    area.get_by_role("checkbox", name="encoder vector", exact=True).uncheck()
    area.get_by_label("model on top").select_option(label="XGBoost")
    expect(area.get_by_role("checkbox", name="encoder vector", exact=True)).not_to_be_checked()
    sentence = area.get_by_label("a sentence")
    sentence.fill("Never again, the soup was cold!")
    area.get_by_role("button", name="Try it", exact=True).click()
    expect(status.last).to_contain_text(re.compile(r"(positive|negative), \d+%"))
    expect(area.locator("li")).to_have_count(3)
    assert notebook.ask("panel.fitted.model, 'encoder vector' in panel.fitted.features") == "('XGBoost', False)"
    assert notebook.ask("panel._sentence.value") == "'Never again, the soup was cold!'"


def test_it_fits_beside_the_file_browser(notebook):
    """Ticks, picture and answer are seen together, without scrolling."""
    area = notebook.output(0)
    for part in (area.locator("img").first, area.get_by_role("status").last):
        expect(part).to_be_visible()
    assert area.last.bounding_box()["height"] <= 600
    check_it_fits(notebook, 0)
    check_it_is_accessible(notebook, 0)
