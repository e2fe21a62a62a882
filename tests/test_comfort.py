"""What `import utils` changes: in a program nothing but a default, in a notebook's kernel what a reader is glad of."""

import json
import logging
import os
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from utils import comfort

# As in a program of somebody's own: what the tests set isn't there.
THEIRS = {name: value for name, value in os.environ.items() if name not in ("TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND")}


def printed(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=THEIRS | environment
    )
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_only_the_function_that_keras_makes_for_each_call_is_not_warned_of(caplog, monkeypatch):
    logger = logging.getLogger("tensorflow")
    monkeypatch.setattr(logger, "propagate", True)
    warned = "5 out of the last 5 calls to <function %s at 0x7f> triggered tf.function retracing."
    with comfort.without_retracing_warnings():
        logger.error(warned, "conv.<locals>._conv_xla")
        logger.error(warned, "mine")
    assert caplog.messages == [warned % "mine"]
    logger.error(warned, "conv.<locals>._conv_xla")
    assert len(caplog.messages) == 2


def test_importing_utils_changes_a_default_only():
    code = """
import json, logging, os, sys
def state():
    return [dict(os.environ), [os.fstat(one)[:3] for one in range(3)], logging.root.level]
before = state()
import utils
after, backend = state(), os.environ["KERAS_BACKEND"]
after[0].pop("KERAS_BACKEND")
print(json.dumps([before == after, backend, "tensorflow" in sys.modules]))
"""
    assert printed(code)[0] == [True, "tensorflow", False]
    chosen = "import json, os, utils; print(json.dumps(os.environ['KERAS_BACKEND']))"
    assert printed(chosen, KERAS_BACKEND="jax")[0] == "jax"


@pytest.mark.exhaustive
def test_importing_a_room_changes_what_keras_and_tensorflow_change():
    """Compared with a program that imports these alone; TensorFlow's notices are to be read."""
    code = """
import json, logging, os, stat
import MODULES
import tensorflow
from utils.memory import give_back_early
levels = {name: logging.getLogger(name).level for name in ("", "tensorflow", "absl")}
streams = [stat.S_IFMT(os.fstat(one).st_mode) for one in range(3)]  # of stderr: a pipe, or /dev/null
print(json.dumps([dict(os.environ), levels, streams, give_back_early.cache_info().currsize]))
"""
    plain, notices = printed(code.replace("MODULES", "keras"), KERAS_BACKEND="tensorflow")
    ours, our_notices = printed(code.replace("MODULES", "utils, utils.models, utils.training"))
    assert ours == plain and ours[-1] == 0
    assert bool(our_notices) == bool(notices)


@pytest.mark.exhaustive
def test_one_call_makes_a_program_quiet():
    code = """
import json
from utils.comfort import quiet
quiet()
import utils.models
import tensorflow
print(json.dumps(tensorflow.get_logger().level))
"""
    assert printed(code) == (40, "")
    late = code.replace("import json", "import json, tensorflow")
    assert printed(late, TF_CPP_MIN_LOG_LEVEL="3")[0] == 40


@pytest.mark.exhaustive
def test_a_notebook_s_kernel_is_quiet_from_its_first_import():
    last_cell = (
        "import logging, os, keras; from utils.memory import give_back_early; print([logging.getLogger('tensorflow')"
        ".level, os.environ['TF_CPP_MIN_LOG_LEVEL'], give_back_early.cache_info().currsize, "
        "os.environ['TF_FORCE_GPU_ALLOW_GROWTH']])"
    )
    cells = ["from utils import load_pair", "from utils import pretrained", last_cell]
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    NotebookClient(notebook, timeout=300).execute(env=THEIRS | {"PYTHONPATH": os.pathsep.join(["", *sys.path])})
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    assert [(output.name, output.text) for output in outputs] == [("stdout", "[40, '3', 1, 'true']\n")]


def test_a_terminal_s_ipython_is_no_notebook(monkeypatch):
    called = []
    monkeypatch.setenv("TF_FORCE_GPU_ALLOW_GROWTH", "as the reader has it")
    monkeypatch.setattr(comfort, "quiet", lambda: called.append("quiet"))
    monkeypatch.setattr(comfort, "give_back_early", lambda: called.append("memory"))
    for shell, wanted in ((None, []), (object(), []), (type("Shell", (), {"kernel": 1})(), ["quiet", "memory"])):
        called.clear()
        monkeypatch.setitem(sys.modules, "IPython", type("Module", (), {"get_ipython": lambda shell=shell: shell}))
        comfort.switch_on_in_a_kernel()
        assert called == wanted
    monkeypatch.delitem(sys.modules, "IPython")
    comfort.switch_on_in_a_kernel()
    assert called == ["quiet", "memory"]  # nothing was added
    assert os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] == "as the reader has it"
