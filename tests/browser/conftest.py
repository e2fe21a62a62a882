"""Fixtures for tests in a real browser: `open_notebook("notebooks/05_freeze_board.ipynb")` gives an OpenNotebook.

JupyterLab and the browser start once for each file of tests; each test has a page of its own.
"""

import os
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.lab import FLAGS, HOW_TO_GET_ONE, Lab, OpenNotebook, browser_path
from tests.conftest import make_keras_home

HERE = Path(__file__).parent
failed = pytest.StashKey[bool]()
expect.set_options(timeout=60_000)  # milliseconds: no more than a hang needs, on a machine that does other things, too


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and HERE in item.path.parents:
        item.stash[failed] = True
        page = item.funcargs.get("page")
        if call.when == "call" and page is not None:
            folder = item.funcargs.get("tmp_path") or Path(tempfile.mkdtemp(prefix="failed-"))
            picture = folder / "failed.png"
            page.screenshot(path=picture)
            report.sections.append(("picture of the page", str(picture)))
            report.sections.append(("browser's console", "\n".join(page.console_errors)))
    return report


@pytest.fixture(scope="module")  # not longer: Playwright's event loop would be in the way of other tests' own
def browser():
    with sync_playwright() as playwright:
        path = browser_path(playwright)
        if path is None:
            missing(HOW_TO_GET_ONE)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def missing(message: str):
    """In CI a missing browser is a failure, elsewhere a reason to skip."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(message)


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    scratch = tmp_path_factory.mktemp("lab")
    lab = Lab(scratch, make_keras_home(scratch / "keras-home"))
    yield lab
    lab.stop()


@pytest.fixture
def page(browser, tmp_path):
    """1280 × 720, the size for which the notebooks are made. `page.set_viewport_size` takes another."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.console_errors = []
    page.on("console", lambda message: message.type == "error" and page.console_errors.append(message.text))
    page.on("pageerror", lambda error: page.console_errors.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def open_notebook(lab, page):
    """`open_notebook(name)` opens a notebook; its kernel is shut down after the test."""
    opened = []

    def open_notebook(name: str) -> OpenNotebook:
        opened.append(OpenNotebook.open(page, lab, name))
        return opened[-1]

    yield open_notebook
    if opened:
        opened[-1].shut_down()
