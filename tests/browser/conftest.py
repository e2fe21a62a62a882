"""Fixtures for tests in a real browser: `show("board.ipynb", CELL, ...)` gives an OpenNotebook.

JupyterLab, the browser and one kernel with TensorFlow in it start once for all these tests, which therefore stay
together in one process (tests/scheduling.py). Each file has pages of its own, and finds the kernel empty.
"""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.lab import FLAGS, HOW_TO_GET_ONE, Lab, OpenNotebook, browser_path
from tests.conftest import make_keras_home

HERE = Path(__file__).parent
WAIT = 60_000  # milliseconds: no more than a hang needs, on a machine that does other things, too
expect.set_options(timeout=WAIT)


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and HERE in item.path.parents:
        try:
            report.sections.extend(seen(item.funcargs))
        except Exception as error:  # pytest would end with it, and tell of no test at all
            report.sections.append(("no picture of the page", repr(error)))
    return report


def seen(fixtures):
    """What helps to understand a failure: the page that was opened last, its console, JupyterLab's log."""
    if lab := fixtures.get("lab"):
        yield "end of JupyterLab's log", lab.log.read_text(errors="replace")[-3000:]
    if pages := "context" in fixtures and fixtures["context"].pages:
        yield "browser's console", "\n".join(pages[-1].console_errors)
        picture = Path(tempfile.mkdtemp(prefix="failed-")) / "failed.png"
        pages[-1].screenshot(path=picture)
        yield "picture of the page", str(picture)


@pytest.fixture(scope="package")  # not longer: Playwright's event loop would be in the way of other tests' own
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


@pytest.fixture(scope="package")
def lab(browser, tmp_path_factory):
    scratch = tmp_path_factory.mktemp("lab")
    lab = Lab(scratch, make_keras_home(scratch / "keras-home"))
    yield lab
    lab.stop()


@pytest.fixture(scope="package")
def context(browser):
    """Pages of 1280 × 720, the size for which the notebooks are made; what they fetched once stays with them."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 720}, permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(WAIT)
    yield context
    context.close()


@pytest.fixture(scope="package")
def kernel(lab):
    """The kernel that the notebooks share: it's the import of TensorFlow that takes time."""
    return lab.start_kernel()


@pytest.fixture(scope="module")
def show(lab, context, kernel):
    """`show(name, *cells)` opens a notebook of these cells, on a page of its own; no cell has been run.

    What a file's notebooks leave in the kernel is gone with the file's last test.
    """
    shown = []

    def show(name: str, *cells: str) -> OpenNotebook:
        lab.attach(name, kernel)
        shown.append(OpenNotebook.open(new_page(context), lab, lab.write(name, *cells)))
        return shown[-1]

    yield show
    for notebook in shown:
        notebook.clear()
        notebook.page.close()


def new_page(context):
    page = context.new_page()
    page.console_errors = []
    page.on("console", lambda message: message.type == "error" and page.console_errors.append(message.text))
    page.on("pageerror", lambda error: page.console_errors.append(str(error)))
    return page


@pytest.fixture
def open_notebook(lab, context):
    """`open_notebook(name)` opens a notebook with a fresh kernel, which is shut down after the test."""
    with opening(lab, context) as open_notebook:
        yield open_notebook


@contextmanager
def opening(lab, context):
    """What the fixture `open_notebook` gives."""
    opened = []

    def open_notebook(name: str) -> OpenNotebook:
        opened.append(OpenNotebook.open(new_page(context), lab, name))
        return opened[-1]

    yield open_notebook
    for notebook in opened:
        notebook.shut_down()
        notebook.page.close()
