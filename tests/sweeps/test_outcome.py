import json

import pytest

from tests.strategies.own_term import EWC
from utils.strategies import Settings, SettingsError
from utils.sweeps import Outcome, Sweep
from utils.training import run

pytestmark = pytest.mark.slow  # what its tests share takes seconds

QUICK = Settings("plane", learning_rate=0.1, updates=6, new_images=60, batch_size=16, evaluate_every=6)


@pytest.fixture(scope="module")
def made():
    wanted = [QUICK, QUICK.replace(strategy="joint training", seed=1)]
    return Sweep.now([Outcome.from_run(run(settings)) for settings in wanted], "python -m it", {"why": "a test"})


@pytest.mark.slow
def test_an_outcome_is_what_the_run_came_to(made):
    outcome, result = made.outcomes[0], run(QUICK)
    assert (outcome.settings, outcome.status, outcome.old, outcome.new) == (
        QUICK, "finished", result.old_accuracy, result.new_accuracy
    )  # fmt: skip
    assert (outcome.old_validation, outcome.new_validation) == (
        result.history["old_accuracy"][-1], result.history["new_accuracy"][-1]
    )  # fmt: skip
    assert outcome.forgetting == pytest.approx(result.forgetting) and abs(result.forgetting) > 1


def test_a_frame_has_a_row_for_each_run(made):
    frame = made.frame()
    assert list(frame["strategy"]) == ["fine-tuning", "joint training"] and list(frame["seed"]) == [0, 1]
    assert frame.loc[0, "old"] == 100 * made.outcomes[0].old
    assert frame.loc[1, "forgetting"] == pytest.approx(made.outcomes[1].forgetting)


def test_a_sweep_is_saved_whole_and_read_again(made, tmp_path):
    path = tmp_path / "sweep.json"
    made.save(path)
    assert Sweep.load(path) == made
    assert [file.name for file in tmp_path.iterdir()] == ["sweep.json"]
    outcome = Outcome.from_run(run(QUICK.replace(strategy=EWC, loss_options={"floor": 0.5})))
    held = Sweep.now([outcome], "python -m it")
    held.save(path)  # a strategy that no table has
    (there,) = Sweep.load(path).outcomes
    assert there.settings.row.losses[1].name == "importance" and not there.settings.row.known
    assert there.settings.to_dict() == held.outcomes[0].settings.to_dict() and there.new == held.outcomes[0].new
    assert made.versions["keras"] and made.command == "python -m it" and made.date.startswith("20")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda v: v.update(format=99), "format"),
        (lambda v: v["outcomes"][0].update(old=1.5), "old=1.5 is not allowed"),
        (lambda v: v["outcomes"][0].update(old="__import__('os')"), "is not allowed"),
        (lambda v: v["outcomes"][0].pop("new"), "expected the fields"),
        (lambda v: v["outcomes"][1]["settings"].update(strategy="magic"), "strategy='magic' is not allowed"),
    ],
)
def test_a_file_that_was_altered_is_refused(made, tmp_path, spoil, message):
    path = tmp_path / "sweep.json"
    made.save(path)
    values = json.loads(path.read_text())
    spoil(values)
    path.write_text(json.dumps(values))
    with pytest.raises(SettingsError) as error:
        Sweep.load(path)
    assert message in str(error.value)
