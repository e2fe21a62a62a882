"""What all tests share. Keras reads KERAS_HOME when it's imported, so that is set before any test is."""

import atexit
import gc
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import hypothesis
import pytest

from tests import scheduling
from tests.web import web_server

PROJECT = Path(__file__).resolve().parents[1]
STORED = PROJECT.parent / "shared" / "keras-home"  # Fashion-MNIST for machines without a network, if there
FASHION_FILES = "train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"


def make_keras_home(folder: Path) -> Path:
    """A Keras home in the new folder `folder`: with the stored files where there are any, else empty."""
    if STORED.is_dir():
        shutil.copytree(STORED, folder)
    else:
        folder.mkdir(parents=True)
    return folder


# Not in a hook: the conftest of a folder that is named on the command line is imported before any is called.
SCRATCH = Path(tempfile.mkdtemp(prefix="freeze-tests-"))
atexit.register(shutil.rmtree, SCRATCH, True)
os.environ["KERAS_HOME"] = str(make_keras_home(SCRATCH / "keras"))
for variable in ("IPYTHONDIR", "MPLCONFIGDIR"):  # what is in one's own folders changes nothing here
    os.environ[variable] = str(SCRATCH / variable.lower())
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["MPLBACKEND"] = "agg"  # no window, on any machine
if "PYTEST_XDIST_WORKER" in os.environ:  # one process for each core: more threads would be in each other's way
    for pool in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(pool, "1")


_frozen = {"at most": 0}

hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("exhaustive"):
            item.add_marker(pytest.mark.slow)
    items.sort(key=scheduling.order)


def pytest_collection_finish():
    """What is imported by now stays to the end, so that no collection has to look through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def only_its_own_garbage():
    """The collections that panels and engines ask for look through what this test has made, not all before it."""
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def no_heap_of_garbage():
    """What tests have left in cycles is frozen with the rest: thrown away when there is much that is frozen."""
    yield
    if gc.get_freeze_count() > _frozen["at most"]:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        _frozen["at most"] = gc.get_freeze_count() + 1_000_000  # objects: some 200 MB


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False  # the order is that of `pytest_collection_modifyitems`
    return scheduling.ByFile(config, log)


def loaded(name: str):
    """The module of this name, if some test has imported it: most tests need no TensorFlow."""
    assert (PROJECT / f"{name.replace('.', '/')}.py").is_file(), name
    return sys.modules.get(name)


@pytest.fixture(autouse=True, scope="module")
def no_own_models():
    """What a module's tests have taken up as a network of their own is no name in other modules' tests."""
    yield
    if module := loaded("utils.user_model.model"):  # a panel that is still open would keep them
        module._known.clear()
        pairs, backbones = loaded("utils.tasks.pairs"), loaded("utils.models.backbones")
        for name in [name for name in pairs.PAIRS if pairs.is_own(name)]:
            for table in (pairs._RECIPES, pairs.PAIRS, pairs.PAIR_OPTIONS):
                table.pop(name, None)
        for name in set(backbones.BACKBONES) - set(backbones.BUILT_IN):
            backbones.BACKBONES.pop(name, None)


@pytest.fixture(autouse=True, scope="session")
def many_idle_engines():
    """Tests change from strategy to strategy, and tracing an engine anew takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patch:
        if pool := loaded("utils.training.pool"):
            patch.setattr(pool, "IDLE_AT_MOST", 16)
            patch.setattr(pool, "LAYERS_AT_MOST", 400)
        yield


@pytest.fixture
def forget_uci():
    """The UCI sentences aren't kept in memory, before the test and after it."""
    from utils.text import uci

    uci._sentences.cache_clear()
    yield
    uci._sentences.cache_clear()


@pytest.fixture(scope="module")
def few_images():
    """Trainings measure on 100 images where they measure on 500 or 1,000: most of a short run's time is measuring."""
    from utils.training import evaluation, loop

    def measured_on_few(engine, pair, checkpoint):
        return evaluation.Evaluation(engine, _few(pair), checkpoint)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "Evaluation", measured_on_few)
        yield


@pytest.fixture
def all_images(monkeypatch):
    """For a test of a module that uses `few_images`: measured as everywhere else."""
    from utils.training import evaluation, loop

    monkeypatch.setattr(loop, "Evaluation", evaluation.Evaluation)


@cache
def _few(pair):
    """The pair with its first 100 validation and test images."""

    def cut(task):
        parts = ("x_validation", "y_validation", "x_test", "y_test")
        return replace(task, **{part: getattr(task, part)[:100] for part in parts})

    return replace(pair, old=cut(pair.old), new=cut(pair.new))


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def keras_home() -> Path:
    """The Keras home of all tests in this process. A test that spoils files takes `new_keras_home`."""
    return Path(os.environ["KERAS_HOME"])


@pytest.fixture
def new_keras_home(tmp_path) -> Path:
    """A fresh Keras home for a process that the test starts: pass it on as KERAS_HOME."""
    return make_keras_home(tmp_path / "keras-home")


@pytest.fixture(scope="session")
def fashion_mnist(keras_home) -> Path:
    """Fashion-MNIST in the Keras home, fetched if need be; a skip where that can't be done."""
    folder = keras_home / "datasets" / "fashion-mnist"
    if not all((folder / f"{part}-ubyte.gz").exists() for part in FASHION_FILES):
        from keras.datasets import fashion_mnist

        try:
            fashion_mnist.load_data()
        except Exception as error:  # whatever Keras makes of a missing network
            pytest.skip(f"Fashion-MNIST can't be fetched, no network? {error}")
    return folder


@pytest.fixture
def pair(request):
    """`load_pair`, with a skip where a pair needs Fashion-MNIST and that can't be had."""
    from utils.tasks import load_pair

    def load(name, **settings):
        if "fashion" in name:
            request.getfixturevalue("fashion_mnist")
        return load_pair(name, **settings)

    return load


@pytest.fixture
def no_network(monkeypatch):
    """No name is found and no connection made, except on this machine."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo
    here = ("127.0.0.1", "::1", "localhost")

    def refuse(sock, address):
        if isinstance(address, tuple) and address[0] not in here:
            raise OSError(101, "Network is unreachable (made so by this test)")
        return connect(sock, address)

    def unknown(host, *args, **kwargs):
        if host not in here:
            raise socket.gaierror(-2, "Name or service not known (made so by this test)")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def start(project, keras_home):
    """Starts Python with these arguments in a process of its own, and gives what it printed."""

    def start(*arguments, stdin="") -> str:
        environment = os.environ | {"PYTHONPATH": str(project), "KERAS_HOME": str(keras_home)}
        command = [sys.executable, *map(str, arguments)]
        done = subprocess.run(command, cwd=project, input=stdin, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return start


@pytest.fixture
def web():
    """A web server on this machine: see `tests.web`."""
    with web_server() as server:
        yield server
