"""Where a name is due, the thing itself can be given: tasks, network, strategy."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.comparing import assert_same, settings_for
from utils import STRATEGIES, FreezeBoard, RacePlan, Run, Settings, Strategy, StrategyRace, load_pair, race, run
from utils.models import BACKBONES, checkpoint_weights, keep_checkpoint
from utils.strategies import SettingsError
from utils.tasks import PAIRS, Task, TaskPair

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_images")]
MINE = Strategy("mine", trains=("top", "new_head"), losses=("new task", "features"), weight=0.1)


@pytest.fixture(autouse=True)
def tables():
    """What is entered is gone afterwards."""
    before = [(table, dict(table)) for table in (STRATEGIES, BACKBONES)]
    yield
    for table, content in before:
        table.clear()
        table.update(content)


def test_a_thing_and_its_name_are_one():
    named = settings_for()
    given = settings_for(pair=load_pair(), backbone=BACKBONES["small_cnn"], strategy=STRATEGIES["fine-tuning"])
    assert given == named and hash(given) == hash(named) and given.to_text() == named.to_text()
    assert Settings(pair=load_pair("digits-drawings", dissimilarity=0.25)).to_text() == (
        "pair=digits-drawings; strategy=fine-tuning; dissimilarity=0.25"
    )


def test_a_strategy_that_is_in_no_table_trains():
    settings = settings_for(strategy=MINE)
    made = run(settings)
    assert settings.strategy == "mine" and settings.layers == ("dense", "new_head") and "mine" not in STRATEGIES
    assert np.flatnonzero(made.history["drift"][-1]).tolist() == [3, 5]
    STRATEGIES["mine"] = MINE
    assert_same(run(settings_for(strategy="mine")), made)
    assert_same(run(settings.replace(seed=0)), made)
    with pytest.raises(SettingsError, match="^strategy='yours'"):
        settings.replace(strategy="yours")


def test_tasks_and_a_network_that_are_in_no_table(tmp_path):
    plane = load_pair("plane")
    swapped = TaskPair("rings first", plane.new, plane.old, "rings, then moons")
    network = replace(BACKBONES["small_mlp"], name="their_mlp")
    settings = Settings(swapped, network, updates=20, evaluate_every=20)
    made = run(settings)
    assert made.old_accuracy_before > 0.8 and "rings first" not in PAIRS and "their_mlp" not in BACKBONES
    saved = Run.load(made.save(tmp_path / "run.json"))
    assert saved.layer_names == made.layer_names and saved.settings.examples == "examples"
    with pytest.raises(SettingsError, match="^dissimilarity=0.5 .*'rings first'"):
        settings.replace(pair_options={"dissimilarity": 0.5})
    with pytest.raises(SettingsError, match=r"^backbone='small_cnn' .*'rings first'"):
        settings.replace(backbone=BACKBONES["small_cnn"])


def test_panels_and_races_find_them_by_their_names():
    board = FreezeBoard(settings_for(strategy=MINE))
    assert board.run().settings.row is MINE
    plan = RacePlan(settings_for(), ["fine-tuning", MINE])
    last = list(race(plan))[-1].runs()
    assert [result.settings.strategy for result in last] == ["fine-tuning", "mine"]
    other = replace(MINE, weight=0.2)
    with pytest.raises(SettingsError, match="strategies=.*'mine', 'mine'"):
        RacePlan(settings_for(), [MINE, other])
    assert FreezeBoard(settings_for(strategy=other)).settings.row is STRATEGIES["mine"] is other
    impostor = replace(MINE, name="fine-tuning")
    with pytest.raises(SettingsError, match="strategy='fine-tuning'"):
        FreezeBoard(settings_for(strategy=impostor))


def test_two_networks_of_one_name_are_two():
    """Each starts from a checkpoint of its own, and is measured by its own features."""
    settings, pair = Settings("plane", strategy="feature extraction", updates=20, evaluate_every=20), load_pair("plane")
    known = run(settings)
    silent = replace(BACKBONES["small_mlp"], description="the same, with all weights 0")
    weights = checkpoint_weights(pair.old, "small_mlp")
    keep_checkpoint(pair.old, silent, {name: [0 * array for array in arrays] for name, arrays in weights.items()})
    other = run(settings.replace(backbone=silent))
    assert other.old_accuracy_before == pytest.approx(0.5, abs=0.05) and known.old_accuracy_before > 0.9
    assert other.forgetting == known.forgetting == 0
    assert_same(run(settings), known)


def test_a_pair_of_the_table_is_its_name_and_options():
    quarter, half = {"dissimilarity": 0.25}, {"dissimilarity": 0.5}
    given = Settings(load_pair(**quarter))
    assert given == Settings(pair_options=quarter) == Settings(load_pair(**quarter), pair_options=quarter)
    assert given.replace(pair_options=half) == Settings(pair_options=half)
    assert given.replace(pair_options=half).tasks().options == (("dissimilarity", 0.5),)
    for pair in (load_pair(), load_pair(**quarter)):
        with pytest.raises(SettingsError, match="^dissimilarity=0.5 "):
            Settings(pair, pair_options=half)


def test_another_thing_of_the_same_name_makes_other_settings():
    head_only = Strategy("fine-tuning", trains=("new_head",))
    assert Settings(backbone=replace(BACKBONES["small_cnn"], build=BACKBONES["small_resnet"].build)) != Settings()
    assert Settings(strategy=head_only) != Settings() != settings_for(strategy=MINE)
    assert len({Settings(strategy=head_only), Settings(strategy=head_only), Settings()}) == 2
    assert Settings(strategy=replace(STRATEGIES["fine-tuning"], idea="in other words")) == Settings()


def test_what_a_panel_cannot_train_is_refused_and_spoils_nothing(tmp_path):
    values = run(settings_for(updates=1)).to_dict()
    values["settings"]["backbone"] = "theirs"
    values["layers"][0] = "other"
    loaded = Run.from_dict(values)
    plane = load_pair("plane")
    for panel in (FreezeBoard, StrategyRace):
        with pytest.raises(SettingsError, match="backbone='theirs'"):
            panel(loaded.settings)
    for changed in (TaskPair("plane", plane.new, plane.old, "swapped"), replace(plane, old=plane.new)):
        with pytest.raises(SettingsError, match="^pair='plane' "):
            Settings(changed)
    assert Settings().backbone == "small_cnn" and "theirs" not in BACKBONES
    with pytest.raises(ValueError, match="of your own"):
        loaded.to_keras_code()


def test_tasks_that_no_backbone_takes_are_named():
    rows = np.zeros((30, 4, 2), np.float32) + np.arange(30, dtype=np.float32)[:, None, None]
    parts = {f"x_{part}": rows + 100 * i for i, part in enumerate(("train", "validation", "test"))}
    labels = {f"y_{part}": np.arange(30, dtype=np.int32) % 2 for part in ("train", "validation", "test")}
    task = Task(name="rows", class_names=("even", "odd"), **parts, **labels)
    with pytest.raises(SettingsError, match=r"backbone=None .*\(4, 2\).*own_model"):
        Settings(TaskPair("rows", task, task, "rows twice"))


@pytest.mark.parametrize("wrong", [{"keeps_copy": 1}, {"idea": None}, {"words": {"new task": 5}}, {"name": 3}])
def test_a_row_that_could_not_be_read_back_is_refused(wrong):
    (field,) = wrong
    with pytest.raises(ValueError, match=f"^{field}="):
        Strategy(**{"name": "mine", "trains": ("new_head",)} | wrong)
    assert Strategy.from_dict(MINE.to_dict(BACKBONES["small_cnn"])) == MINE
