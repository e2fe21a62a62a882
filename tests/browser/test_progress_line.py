"""The line with the time left, and the notebook's Stop button, in JupyterLab."""

import re

import pytest
from playwright.sync_api import expect

LOOP = """import time
from utils import show_progress

for _ in show_progress(range(200), "runs"):
    time.sleep(0.1)"""
RUN = """from utils import Settings, show_updates, run

endless = Settings(updates=100_000, evaluate_every=1000)
run(endless, progress=show_updates)"""
AFTER = "print(run(endless.replace(updates=20)).status)"
BEGIN = "number => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = number;" \
    " window.jupyterapp.commands.execute('notebook:run-cell'); }"  # fmt: skip


@pytest.fixture(scope="module")
def notebook(show):
    return show("line.ipynb", LOOP, RUN, AFTER)


def test_it_is_one_line_and_tells_of_the_stop(notebook):
    """A loop, then a run; after both, the next run works."""
    for cell, under_way, stopped in (
        (0, r"^\d+ of 200 runs, about \d+ s left \(Stop: interrupt the kernel\)$", r"^stopped at \d+ of 200 runs in "),
        (1, r"^[\d,]+ of 100,000 updates, about \d+ s left \(Stop: ", r"^stopped at update [\d,]+ in \d+ s$"),
    ):
        notebook.page.evaluate(BEGIN, cell)
        line = notebook.output(cell).first
        expect(line).to_have_text(re.compile(under_way))
        before = line.inner_text()
        expect(line).not_to_have_text(before)  # it's rewritten
        notebook.interrupt()
        expect(line).to_have_text(re.compile(stopped))
        expect(notebook.output(cell)).to_have_count(2)  # the line, and Python's KeyboardInterrupt
        notebook.wait_until_idle()
        assert notebook.errors()[-1].startswith("KeyboardInterrupt")
    assert notebook.printed(2) == "finished"
