"""The harness itself, on notebooks made on the spot."""

import gc
import json
import sys

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks.notebook import complaints, output_text


@pytest.fixture
def write(tmp_path):
    def write(*cells, kernel="python3"):
        metadata = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}}
        path = tmp_path / "made" / "made.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(new_notebook(cells=list(cells), metadata=metadata), path)
        return path

    return write


def printed(text):
    return new_output("stream", name="stdout", text=text)


@pytest.mark.slow
def test_kernel_is_fresh_and_of_this_environment(write, execute, new_keras_home, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    code = """import json, os, sys
import utils
names = "KERAS_HOME", "MPLBACKEND"
print(json.dumps([sys.prefix, os.getcwd(), *map(os.environ.get, names), "keras" in sys.modules]))"""
    seen = json.loads(output_text(execute(write(new_code_cell(code))).cells[0]))
    backend = "module://matplotlib_inline.backend_inline"  # ipykernel's own
    assert seen == [sys.prefix, str(tmp_path / "notebooks"), str(new_keras_home), backend, False]


@pytest.mark.slow
def test_failing_cell_fails(write, execute, execute_here):
    path = write(new_code_cell("1 / 0"))
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute(path)
    with pytest.raises(ZeroDivisionError):
        execute_here(path)


def test_injected_cell_changes_a_setting(write, execute_here):
    cells = [
        new_markdown_cell("Settings"),
        new_code_cell("rate = 0.1", metadata={"tags": ["settings"]}),
        new_code_cell("print(rate * 2)"),
    ]
    path = write(*cells)
    assert execute_here(path) == ("0.2\n", "")
    assert execute_here(path, inject="rate = 4", after="settings")[0] == "8\n"
    assert execute_here(path, inject="rate = 5", after="rate = 0.1")[0] == "10\n"
    assert execute_here(path, replaced={"0.1": "3"})[0] == "6\n"
    assert execute_here(path, until="settings") == ("", "")
    with pytest.raises(LookupError, match="'no such cell'"):
        execute_here(path, inject="rate = 4", after="no such cell")


def test_what_is_shown_is_told_too_and_the_namespace_is_fresh(write, execute_here, tmp_path):
    shows = "from IPython.display import display\nimport os, sys\ndisplay(os.getcwd())\nprint('oh', file=sys.stderr)"
    text, errors = execute_here(write(new_code_cell(shows), new_code_cell("'shows' in globals()")))
    assert str(tmp_path / "notebooks") in text and "False" in text and errors == "oh\n"


def test_injected_cell_turns_a_widget(write, execute_here):
    box = "import ipywidgets as w\nbox = w.Checkbox(description='frozen')\nseen = []\n"
    path = write(new_code_cell(box + "box.observe(seen.append, 'value')"), new_code_cell("print(len(seen), box.value)"))
    assert execute_here(path)[0] == "0 False\n"
    assert execute_here(path, inject="box.value = True", after="box")[0] == "1 True\n"


def test_an_error_in_a_callback_fails(write, execute_here):
    box = "import ipywidgets as w\nbox = w.Checkbox()\nbox.observe(lambda change: 1 / 0, 'value')"
    path = write(new_code_cell(box), new_code_cell("box.value = True"), new_code_cell("print('the rest runs')"))
    with pytest.raises(ZeroDivisionError):
        execute_here(path)
    press = "button = w.Button()\nbutton.on_click(lambda button: 1 / 0)\nbutton.click()"
    with pytest.raises(ZeroDivisionError):
        execute_here(write(new_code_cell("import ipywidgets as w\n" + press)))


def test_an_error_in_a_thread_fails(write, execute_here):
    code = "import threading\nthread = threading.Thread(target=lambda: 1 / 0)\nthread.start()\nthread.join()"
    with pytest.raises(ZeroDivisionError):
        execute_here(write(new_code_cell(code)))


def test_a_notebook_leaves_nothing_behind(write, execute_here):
    """Neither its names, nor its widgets, nor a training that goes on."""
    makes = """import weakref, sys
import ipywidgets as w
from utils import Settings
from utils.training import LiveTraining

class Large: pass

large, box, one = Large(), w.Checkbox(), LiveTraining()
one.start(Settings(updates=100_000, evaluate_every=1000))
sys.left_by_the_test = weakref.ref(large), box, one"""
    main = sys.modules["__main__"]
    try:
        execute_here(write(new_code_cell(makes)))
        large, box, training = sys.left_by_the_test
    finally:
        del sys.left_by_the_test
    gc.collect()
    assert large() is None and box.comm is None and not training.active
    assert sys.modules["__main__"] is main


def test_good_notebook(write):
    picture = new_output("display_data", {"image/png": "/home/abcd", "text/plain": "<Figure>"})
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell("1", execution_count=1, outputs=[printed("https://keras.io/home/x, 3:4, a/b ~/.keras")]),
        new_code_cell("2", execution_count=2, outputs=[picture]),
    ]
    assert complaints(write(*cells)) == []


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        (new_code_cell("1", execution_count=2), "not run once from top to bottom: [1, 2, 2]"),
        (new_code_cell("1"), "not run once from top to bottom: [1, 2, None]"),
        (new_code_cell("1\n" * 31, execution_count=3), "cell 2 has 31 lines"),
        (new_code_cell(" ", execution_count=3), "cell 2 is empty"),
        (
            new_code_cell("1", execution_count=3, outputs=[new_output("error", ename="NameError", evalue="x")]),
            "cell 2 was saved with NameError",
        ),
        (
            new_code_cell("1", execution_count=3, outputs=[printed("in /home/ada/notebooks")]),
            "cell 2 shows a path of a machine: /home/ada",
        ),
        (
            new_code_cell("1", execution_count=3, outputs=[printed(r"C:\Users\ada")]),
            "cell 2 shows a path of a machine: C:\\Users",
        ),
        (
            new_code_cell("1", execution_count=3, outputs=[new_output("display_data", {"text/html": "/tmp/x"})]),
            "cell 2 shows a path of a machine: /tmp/x",
        ),
    ],
)
def test_bad_cell(write, cell, complaint):
    good = [new_code_cell(str(n), execution_count=n, outputs=[printed("fine")]) for n in (1, 2)]
    assert complaints(write(*good, cell)) == [complaint]


def test_bad_notebook(write):
    assert complaints(write(new_code_cell("1", execution_count=1), kernel="mine")) == [
        "its kernel is mine",
        "saved without outputs",
    ]
    large = new_code_cell("1", execution_count=1, outputs=[printed("x" * 1_000_000)])
    assert complaints(write(large)) == ["1.0 MB"]
