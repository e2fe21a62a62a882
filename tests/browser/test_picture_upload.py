"""The upload button of notebook 11 in JupyterLab: a real file, chosen in the browser."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from utils.tasks.patches import patches

PANEL = """from utils.models.photo_networks import shipped_photo_net
from utils.tasks.patches import patches
from utils.widgets.picture_upload import PictureUpload

mine = PictureUpload(shipped_photo_net(), patches("old").class_names)
mine"""


@pytest.fixture(scope="module")
def notebook(show):
    notebook = show("photos.ipynb", PANEL)
    notebook.run(0)
    return notebook


def choose(notebook, file):
    with notebook.page.expect_file_chooser() as opened:
        notebook.output(0).get_by_role("button", name="Your picture").click()
    opened.value.set_files(file)


def test_a_picture_of_the_readers_and_a_file_that_is_none(notebook):
    area = notebook.output(0)
    expect(area.get_by_role("status")).to_contain_text("No picture yet")
    bricks = patches("old").x_test[patches("old").y_test == 0][3]
    file = io.BytesIO()
    Image.fromarray(bricks.astype(np.uint8)).resize((300, 300)).save(file, "JPEG")
    choose(notebook, {"name": "wall.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    expect(area.get_by_role("status")).to_contain_text("bricks")
    expect(area.locator("img")).to_be_visible()
    choose(notebook, {"name": "wall.py", "mimeType": "text/plain", "buffer": b"import os"})
    expect(area.get_by_role("status")).to_contain_text("isn't a picture by its name")
    expect(area.locator("img")).to_be_hidden()
