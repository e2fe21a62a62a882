"""`python -m tests.browser.picture` takes README's picture of the board anew: in JupyterLab, in the middle of a run."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.lab import FLAGS, Lab, OpenNotebook, browser_path
from tests.conftest import PROJECT
from utils.tasks import home

BOARD = """from utils import FreezeBoard, Settings, run
runs = [run(Settings(strategy=name, updates=400)) for name in ("feature extraction", "fine-tuning")]
FreezeBoard(Settings(updates=400), runs=runs)"""
SWITCHED_OFF = ("conv1", "conv2", "conv3")


def main() -> None:
    """Flip three layers while a run goes on, and keep what a reader sees then."""
    path = PROJECT / "images" / "board.png"
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        lab = Lab(Path(scratch), home())
        try:
            browser = playwright.chromium.launch(executable_path=browser_path(playwright), args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 1200}, device_scale_factor=1.5)
            notebook = OpenNotebook.open(page, lab, lab.write("picture.ipynb", BOARD))
            notebook.run_all()
            board = notebook.output(0).last
            board.get_by_role("button", name="Start", exact=True).click()
            for wait, name in zip((4000, 1500, 1500), SWITCHED_OFF, strict=True):
                page.wait_for_timeout(wait)
                board.get_by_role("checkbox", name=name).click()
            page.wait_for_timeout(2500)
            path.parent.mkdir(exist_ok=True)
            board.screenshot(path=str(path))
            notebook.shut_down()
            browser.close()
        finally:
            lab.stop()
    print(f"{path.relative_to(PROJECT)}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
