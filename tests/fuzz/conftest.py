import pytest

from tests.fuzz.watch import Watch
from utils.widgets import board_wishes


@pytest.fixture
def watch(monkeypatch):
    """Prints its figures at the end, and fails with the faults."""
    watch = Watch(monkeypatch)
    yield watch
    print(watch.figures())
    assert not watch.faults, "\n".join(["", *watch.faults[:40]])


@pytest.fixture
def quick(few_images, no_network, tmp_path, monkeypatch):
    """Runs measure few images, nothing is fetched or traced ahead, saved runs go to a folder of the test's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(board_wishes, "prepare", lambda *given: None)
