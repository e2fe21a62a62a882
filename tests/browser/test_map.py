"""The map of the collection in JupyterLab: what its sanitizer leaves of it is clicked."""

import re

from playwright.sync_api import expect

MAP = """from IPython.display import Markdown

from utils.navigation import MAP, cells

Markdown(next(iter(cells().values()))[MAP])"""
OPENED = "path => window.jupyterapp.shell.currentWidget?.context?.path === path"


def test_a_box_opens_its_notebook(show, lab, kernel):
    notebook, path = show("notebooks/map.ipynb", MAP), "notebooks/04_fine_tuning.ipynb"
    notebook.run(0)
    lab.attach(path, kernel)  # it needs no kernel of its own
    box = notebook.output(0).get_by_role("link", name=re.compile("^04 "))
    expect(box).to_have_css("display", "block")  # the whole box is the link
    table = notebook.output(0).locator("table")
    notebook.page.set_viewport_size({"width": 900, "height": 720})
    assert table.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
    notebook.page.set_viewport_size({"width": 1280, "height": 720})
    box.click()
    notebook.page.wait_for_function(OPENED, arg=path)
    notebook.wait_until_ready()
