"""Stored runs with five seeds: taken for the very settings alone, said to be stored, and, for a sample, made again."""

import json

import pytest

from utils.strategies import Change, Settings, SettingsError
from utils.sweeps import run_seeds, seeds
from utils.sweeps.crews import Here
from utils.sweeps.making import making
from utils.training import run

SMALL = Settings(strategy="feature extraction", updates=2, evaluate_every=2, new_images=20)
SWITCHED = ((1, Change(learning_rate=0.01)),)


def test_each_stored_group_is_one_setting_with_five_seeds():
    for (settings, events), runs in seeds.stored_runs().items():
        assert [result.settings for result in runs] == [settings.replace(seed=seed) for seed in range(5)]
        assert {result.events for result in runs} == {events}
        assert {result.status for result in runs} == {"finished"}
    assert len(seeds.stored_runs()) == len(seeds.store()["runs"])
    assert seeds.store()["command"] == "python -m utils.sweeps.seeds"


def test_stored_runs_are_taken_and_said_to_be_stored():
    heard = []
    for wanted, events in (next(iter(seeds.stored_runs())), next(key for key in seeds.stored_runs() if key[1])):
        runs = run_seeds(wanted.replace(seed=3), log=heard.append, schedule=events)
        assert runs == list(seeds.stored_runs()[wanted, events])
    assert heard[-1] == f"stored on {seeds.store()['date'][:10]}, five seeds: {wanted.to_text()}"


def test_layers_that_train_already_are_no_switch():
    """A run doesn't record them, so a stored run is found whether or not they are named."""
    heard = []
    settings = Settings(trained_layers=["new_head"], standardize=True, head_l2=0.001).until_converged()
    for change in ({"learning_rate": 0.01}, {"trained_layers": ["new_head"], "learning_rate": 0.01}):
        run_seeds(settings, log=heard.append, schedule=[(200, change)])
    assert all(line.startswith("stored on ") for line in heard)


@pytest.mark.slow
def test_other_settings_are_run_here():
    heard = []
    runs = run_seeds(SMALL, log=heard.append)
    assert [result.settings for result in runs] == [SMALL.replace(seed=seed) for seed in range(5)]
    assert heard[0].startswith("made here in ") and heard[0].endswith(SMALL.to_text())


@pytest.mark.slow
def test_a_saved_store_gives_the_same_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(seeds, "STORED", tmp_path / "seeds.json")
    heard = []
    with making(seeds.STORED, heard.append, Here()) as made_here:
        made = seeds.make([(SMALL, ()), (SMALL, SWITCHED)], "a test", made_here.runs)
        partial = list(tmp_path.iterdir())
        seeds.save(made, seeds.STORED)
    assert heard[-1] == "10/10" and len(partial) == 1 and list(tmp_path.iterdir()) == [seeds.STORED]
    try:
        assert seeds.store() == json.loads(json.dumps(made))
        assert [[result.to_dict() for result in runs] for runs in seeds.stored_runs().values()] == made["runs"]
        assert [events for _, events in seeds.stored_runs()] == [(), SWITCHED]
        seeds.STORED.write_text('{"format": 0}')
        seeds.store.cache_clear()
        with pytest.raises(SettingsError, match="format: seeds.json isn't a store of this version"):
            seeds.store()
    finally:
        seeds.store.cache_clear()
        seeds.stored_runs.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "strategy=feature extraction; learning_rate=0.01; updates=150; evaluate_every=150",
        pytest.param(
            "strategy=learning without forgetting; updates=150; warm_up=50; old_loss_weight=1; evaluate_every=150",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_a_sample_of_the_stored_runs_made_again(text):
    stored = seeds.stored_runs()[Settings.from_text(text), ()][2]
    again = run(stored.settings)
    # Another processor rounds otherwise, and updates of the backbone make much of little.
    frozen = stored.settings.strategy == "feature extraction"
    assert again.new_accuracy == pytest.approx(stored.new_accuracy, abs=0.005 if frozen else 0.05)
    assert again.old_accuracy == pytest.approx(stored.old_accuracy, abs=0.005 if frozen else 0.2)
    assert again.old_accuracy_before == pytest.approx(stored.old_accuracy_before, abs=0.005)
