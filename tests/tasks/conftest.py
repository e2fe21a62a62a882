"""What the tests of the tasks share."""

import hashlib
import importlib

import pytest


@pytest.fixture(scope="session")
def fingerprints():
    """One digest for each example of an array."""
    return lambda images: [hashlib.sha256(image.tobytes()).hexdigest() for image in images]


@pytest.fixture
def fashion_module():
    """The module, since utils.tasks.fashion is also the name of its function."""
    return importlib.import_module("utils.tasks.fashion")


@pytest.fixture
def forget_loaded(fashion_module):
    """Nothing loaded is kept in memory, before the test and after it."""
    pairs = importlib.import_module("utils.tasks.pairs")

    def forget():
        pairs._load.cache_clear()
        fashion_module.fashion.cache_clear()

    forget()
    yield forget
    forget()


@pytest.fixture
def empty_home(monkeypatch, tmp_path, fashion_module, forget_loaded):
    """An empty Keras home, and no other place to find files in."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.setattr(fashion_module, "_folders", lambda: [home / "datasets" / "fashion-mnist"])
    return home
