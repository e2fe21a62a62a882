"""The harness itself, on notebooks made on the spot."""

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


def test_kernel_is_fresh_and_of_this_environment(write, execute, new_keras_home, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    code = """import json, os, sys
import utils
names = "KERAS_HOME", "OMP_NUM_THREADS"
print(json.dumps([sys.prefix, os.getcwd(), *map(os.environ.get, names), "keras" in sys.modules]))"""
    seen = json.loads(output_text(execute(write(new_code_cell(code))).cells[0]))
    assert seen == [sys.prefix, str(tmp_path / "notebooks"), str(new_keras_home), None, False]


def test_injected_cell_changes_a_setting(write, execute):
    cells = [
        new_markdown_cell("Settings"),
        new_code_cell("rate = 0.1", metadata={"tags": ["settings"]}),
        new_code_cell("print(rate * 2)"),
    ]
    path = write(*cells)
    assert output_text(execute(path).cells[-1]) == "0.2\n"
    assert output_text(execute(path, inject="rate = 4", after="settings").cells[-1]) == "8\n"
    assert output_text(execute(path, inject="rate = 5", after="rate = 0.1").cells[-1]) == "10\n"
    with pytest.raises(LookupError, match="'no such cell'"):
        execute(path, inject="rate = 4", after="no such cell")


def test_injected_cell_turns_a_widget(write, execute):
    box = "import ipywidgets as w\nbox = w.Checkbox(description='frozen')\nseen = []\n"
    path = write(new_code_cell(box + "box.observe(seen.append, 'value')"), new_code_cell("print(len(seen), box.value)"))
    assert output_text(execute(path).cells[-1]) == "0 False\n"
    assert output_text(execute(path, inject="box.value = True", after="box").cells[-1]) == "1 True\n"


def test_failing_cell_fails(write, execute):
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute(write(new_code_cell("1 / 0")))


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
