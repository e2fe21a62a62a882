import importlib.util
import io
import os
import re
import subprocess
import sys
import threading
import urllib.request
from importlib import metadata

import pytest

from utils import environment
from utils.environment import Result


def only(results, status):
    return [result for result in results if result.status == status]


@pytest.fixture
def lists(project, tmp_path):
    """A folder with the project's lists of packages, to be spoilt."""
    for name in ("pyproject.toml", "requirements.txt"):
        (tmp_path / name).write_text((project / name).read_text("utf-8"), "utf-8")
    return tmp_path


@pytest.fixture
def colab(monkeypatch):
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab-20260101")


def test_this_environment_is_ready_and_tensorflow_is_not_imported(project):
    code = "import sys; from utils.environment import report; report(); print('tensorflow' in sys.modules)"
    lines = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert lines[0] == "OK    Python " + ".".join(map(str, sys.version_info[:3]))
    assert f"OK    keras {metadata.version('keras')}" in lines
    assert not [line for line in lines if line.startswith("FAIL")]
    assert lines[-2:] == ["Everything is ready.", "False"]


def test_in_brief_only_what_needs_attention_is_listed(capsys):
    fine, note, wrong = Result("OK", "a 1"), Result("NOTE", "b 2"), Result("FAIL", "c 3", "take 4")
    for results, lines in (
        ([fine, fine], ["Everything is ready. (2 things were checked; report() lists them.)"]),
        ([fine, note], ["NOTE  b 2", "Everything is ready. (2 things were checked; report() lists them.)"]),
        ([fine, wrong], ["FAIL  c 3. Remedy: take 4",
                         "Fix before you start: 1, see FAIL above. (2 things were checked; report() lists them.)"]),
    ):  # fmt: skip
        environment.report(results, brief=True)
        assert capsys.readouterr().out.splitlines() == lines
    environment.report([fine, note])
    assert capsys.readouterr().out.splitlines() == ["OK    a 1", "NOTE  b 2", "Everything is ready."]


@pytest.mark.slow
def test_exit_status(project, keras_home, tmp_path):
    def status(home, **others):
        variables = {**os.environ, "KERAS_HOME": str(home), **others}
        command = [sys.executable, "-m", "utils.environment"]
        return subprocess.run(command, cwd=project, env=variables, stdout=subprocess.DEVNULL).returncode

    (tmp_path / "file").touch()
    assert status(keras_home) == 0
    assert status(tmp_path / "file") == 1
    assert status(keras_home, KERAS_BACKEND="jax") == 1


def test_each_direct_package_is_looked_at(project):
    found = list(environment.check_packages(project))
    names = [result.finding.split()[0] for result in found]
    assert names[:3] == ["keras", "numpy", "pandas"]
    assert {"matplotlib", "pillow", "mlxtend", "ipywidgets", "jupyterlab", "psutil"} < set(names)
    assert [result.status for result in found] == ["OK"] * len(found)


def test_wrong_pin(lists):
    version = metadata.version("keras")
    pins = (lists / "requirements.txt").read_text("utf-8")
    (lists / "requirements.txt").write_text(pins.replace(f"keras=={version}", "keras==3.0.4"), "utf-8")
    (result,) = only(environment.check_packages(lists), "FAIL")
    assert re.search(rf"^keras {re.escape(version)} .*\b3\.0\.4\b", result.finding)
    assert re.search('pip install "keras==3.0.4".*restart the kernel', result.remedy)


def test_missing_package(lists):
    for name in ("pyproject.toml", "requirements.txt"):
        text = (lists / name).read_text("utf-8")
        (lists / name).write_text(text.replace("psutil", "psutil-of-the-future"), "utf-8")
    version = metadata.version("psutil")
    (result,) = only(environment.check_packages(lists), "FAIL")
    assert re.search(rf"^psutil-of-the-future .*not installed.*{re.escape(version)}", result.finding)
    assert f'pip install "psutil-of-the-future=={version}"' in result.remedy


def test_package_whose_files_are_gone(project, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "PIL" else find(name))
    version = metadata.version("pillow")
    (result,) = only(environment.check_packages(project), "FAIL")
    assert re.search(rf"^pillow {re.escape(version)} .*\bPIL .*missing", result.finding)
    assert f'pip install --force-reinstall --no-deps "pillow=={version}"' in result.remedy


def test_tensorflow_with_gpu_does_as_well(project, monkeypatch):
    if sys.platform != "linux":
        pytest.skip("only Linux has two TensorFlow packages")
    versions = {"tensorflow-cpu": None, "tensorflow": metadata.version("tensorflow-cpu")}
    real = environment._version
    monkeypatch.setattr(environment, "_version", lambda name: versions.get(name, real(name)))
    assert Result("OK", f"tensorflow {versions['tensorflow']}") in list(environment.check_packages(project))


def test_without_the_checkout_the_installed_project_says_what_it_wants(tmp_path, monkeypatch):
    wanted = {"freeze-and-unfreeze": ["keras<3", "pillow>=11", 'numpy<1; sys_platform == "nowhere"']}
    monkeypatch.setattr(metadata, "requires", wanted.get)
    keras, pillow = environment.check_packages(tmp_path)
    assert keras.status == "FAIL" and keras.finding.startswith(f"keras {metadata.version('keras')} ")
    assert "<3 is required" in keras.finding
    assert pillow == Result("OK", f"pillow {metadata.version('pillow')}")


@pytest.mark.parametrize("damage", ["keras is here", "keras=="])
def test_damaged_list(lists, damage):
    (lists / "requirements.txt").write_text(damage, "utf-8")
    (result,) = environment.check_packages(lists)
    assert result.status == "FAIL"
    assert "list of packages" in result.finding and "(InvalidRequirement" in result.finding
    assert "start command" in result.remedy


def test_project_not_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "PROJECT", "a-project-that-nobody-installed")
    (result,) = environment.check_packages(tmp_path)
    assert result.status == "FAIL" and "a-project-that-nobody-installed" in result.finding


def test_python():
    assert environment.check_python((3, 12, 4)) == Result("OK", "Python 3.12.4")
    assert environment.check_python((3, 11, 0)).status == environment.check_python((3, 13, 9)).status == "OK"
    old = environment.check_python((3, 10, 13))
    assert old.status == "FAIL" and re.search(r"^Python 3\.10\.13\b.*\b3\.11 to 3\.13\b", old.finding)
    assert ".venv" in old.remedy and "start command" in old.remedy
    assert environment.check_python((3, 14, 0)).status == "FAIL"


def test_colab_keeps_its_own_packages(lists, colab):
    pins = (lists / "requirements.txt").read_text("utf-8")
    version = metadata.version("keras")
    (lists / "requirements.txt").write_text(pins.replace(f"keras=={version}", "keras==3.0.4"), "utf-8")
    found = list(environment.check_packages(lists))
    assert not only(found, "FAIL")
    (note,) = only(found, "NOTE")
    assert re.search(rf"^keras {re.escape(version)} .*Colab.*\b3\.0\.4$", note.finding) and not note.remedy
    assert environment.check_python((3, 14, 0)).status == "NOTE"
    assert environment.check_widgets().status == "NOTE"


def test_broken_ipywidgets(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # makes importing it an error
    result = environment.check_widgets()
    assert result.status == "FAIL"
    assert re.search(r"\bipywidgets .*\(ModuleNotFoundError", result.finding)
    assert "pip install --force-reinstall ipywidgets jupyterlab_widgets" in result.remedy


def test_widgets_without_what_jupyterlab_needs(monkeypatch, tmp_path):
    wanted = next(line for line in metadata.requires("ipywidgets") if line.startswith("jupyterlab_widgets"))
    version = metadata.version("ipywidgets")
    real = environment._version

    def with_extension(answer):
        monkeypatch.setattr(
            environment, "_version", lambda name: answer if name == "jupyterlab_widgets" else real(name)
        )
        result = environment.check_widgets()
        assert result.status == "FAIL" and result.remedy
        return result.finding

    assert re.search(rf"ipywidgets {re.escape(version)} lacks {re.escape(wanted)}$", with_extension(None))
    other = with_extension("1.0.0")
    assert re.search(rf"ipywidgets {re.escape(version)} needs {re.escape(wanted)}.* 1\.0\.0\b", other)
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *names: [str(tmp_path)])
    installed = metadata.version("jupyterlab_widgets")
    found = with_extension(installed)
    assert f"files of jupyterlab_widgets {installed}" in found


def test_memory():
    for available, status in ((1.0, "OK"), (0.7, "FAIL")):
        result = environment.check_memory(available * 1e9)
        assert result.status == status
        assert f"{available} GB available" in result.finding and "1 GB needed" in result.finding
        assert ("kernels" in result.remedy) == (status == "FAIL")
    assert environment.check_memory().status == "OK"


def test_memory_without_psutil(monkeypatch):
    monkeypatch.setitem(sys.modules, "psutil", None)
    result = environment.check_memory()
    assert result.status == "FAIL" and "pip install --force-reinstall psutil" in result.remedy


def test_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "new" / "folder"))
    assert environment.check_cache() == Result("OK", "cache: $KERAS_HOME can be written")
    assert list((tmp_path / "new" / "folder").iterdir()) == []  # nothing is left behind

    (tmp_path / "file").touch()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "file"))
    result = environment.check_cache()
    assert result.status == "FAIL"
    assert "$KERAS_HOME can't be written" in result.finding
    assert "KERAS_HOME" in result.remedy
    assert str(tmp_path) not in str(result)  # notebooks are saved with this


def test_cache_below_home(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert environment.check_cache() == Result("OK", "cache: ~/.keras can be written")
    assert (tmp_path / ".keras").is_dir()


def test_no_network_is_no_failure(no_network, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    result = environment.check_network()
    assert result.status == "NOTE"
    assert "digits-halves and digits-drawings" in result.finding


def test_a_network_that_hangs_is_given_up(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    release, ended = threading.Event(), threading.Event()

    def hang(*args, **kwargs):
        release.wait(60)
        ended.set()
        raise TimeoutError

    monkeypatch.setattr(urllib.request, "urlopen", hang)
    assert environment.check_network(timeout=0.05).status == "NOTE"
    assert not ended.is_set()
    release.set()


def test_network(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(urllib.request, "urlopen", lambda request, timeout: asked.append(request) or io.BytesIO())
    result = environment.check_network()
    assert (result.status, "can be fetched" in result.finding) == ("OK", True)
    assert asked[0].get_method() == "HEAD"

    folder = tmp_path / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    for part in environment.FASHION_PARTS:
        (folder / f"{part}-ubyte.gz").touch()
    here = environment.check_network()
    assert here.status == "OK" and "not needed" in here.finding and "Fashion-MNIST" in here.finding
    assert len(asked) == 1  # nobody was asked again


def test_fashion_mnist_is_looked_for_where_keras_fetches_it():
    from inspect import getsource

    from keras.datasets import fashion_mnist

    source = getsource(fashion_mnist.load_data)
    assert f'"{environment.FASHION}"' in source
    assert all(f'"{part}-ubyte.gz"' in source for part in environment.FASHION_PARTS)


def test_report_counts_what_failed(capsys):
    environment.report([Result("OK", "this"), Result("FAIL", "that", "fix it"), Result("NOTE", "by the way")])
    *rows, last = capsys.readouterr().out.splitlines()
    assert rows == ["OK    this", "FAIL  that. Remedy: fix it", "NOTE  by the way"]
    assert re.search(r"\b1\b.*\bFAIL\b", last)
