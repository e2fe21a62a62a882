"""A panel in JupyterLab, in a real browser, and how fast its training goes with and without it."""

import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.lab import FLAGS, Lab, OpenNotebook, browser_path
from utils.tasks import home

# A cell that follows one with a `board`, its `settings`, and `frames`: a list that grows with each picture.
SPEEDS = """import json, time
from utils.training import LiveTraining

def updates_per_second(live, seconds=6):
    while live.progress is None or not live.progress.update:
        time.sleep(0.01)
    time.sleep(1)
    began, update, shown = time.perf_counter(), live.progress.update, len(frames)
    time.sleep(seconds)
    took = time.perf_counter() - began
    return (live.progress.update - update) / took, (len(frames) - shown) / took

def without_board():  # in the same kernel, thread and all
    live = LiveTraining()
    live.start(settings)
    speed = updates_per_second(live)
    live.abandon(); live.join(10)
    return speed

def with_board():
    board._live.set_pace(None)
    board._start(False)
    speed = updates_per_second(board._live)
    board._live.abandon(); board._live.join(10)
    board._live.set_pace(25)
    return speed

pairs = [(without_board(), with_board()) for _ in range(3)]
print(json.dumps(pairs))"""


@dataclass(frozen=True)
class Speeds:
    """Medians of three rounds in turns. plain, drawn: updates/s without and with the panel. ratio: the second by the
    first. frames: pictures a second."""

    plain: float
    drawn: float
    ratio: float
    frames: float

    @classmethod
    def of(cls, printed: str) -> "Speeds":
        """From what the cell `SPEEDS` printed."""
        pairs = json.loads(printed)
        plain, drawn = (statistics.median(pair[i][0] for pair in pairs) for i in (0, 1))
        ratio = statistics.median(drawn[0] / plain[0] for plain, drawn in pairs)
        return cls(plain, drawn, ratio, statistics.median(drawn[1] for _, drawn in pairs))

    def __str__(self):
        return f"{self.drawn:,.0f} and {self.plain:,.0f} updates/s, {self.frames:.1f} frames/s"


@contextmanager
def running_lab() -> Iterator[tuple[Lab, Page]]:
    """JupyterLab on a copy of the project, and an empty page of a browser."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        lab = Lab(Path(scratch), home())
        try:
            browser = playwright.chromium.launch(executable_path=browser_path(playwright), args=FLAGS)
            yield lab, browser.new_page(viewport={"width": 1280, "height": 720})
            browser.close()
        finally:
            lab.stop()


@contextmanager
def opened(*sources: str) -> Iterator[OpenNotebook]:
    """A notebook of these cells in JupyterLab, on a copy of the project."""
    with running_lab() as (lab, page):
        notebook = OpenNotebook.open(page, lab, lab.write("benchmark.ipynb", *sources))
        yield notebook
        notebook.shut_down()


def printed_by(notebook: OpenNotebook, number: int) -> str:
    """Run one cell; what it printed."""
    notebook.run(number)
    return notebook.output(number).last.inner_text()
