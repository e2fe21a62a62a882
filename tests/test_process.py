"""What keeps networks and panels from working is named before it is met, and where it is met."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

from utils import environment, process


@pytest.fixture
def no_keras(monkeypatch):
    """Keras isn't imported yet."""
    monkeypatch.delitem(sys.modules, "keras", raising=False)


@pytest.fixture
def saved_settings(no_keras, monkeypatch, tmp_path):
    """Writes Keras's file of settings into a fresh home."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return lambda text: (tmp_path / "keras.json").write_text(text, "utf-8")


def failed():
    return [(result.status, result.finding) for result in environment.check_process(())]


@pytest.mark.parametrize(("value", "named"), [("jax", "'jax'"), ("torch", "'torch'"), ("", None), ("tensorflow", None)])
def test_another_backend_is_named(no_keras, monkeypatch, value, named):
    monkeypatch.setenv("KERAS_BACKEND", value)
    problem = process.backend_problem()
    assert (problem is None) == (named is None)
    if named:
        assert named in problem.finding and "KERAS_BACKEND" in problem.remedy
        assert failed() == [("FAIL", problem.finding)]
        with pytest.raises(ImportError, match=named):
            process.check_backend()


def test_the_backend_in_use_counts_not_the_variable(monkeypatch):
    backend = SimpleNamespace(backend=lambda: "jax")  # by keras.json, imported before this project
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(config=None, backend=backend))
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert "'jax'" in process.backend_problem().finding


def test_a_backend_that_is_not_installed_stops_even_what_any_backend_can_do(no_keras, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "a_backend_that_nobody_has")
    with pytest.raises(ImportError, match="'a_backend_that_nobody_has'"):
        process.check_imports()
    monkeypatch.setenv("KERAS_BACKEND", "json")  # as good as installed
    process.check_imports()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"image_data_format": "channels_first"}, ["channels_first"]),
        ({"floatx": "float16"}, ["float16"]),
        ({"floatx": "float16", "image_data_format": "channels_first"}, ["channels_first", "float16"]),
        ({"floatx": "float64", "image_data_format": "channels_last"}, []),
        ([], []),
    ],
)
def test_what_kerass_file_of_settings_says(saved_settings, settings, named):
    saved_settings(json.dumps(settings))
    assert [name for name, (status, finding) in zip(named, failed(), strict=True) if repr(name) in finding] == named


def test_a_damaged_file_of_settings_counts_as_none(saved_settings):
    saved_settings('{"floatx":')
    assert failed() == []


@pytest.mark.slow
def test_networks_say_what_keras_is_set_to():
    import keras

    from utils.models import pretrained, shipped_photo_net
    from utils.text import small_text_encoder

    makers = {"pair": lambda: pretrained("plane"), "photo": shipped_photo_net, "text": small_text_encoder}
    try:
        keras.config.set_image_data_format("channels_first")
        for make in makers.values():
            with pytest.raises(ValueError, match="'channels_first'.*set_image_data_format"):
                make()
        keras.config.set_image_data_format("channels_last")
        keras.config.set_dtype_policy("mixed_float16")
        assert [type(problem) for problem in process.keras_problems()] == [process.Problem]
        makers["text"]()  # which computes in float32 all the same
        keras.config.set_floatx("float16")
        for make in makers.values():
            with pytest.raises(ValueError, match="'float16'.*set_floatx"):
                make()
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_image_data_format("channels_last")
        keras.config.set_dtype_policy("float32")
    assert list(process.keras_problems()) == []
    for make in makers.values():
        make()


def test_files_beside_a_notebook_that_hide_a_package(tmp_path, monkeypatch, project):
    for name in ("keras.py", "utils.py", "helpers.py"):
        (tmp_path / name).touch()
    (tmp_path / "numpy").mkdir()
    (tmp_path / "pandas").mkdir()  # without __init__.py: the installed package comes first
    (tmp_path / "numpy" / "__init__.py").touch()
    found = list(process.hiding([tmp_path]))
    assert [problem.finding.split()[0] for problem in found] == ["keras.py", "numpy/", "utils.py"]
    assert [r.status for r in environment.check_process([tmp_path])] == ["FAIL"] * 3
    assert list(process.hiding([project, project / "notebooks"])) == []
    (tmp_path / "utils.py").unlink()
    monkeypatch.chdir(tmp_path)
    process.check_imports()  # they hide nothing that has been imported already, or comes first
    monkeypatch.delitem(sys.modules, "xgboost", raising=False)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    (tmp_path / "xgboost.py").touch()
    with pytest.raises(ImportError, match="xgboost.py"):
        process.check_imports()
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path not in ("", str(tmp_path))])
    process.check_imports()


def test_a_copy_of_the_project_beside_it_hides_nothing(tmp_path, monkeypatch):
    (tmp_path / "utils").mkdir()
    for name in ("__init__.py", "process.py"):
        (tmp_path / "utils" / name).touch()
    monkeypatch.chdir(tmp_path)
    process.check_imports()
    assert list(process.hiding([tmp_path])) == []


def test_every_package_that_is_imported_is_looked_for(project):
    modules = {environment.MODULES.get(r.name, r.name) for r in environment._requirements(project)}
    assert modules - set(process.IMPORTED) == {"ipykernel", "jupyterlab"}  # which no file here imports


def test_a_user_without_a_home(monkeypatch, tmp_path, keras_home):
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as for a user that no list knows
    assert not process.has_home()
    assert process.keras_home() == process.spare_home()
    assert process.spare_home().is_absolute()
    monkeypatch.setattr(process, "spare_home", lambda: tmp_path / "spare")
    monkeypatch.setattr(environment.process, "spare_home", lambda: tmp_path / "spare")
    result = environment.check_cache()
    assert result.status == "NOTE" and str(tmp_path / "spare") in result.finding
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert process.keras_home() == tmp_path and environment.check_cache().status == "OK"


# The kernel's environment, and JupyterLab's


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A JupyterLab in an environment of its own that runs this kernel; sets the version of its widgets' extension."""
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    monkeypatch.setenv("JPY_PARENT_PID", "12345")
    command = [str(tmp_path / "bin" / "python"), str(tmp_path / "bin" / "jupyter-lab"), "--port=1"]
    monkeypatch.setattr(psutil, "Process", lambda pid: SimpleNamespace(cmdline=lambda: command if pid == 12345 else []))
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *names: [sys.prefix + "/share/jupyter/labextensions"])

    def set_version(version):
        file = tmp_path / "share" / "jupyter" / "labextensions" / process.MANAGER
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"version": version}), "utf-8")

    return SimpleNamespace(command=command, has=set_version)


def test_jupyterlab_elsewhere_without_widgets(server, monkeypatch, capsys):
    assert "jupyterlab_widgets" in process.front_end_problem().remedy
    assert environment.check_widgets().status == "FAIL"
    monkeypatch.setitem(sys.modules, "ipykernel", object())
    process.check_ipywidgets()
    assert "jupyterlab_widgets" in capsys.readouterr().err
    server.has("5.0.15")
    assert process.front_end_problem() is None and environment.check_widgets().status == "OK"
    process.check_ipywidgets()
    assert capsys.readouterr().err == ""


def test_jupyterlab_elsewhere_with_widgets_of_another_version(server, monkeypatch):
    server.has("3.1.1")
    assert "of ipywidgets 7" in process.front_end_problem().finding
    monkeypatch.setattr(process.metadata, "version", lambda name: "7.8.5")
    assert process.front_end_problem() is None
    server.has("5.0.15")
    assert "of ipywidgets 8" in process.front_end_problem().finding


@pytest.mark.parametrize(
    "command", [["node", "server.js"], [], ["python3", "-m", "jupyterlab"], ["/usr/bin/code", "x"]]
)
def test_nothing_is_said_of_a_front_end_that_is_not_known(server, command):
    server.command[:] = command
    assert process.front_end_problem() is None


def test_a_kernel_without_ipywidgets(monkeypatch):
    real = process._installed
    monkeypatch.setattr(process, "_installed", lambda module: module != "ipywidgets" and real(module))
    with pytest.raises(ImportError, match="ipywidgets isn't installed.*%pip install"):
        process.check_ipywidgets()


def test_a_missing_package_is_named_with_what_needs_it(monkeypatch):
    import utils

    monkeypatch.setitem(utils._HOME_OF, "Playground", "a_package_that_nobody_has.room")
    with pytest.raises(ModuleNotFoundError, match=r"a_package_that_nobody_has.*utils\.Playground.*utils\.environment"):
        _ = utils.Playground


@pytest.mark.slow
def test_the_first_use_in_a_process_of_its_own(project, tmp_path):
    """As a notebook's first cell, in its folder; no Keras is imported before the error."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "keras.py").touch()
    for folder, variables, named in (
        (tmp_path, {"KERAS_BACKEND": "jax"}, "'jax'"),
        (tmp_path / "hidden", {}, "keras.py"),
    ):
        code = "from utils import FreezeBoard"
        given = os.environ | {"PYTHONPATH": str(project), "KERAS_BACKEND": "tensorflow"} | variables
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=given, capture_output=True, text=True)
        assert done.stderr.splitlines()[-1].startswith("ImportError: ") and named in done.stderr.splitlines()[-1]
