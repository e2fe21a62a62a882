"""JupyterLab on a copy of the project, and a page in a real browser that shows it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import nbformat
from playwright.sync_api import Locator, Page

from tests.conftest import PROJECT

NOT_COPIED = (
    ".git", ".venv*", "*.egg-info", "__pycache__", ".ipynb_checkpoints", ".*_cache", ".hypothesis", "build", "runs"
)  # fmt: skip
BROWSERS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
HOW_TO_GET_ONE = (
    "no Chromium: on Debian or Ubuntu `sudo apt install chromium`, elsewhere `python -m playwright install chromium`"
)
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # Every cell in the page, also those out of sight, so that they can be counted and looked at.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}

# What is asked of JupyterLab, in its page.
READY = """() => {
    const session = window.jupyterapp?.shell.currentWidget?.sessionContext;
    return session?.isReady && session.session?.kernel?.status === 'idle';
}"""
CLEAR_OUTPUTS = "() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
RUN_ONE = """async number => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.deselectAll();
    notebook.activeCellIndex = number;
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
ASK = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const request = {code: '', silent: true, store_history: false, user_expressions: {answer: code}};
    const reply = await kernel.requestExecute(request).done;
    const answer = reply.content.user_expressions.answer;
    return answer.status === 'ok' ? answer.data['text/plain'] : `${answer.ename}: ${answer.evalue}`;
}"""
IDLE = "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
ERRORS = """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON().cells
    .flatMap(cell => cell.outputs ?? [])
    .filter(output => output.output_type === 'error')
    .map(output => `${output.ename}: ${output.evalue}`)"""
PRINTED = """number => window.jupyterapp.shell.currentWidget.content.widgets[number].model.outputs.toJSON()
    .filter(output => output.output_type === 'stream')
    .map(output => [output.text].flat().join(''))
    .join('')"""
EXECUTE = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const reply = await kernel.requestExecute({code, silent: true, store_history: false}).done;
    return reply.content.status === 'ok' ? '' : `${reply.content.ename}: ${reply.content.evalue}`;
}"""
SHUT_DOWN = "() => window.jupyterapp.shell.currentWidget?.sessionContext?.shutdown()"
# What a notebook leaves in its kernel: trainings that go on, widgets, names.
CLEAR = """import sys
if "utils.training" in sys.modules:
    from utils.training.live import _all
    for one in list(_all):
        one.abandon()
        assert one.join(60)
if "ipywidgets" in sys.modules:
    sys.modules["ipywidgets"].Widget.close_all()
get_ipython().reset()"""
INTERRUPT = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()"


def browser_path(playwright) -> str | None:
    """An installed Chromium or Chrome, or else the one that Playwright fetched; None without any."""
    installed = next(filter(None, map(shutil.which, BROWSERS)), None)
    fetched = playwright.chromium.executable_path
    return installed or (fetched if Path(fetched).exists() else None)


class Lab:
    """JupyterLab on a copy of the project in `scratch`. `stop()` ends it, and with it its kernels."""

    def __init__(self, scratch: Path, keras_home: Path):
        self.root, self.log = scratch / "project", scratch / "jupyterlab.log"
        shutil.copytree(PROJECT, self.root, ignore=shutil.ignore_patterns(*NOT_COPIED))
        settings = scratch / "app-settings"
        settings.mkdir()
        (settings / "overrides.json").write_text(json.dumps(OVERRIDES))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.token = os.urandom(16).hex()
        folders = {f"JUPYTER_{name}_DIR": str(scratch / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        folders |= {"IPYTHONDIR": str(scratch / "ipython"), "KERAS_HOME": str(keras_home)}
        inherited = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
        options = {
            "ServerApp.root_dir": self.root,
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.allow_root": True,
            "IdentityProvider.token": self.token,
            "LabApp.app_settings_dir": settings,
            "LabApp.user_settings_dir": scratch / "user-settings",
            "LabApp.workspaces_dir": scratch / "workspaces",
            "LabApp.extension_manager": "readonly",
            "LabApp.expose_app_in_browser": True,
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", "--no-browser"]
                + [f"--{name}={value}" for name, value in options.items()],
                cwd=self.root,
                env={**inherited, **folders},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait_until_it_answers(180)
        except BaseException:
            self.stop()
            raise

    def _wait_until_it_answers(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"JupyterLab ended: {self.log.read_text()[-2000:]}")
            try:
                urllib.request.urlopen(f"{self.address('api/status')}", timeout=2).close()
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"JupyterLab did not answer in {seconds} s: {self.log.read_text()[-2000:]}")

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}?token={self.token}"

    def start_kernel(self) -> str:
        """Start a kernel that belongs to no notebook, in the project's root; returns its id."""
        return self._post("api/kernels", {"name": "python3"})["id"]

    def attach(self, name: str, kernel: str) -> None:
        """Let the notebook `name`, once it's opened, find this kernel as its own."""
        self._post("api/sessions", {"path": name, "name": name, "type": "notebook", "kernel": {"id": kernel}})

    def _post(self, path: str, content: dict) -> dict:
        request = urllib.request.Request(
            self.address(path), json.dumps(content).encode(), {"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def write(self, name: str, *sources: str) -> str:
        """A notebook of code cells in the copied project; returns `name`, for `open_notebook`."""
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
        return name


class CellFailed(AssertionError):
    """A cell of the notebook in the browser raised an error."""


@dataclass(frozen=True)
class OpenNotebook:
    """A notebook in a page. Numbers of cells count all cells, from 0."""

    page: Page

    @classmethod
    def open(cls, page: Page, lab: Lab, name: str, timeout: float = 180) -> "OpenNotebook":
        """Open `name`, a path below the project, with a kernel of its own, and wait until that is idle."""
        page.goto(lab.address(f"lab/workspaces/test/tree/{name}") + "&reset")
        notebook = cls(page)
        notebook.wait_until_ready(timeout)
        return notebook

    def run_all(self, timeout: float = 300) -> None:
        """Run all cells and wait for the last, at most `timeout` seconds; CellFailed where one raises an error."""
        self.page.evaluate(f"() => {{ window.allRun = false; ({RUN_ALL})().finally(() => window.allRun = true); }}")
        self.page.wait_for_function("() => window.allRun", timeout=timeout * 1000)
        self.wait_until_idle(timeout)
        if self.errors():
            raise CellFailed("\n".join(self.errors()))

    def run(self, number: int, timeout: float = 300) -> None:
        """Run one cell, and wait for its end."""
        self.page.evaluate(RUN_ONE, number)
        self.wait_until_idle(timeout)

    def ask(self, expression: str) -> str:
        """The `repr` of a Python expression in the kernel, or the error it raises."""
        return self.page.evaluate(ASK, expression)

    def clear(self) -> None:
        """Empty the kernel: trainings end, widgets close, names go. What was imported stays loaded."""
        failed = self.page.evaluate(EXECUTE, CLEAR)
        assert not failed, failed

    def clear_outputs(self) -> None:
        """Empty the outputs of all cells in the page."""
        self.page.evaluate(CLEAR_OUTPUTS)

    def wait_until_ready(self, timeout: float = 180) -> None:
        """Until the page shows the notebook and its kernel is idle."""
        self.page.wait_for_function(READY, timeout=timeout * 1000)

    def wait_until_idle(self, timeout: float = 180) -> None:
        self.page.wait_for_function(IDLE, timeout=timeout * 1000)

    def errors(self) -> list[str]:
        """ "NameError: …" for each cell that ended with an error."""
        return self.page.evaluate(ERRORS)

    def cell(self, number: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def output(self, number: int) -> Locator:
        """The outputs of a cell. Look for widgets in here: on the page, "Start" also matches "Restart …"."""
        return self.cell(number).locator(".jp-OutputArea-output")

    def printed(self, number: int) -> str:
        """Run one cell; what it printed. Asked of the notebook, since the page draws outputs when it has time."""
        self.run(number)
        return self.page.evaluate(PRINTED, number).strip()

    def interrupt(self) -> None:
        """As the menu's Interrupt Kernel."""
        self.page.evaluate(INTERRUPT)

    def shut_down(self) -> None:
        self.page.evaluate(SHUT_DOWN)
