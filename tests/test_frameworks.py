"""A panel is seen before Keras and TensorFlow are imported, and whoever needs them meanwhile waits."""

import json
import subprocess
import sys

import pytest

# A kernel as far as this project looks: an IPython that has one.
READER = """
import json, sys, time
from ipywidgets import HTML, Button
from IPython.core.interactiveshell import InteractiveShell
from tests.waiting import wait_until

shell = InteractiveShell.instance()
shell.kernel = object()

def loaded():
    return [name for name in ("tensorflow", "keras", "pandas", "sklearn", "scipy") if name in sys.modules]

shell.user_ns["loaded"] = loaded

def cell(source):
    shell.run_cell(source).raise_error()

cell('''
from utils import FreezeBoard, Settings
from tests.widgets.panel import Panel, plain
board = FreezeBoard(Settings("plane", updates=4, evaluate_every=2, batch_size=8, new_images=50))
board._repr_mimebundle_()
seen, panel = loaded(), Panel(board)
''')
panel, plain = shell.user_ns["panel"], shell.user_ns["plain"]
start = panel.described(Button, "Start")
start.click()  # the thread that imports them has just begun
pressed = start.description, panel.words
cell("import keras; version = keras.__version__")  # as in "Run All"
wait_until(lambda: panel.board.runs, 60)
wait_until(lambda: start.description == "Start", 60)
layer1 = next(plain(box.value) for box in panel.of(HTML) if "layer1: " in box.value)
answer = json.dumps([shell.user_ns["seen"], pressed, loaded(), panel.board.runs[0].updates, layer1])
FreezeBoard = shell.user_ns["FreezeBoard"]
FreezeBoard(shell.user_ns["Settings"]("plane", strategy="joint training"))  # prepares while Python ends
print(answer)
"""


@pytest.mark.slow
def test_a_board_is_seen_before_tensorflow_is_imported_and_an_early_start_begins_by_itself(project):
    done = subprocess.run(
        [sys.executable, "-c", READER], cwd=project, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    seen, (button, words), loaded, updates, layer1 = json.loads(done.stdout)
    assert seen == []
    assert button == "Loading" and "TensorFlow" in words
    assert {"tensorflow", "keras"} <= set(loaded)
    assert updates == 4
    assert layer1 == "24 weights trained"  # counted since


@pytest.mark.parametrize("room", ["models", "freezing", "strategies", "training", "widgets"])
def test_importing_a_room_imports_no_keras(room):
    heavy = "keras", "tensorflow", "pandas", "sklearn", "scipy", "h5py"
    code = f"import sys, utils.{room}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
