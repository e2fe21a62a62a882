"""The upload button of notebook 11 in JupyterLab: a real file, chosen in the browser."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.looks import check_it_fits, check_it_is_accessible
from utils.tasks.patches import patches

PANEL = """from utils.models.photo_networks import shipped_photo_net
from utils.tasks.patches import patches
from utils.widgets.picture_upload import PictureUpload

mine = PictureUpload(shipped_photo_net(), patches("old").class_names)
mine"""
QUIZ = """from utils import Quiz

quiz = Quiz("What can a classifier say of a picture that shows nothing it has learned, and how sure will it seem?",
            {"That it shows nothing it knows, since no probability is large enough for any of its classes": "No.",
             "One of its classes": "It has no other answers, and their probabilities always sum to 1."},
            "One of its classes")
quiz"""


@pytest.fixture(scope="module")
def opened(show):
    return show("photos.ipynb", PANEL, QUIZ)


@pytest.fixture
def notebook(opened):
    """With a new panel."""
    opened.run(0)
    return opened


def picture(pixels, kind="PNG"):
    file = io.BytesIO()
    Image.fromarray(pixels).resize((300, 300)).save(file, kind)
    return file.getvalue()


def choose(notebook, file):
    with notebook.page.expect_file_chooser() as opened:
        notebook.output(0).get_by_role("button", name="Your picture").click()
    opened.value.set_files(file)


def test_a_picture_of_the_readers_and_a_file_that_is_none(notebook):
    area = notebook.output(0)
    expect(area.get_by_role("status")).to_contain_text("No picture yet")
    height = area.last.bounding_box()["height"]
    bricks = patches("old").x_test[patches("old").y_test == 0][3]
    wall = picture(bricks.astype(np.uint8), "JPEG")
    choose(notebook, {"name": "wall.jpg", "mimeType": "image/jpeg", "buffer": wall})
    expect(area.get_by_role("status")).to_contain_text("bricks")
    expect(area.locator("img")).to_be_visible()
    assert area.last.bounding_box()["height"] == height  # what is below stays where it is
    check_it_fits(notebook, 0)
    check_it_is_accessible(notebook, 0)
    choose(notebook, {"name": "wall.py", "mimeType": "text/plain", "buffer": b"import os"})
    expect(area.get_by_role("status")).to_contain_text("isn't a picture by its name")
    expect(area.locator("img")).to_be_hidden()
    assert area.last.bounding_box()["height"] == height


def test_a_file_that_the_server_does_not_let_through_and_its_path_instead(notebook, lab):
    """The browser announces a file before it sends it: the panel says what to do although the file never comes."""
    area = notebook.output(0)
    status = area.get_by_role("status")
    bricks = patches("old").x_test[patches("old").y_test == 0][3].astype(np.uint8)
    choose(notebook, {"name": "a.png", "mimeType": "image/png", "buffer": picture(bricks)})
    expect(status).to_contain_text("bricks")
    large = picture(bricks) + bytes(12_000_000)
    choose(notebook, {"name": "<b>large</b>.png", "mimeType": "image/png", "buffer": large})
    expect(status).to_contain_text("'<b>large</b>.png' (12.0 MB) is larger than 10 MB")
    expect(area.locator("img")).to_be_hidden()
    (lab.root / "large.png").write_bytes(large)
    field = area.get_by_role("textbox")
    field.fill("large.png")
    field.press("Enter")
    expect(status).to_contain_text("bricks")
    expect(area.locator("img")).to_be_visible()
    choose(notebook, {"name": "a.png", "mimeType": "image/png", "buffer": picture(255 - bricks)})
    expect(area.locator("img")).to_be_visible()
    field.fill("nowhere/<i>none.png")
    field.press("Enter")
    expect(status).to_contain_text("there is no file 'nowhere/<i>none.png'")
    expect(area.locator("img")).to_be_hidden()


def test_a_quiz_fits_and_can_be_read(notebook):
    notebook.run(1)
    area = notebook.output(1)
    area.get_by_label("That it shows nothing").check()
    area.get_by_role("button", name="Check", exact=True).click()
    expect(area.get_by_role("status")).to_contain_text("No.")
    check_it_fits(notebook, 1)
    check_it_is_accessible(notebook, 1)
