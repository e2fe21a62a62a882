"""The board on a network of the reader's own."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.waiting import wait_until
from utils import FreezeBoard, StrategyRace, own_model
from utils.user_model.checks import OwnModelError
from utils.widgets.form import SettingsForm
from utils.widgets.message import Message

RNG = np.random.default_rng(5)
X = RNG.random((200, 8, 8, 1), dtype=np.float32)
OLD = X[:100], (X[:100, 0, 0, 0] > 0.5).astype(int)
NEW = X[100:], (X[100:, 4, 4, 0] > 0.5).astype(int)


def network(depth=2):
    keras.utils.set_random_seed(0)
    parts = [layers.Conv2D(3, 3, padding="same", name=f"stage{i // 4}_conv{i}") for i in range(depth)]
    return keras.Sequential([keras.Input((8, 8, 1)), *parts, layers.Flatten(), layers.Dense(2)], name="mine")


@pytest.fixture
def board(opened):
    quick = {"updates": 24, "evaluate_every": 8, "batch_size": 16}
    return lambda depth=2: opened(FreezeBoard.for_model(network(depth), OLD, NEW, quick))


@pytest.mark.slow
def test_its_blocks_are_the_switches_and_its_run_is_kept(board):
    panel = board()
    panel.press("Start")
    wait_until(lambda: panel.board.runs)
    made = panel.board.runs[-1]
    assert made.settings.pair.startswith("mine-") and made.updates == 24
    assert made.layer_names == ("stage0_conv0", "stage0_conv1", "old_head", "new_head")


@pytest.mark.slow
def test_it_races_too():
    """And panels that are made later offer it no more than before."""
    quick = {"updates": 8, "evaluate_every": 8, "batch_size": 16}
    mine = own_model(network(), OLD, NEW)
    race = StrategyRace(mine.settings(**quick), ["fine-tuning", "feature extraction"])
    assert [made.settings.pair for made in race.run()] == [mine.name, mine.name]
    assert mine.name not in SettingsForm(print, print, print, Message("1px"))._fields["pair"].options


@pytest.mark.slow
def test_no_other_tasks_are_offered(board):
    panel = board()
    assert panel.field("tasks").options == (panel.board.settings.pair,)


@pytest.mark.slow
def test_a_long_network_is_opened_on_the_board(board):
    panel = board(12)
    field = panel.field("network")
    names = [option[1] if isinstance(option, tuple) else option for option in field.options]
    assert [name.split(".")[-1] for name in names[1:]] == ["stage0", "stage1", "stage2"]
    field.value = names[2]
    panel.press("Start")
    wait_until(lambda: panel.board.runs)
    assert panel.board.runs[-1].layer_names[:3] == ("before", "stage1_conv4", "stage1_conv5")


@pytest.mark.slow
def test_what_cannot_be_taken_up_is_told_at_once():
    with pytest.raises(OwnModelError, match=r"'network\.h5' .*only \.keras"):
        FreezeBoard.for_model("network.h5", OLD, NEW)
