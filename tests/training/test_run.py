"""A run is kept, saved, loaded and read back; a file that was altered is refused in plain words."""

import copy
import json
import math
import os
import pickle
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.comparing import assert_same, live, settings_for
from utils.plots import describe, plot_plane, plot_run
from utils.strategies import Change, SettingsError
from utils.training import Run, held_weights, train
from utils.training import run as run_again

pytestmark = pytest.mark.slow  # what its tests share takes seconds

FIRST_EDITION = Path(__file__).parent / "saved_runs"
SCHEDULE = [
    (4, Change(("conv3", "new_head"), 5e-4)),
    (9, Change(learning_rate=2e-3)),
    (15, Change(stop=True)),
]


@pytest.fixture(scope="module")
def made():
    """A run with a warm-up, switched and stopped."""
    return live(settings_for("adam", warm_up=3, pair_options={"dissimilarity": 0.5}), SCHEDULE)


@pytest.fixture
def plain(made):
    """What its file holds, to be spoilt."""
    return json.loads(json.dumps(made.to_dict()))


def refused(values) -> str:
    with pytest.raises(SettingsError) as caught:
        Run.from_text(json.dumps(values))
    assert type(caught.value) is SettingsError
    return str(caught.value)


# There and back


@pytest.mark.slow
def test_a_saved_run_comes_back_whole(made, tmp_path):
    path = made.save(tmp_path / "kept" / "my run.json")
    back = Run.load(str(path))
    assert path == tmp_path / "kept" / "my run.json"
    assert_same(back, made)
    assert back.seconds == made.seconds and back.settings == made.settings
    assert back.events == made.events == tuple(SCHEDULE)
    assert repr(back) == repr(made)
    assert back.trained_spans() == made.trained_spans()
    assert_same(run_again(back.settings, back.events), made)
    assert [file.name for file in path.parent.iterdir()] == ["my run.json"]


def test_all_of_a_run_is_in_its_file(made, plain):
    assert plain["format"] == 2
    assert set(plain) - {"format", "strategy", "layers", "examples"} == set(made.__dataclass_fields__) - {"held"}
    assert plain["layers"] == list(made.layer_names) and plain["strategy"]["losses"] == ["new task"]
    assert len(plain["history"]["training_loss"]) == 15
    assert plain["events"][0] == [4, {"trained_layers": ["conv3", "new_head"], "learning_rate": 5e-4}]
    assert {"keras", "numpy"} <= set(plain["versions"])


def test_a_table_of_the_curves(made):
    frame = made.to_frame()
    assert frame.index.tolist() == [0, 8, 15] and frame.index.name == "update"
    drifts = [f"drift_{name}" for name in made.layer_names]
    assert frame.columns.tolist() == ["old_accuracy", "new_accuracy", "old_loss", "new_loss", *drifts]
    assert frame["new_accuracy"].tolist() == made.history["new_accuracy"].tolist()
    assert frame["drift_conv3"].tolist() == made.history["drift"][:, 2].tolist()


def test_a_run_in_a_line(made):
    assert repr(made).startswith("Run('pair=digits-drawings; strategy=fine-tuning; ")
    assert re.search(r"\bstopped\b.*\b15 updates\b.*\bold task 96\.4 ", repr(made))
    assert repr(Run(made.settings)) == f"Run({made.settings.to_text()!r}, training, 0 updates)"


def test_forgetting_is_before_minus_after_in_points(made):
    def forgetting_of(before, after):
        return Run(made.settings, old_accuracy_before=before, old_accuracy=after, new_accuracy=0.5).forgetting

    assert forgetting_of(0.9, 0.65) == pytest.approx(25)
    assert forgetting_of(0.6, 0.7) == pytest.approx(-10)
    assert forgetting_of(0.9, None) is None and forgetting_of(None, 0.9) is None


# Saving


def test_saving_replaces_what_was_there(made, tmp_path):
    path = tmp_path / "run.json"
    path.write_text("something else")
    made.save(path)
    assert_same(Run.load(path), made)


def test_a_failing_save_keeps_the_old_file(made, tmp_path, monkeypatch):
    path = Run(made.settings, history=made.history, message="an older one").save(tmp_path / "run.json")
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="No space left"):
            made.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"]
    not_finite = copy.copy(made)
    object.__setattr__(not_finite, "seconds", math.nan)
    with pytest.raises(ValueError, match="JSON compliant"):
        not_finite.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"]


# What is refused


def test_a_file_cut_anywhere_is_refused(made, tmp_path):
    whole = made.save(tmp_path / "run.json").read_bytes()
    for end in (0, 1, 10, len(whole) // 3, len(whole) // 2, len(whole) - 1):
        path = tmp_path / "cut.json"
        path.write_bytes(whole[:end])
        with pytest.raises(SettingsError, match="^run: .*complete JSON"):
            Run.load(path)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\x00\x01",
        b"PK\x03\x04",
        b"[" * 100_000,
        b'{"format": ' + b"9" * 5000 + b"}",
        pickle.dumps({"format": 1}),
    ],
    ids=["no text", "zip", "deep", "long number", "pickle"],
)
def test_another_kind_of_file_is_refused(data, tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(data)
    with pytest.raises(SettingsError, match="run: "):
        Run.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.json"):
        Run.load(tmp_path / "nowhere.json")


@pytest.mark.parametrize("values", [[], 5, None, "run", {}, {"format": 3}, {"format": "1"}, {"format": 1.5}], ids=repr)
def test_another_format_is_refused(values):
    assert re.search(r"^format: .*\bformat 2\b", refused(values))


def test_what_is_missing_is_named(plain):
    for name in set(plain) - {"format", "old_balanced_accuracy", "new_balanced_accuracy"}:
        assert f"{name}: missing" in refused({key: value for key, value in plain.items() if key != name})


def test_what_is_too_much_is_named(plain):
    assert "color" in refused(plain | {"color": "blue"})
    plain["settings"]["color"] = "blue"
    assert "field='color' " in refused(plain)


WRONG = {
    "settings": [None, 5, [], "pair=digits-drawings", {"seed": -1}, {"trained_layers": 5}],
    "events": [5, None, "no", [5], [[1]], [[1, 5]], [[1, {"rate": 1}]], [[-1, {}]], [[1.5, {}]], [["1", {}]]],
    "history": [5, None, [], {}, "no", {"update": [0]}],
    "status": [None, 5, "", "done", ["finished"], {}],
    "message": [None, 5, ["a"]],
    "old_accuracy_before": ["0.9", True, [0.9], math.nan, math.inf, 1.5, -0.1],
    "old_accuracy": ["0.9", True, {}, math.nan, 10**400, 101],
    "new_accuracy": ["0.9", False, {}, -math.inf, 7],
    "seconds": [None, "1", True, math.nan, math.inf, -1],
    "trained_parameters": [None, 1.5, "1", True, -1],
    "total_parameters": [None, 1.5, "1", False, -1],
    "versions": [None, [], "keras", 5],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]], ids=repr
)
def test_a_wrong_value_is_named(name, value, plain):
    message = refused(plain | {name: value})
    other = {"settings": next(iter(value), name) if isinstance(value, dict) else name, "events": "schedule"}
    assert name in message or other.get(name, name) in message or (name == "events" and "change" in message)


@pytest.mark.parametrize(
    "layers",
    [["conv9"], ["stage1"], [], ["old_head"], ["conv1", "conv1"], [5], [["conv1"]], [None]],
    ids=repr,
)
def test_an_event_of_layers_that_can_t_be_is_refused(layers, plain):
    assert "trained_layers" in refused(plain | {"events": [[2, {"trained_layers": layers}]]})


CURVES = ["update", "old_accuracy", "new_accuracy", "old_loss", "new_loss", "drift", "training_loss"]
POINTS = {  # in place of three numbers
    "too few": [0.1, 0.2],
    "too many": [0.1, 0.2, 0.3, 0.4],
    "none": [],
    "a number": 5,
    "nothing": None,
    "a text": "0.1",
    "a mapping": {"0": 1},
    "texts": ["0", "8", "15"],
    "flags": [True, False, True],
    "ragged": [0.1, [0.2], 0.3],
    "a gap": [0.1, None, 0.3],
    "nan": [0.1, math.nan, 0.3],
    "infinite": [0.1, math.inf, 0.3],
    "huge": [0, 10**400, 15],
    "a column": [[0.1], [0.2], [0.3]],
}


@pytest.mark.parametrize(
    ("curve", "points"),
    [
        (curve, points)
        for curve in CURVES
        for points in POINTS
        if curve != "training_loss" or points not in ("too few", "too many", "none")  # as long as the run was
    ],
)
def test_a_wrong_curve_is_named(curve, points, plain):
    plain["history"][curve] = POINTS[points]
    assert "history: " in refused(plain)


def test_curves_missing_or_too_many_are_named(plain):
    short = plain | {"history": {name: plain["history"][name] for name in CURVES[1:]}}
    assert "history: expected the arrays" in refused(short) and "update" in refused(short)
    assert "history: expected the arrays" in refused(plain | {"history": plain["history"] | {"color": [1, 2, 3]}})


def test_updates_are_whole_numbers(plain):
    plain["history"]["update"] = [0, 8.5, 15]
    assert "history: update" in refused(plain)


def test_curves_of_other_layers_don_t_fit(plain):
    plain["events"] = []
    plain["settings"]["backbone"] = "small_resnet"  # which is another one here
    assert Run.from_dict(plain).layer_names[0] == "conv1"
    plain["history"]["drift"] = [row[:-1] for row in plain["history"]["drift"]]
    assert re.search(r"history: drift .*\(3, 6\)", refused(plain))


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=6,
)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=150)
def test_whatever_is_altered_gives_a_run_or_a_settings_error(made, data):
    values = json.loads(json.dumps(made.to_dict()))
    inside = data.draw(st.sampled_from([values, values["settings"], values["history"]]))
    inside[data.draw(st.sampled_from(sorted(inside)))] = data.draw(anything)
    try:
        loaded = Run.from_text(json.dumps(values))
    except SettingsError as caught:
        assert str(caught)
    else:
        assert_same(Run.from_dict(json.loads(json.dumps(loaded.to_dict(), allow_nan=False))), loaded)
        loaded.to_frame(), loaded.trained_spans(), repr(loaded)


def test_nothing_in_a_file_is_executed(plain, tmp_path):
    trace = tmp_path / "executed"
    evil = f"__import__('os').mkdir({str(trace)!r})"
    for name in plain:
        if name not in ("message", "versions"):
            refused(plain | {name: evil})
    harmless = plain | {"message": evil, "versions": {evil: evil}}
    assert Run.from_text(json.dumps(harmless)).message == evil
    repr(Run.from_dict(harmless))
    assert not trace.exists()


@pytest.mark.parametrize("path", sorted(FIRST_EDITION.glob("*.json")), ids=lambda path: path.stem)
def test_runs_saved_by_the_first_edition_are_read(path):
    loaded = Run.load(path)
    values = json.loads(path.read_text("utf-8"))
    fields = {name.replace("unlikeness", "dissimilarity"): value for name, value in values["settings"].items()}
    options = {name: fields.pop(name) for name in ("dissimilarity", "old_shape", "new_shape", "noise", "distance")}
    options = {name: value for name, value in options.items() if value is not None}
    assert values["format"] == 1 and fields.items() <= loaded.settings.to_dict().items()
    assert dict(loaded.settings.pair_options or ()) == options
    assert loaded.new_accuracy == values["new_accuracy"]
    assert_same(Run.from_text(json.dumps(loaded.to_dict())), loaded)


def foreign(plain):
    """A file of another process: its strategy, its network and its tasks are known there alone."""
    row = plain["strategy"] | {"name": "mine", "losses": ["new task", "features"], "weight": 0.25}
    layers = ["first block", "second", *plain["layers"][2:]]
    names = {"strategy": "mine", "backbone": "theirs-1a2b", "pair": "theirs-1a2b", "pair_options": None}
    events = [[4, {"trained_layers": ["second", "new_head"]}]]
    settings = plain["settings"] | names
    return plain | {"strategy": row, "layers": layers, "settings": settings, "events": events, "examples": "examples"}


def test_what_this_process_does_not_know_is_loaded_drawn_and_compared(plain, made):
    loaded = Run.from_text(json.dumps(foreign(plain)))
    assert loaded.layer_names == ("first block", "second", "conv3", "dense", "old_head", "new_head")
    assert loaded.settings.row.weight == loaded.settings.protection == 0.25
    assert loaded.trained_spans()["second"] == [(3, 15)] and loaded.trained_spans()["first block"] == [(3, 4)]
    assert loaded.to_frame()["drift_second"].tolist() == made.history["drift"][:, 1].tolist()
    assert "test examples" in describe(loaded)
    assert [text.get_text() for text in plot_run(loaded).axes[2].get_yticklabels()][:2] == ["firs…lock", "second"]
    plot_plane([made, loaded])
    assert_same(Run.from_text(json.dumps(loaded.to_dict())), loaded)
    assert pickle.loads(pickle.dumps(loaded.settings)) == loaded.settings == loaded.settings.replace()


def test_a_strategy_of_a_known_name_stays_what_it_was(plain):
    plain["strategy"]["losses"], plain["strategy"]["weight"] = ["new task", "weights"], 0.125
    loaded = Run.from_text(json.dumps(plain))
    assert loaded.settings.strategy == "fine-tuning"
    assert [term.name for term in loaded.settings.row.losses] == ["new task", "weights"]
    assert loaded.settings.protection == loaded.settings.replace(seed=3).protection == 0.125


def test_what_is_missing_to_run_it_again_is_said(plain):
    unknown = Run.from_text(json.dumps(foreign(plain)))
    with pytest.raises(SettingsError, match="pair='theirs-1a2b'"):
        run_again(unknown.settings)
    tasks_known = foreign(plain)
    tasks_known["settings"] |= {"pair": "digits-drawings"}
    with pytest.raises(SettingsError, match=r"backbone='theirs-1a2b'.*own_model"):
        run_again(Run.from_text(json.dumps(tasks_known)).settings)


@pytest.mark.parametrize(
    "wrong", [[], ["conv1"], ["new_head", "old_head"], ["a", "a", "old_head", "new_head"], [1, 2, 3]]
)
def test_layers_that_are_none_are_refused(wrong, plain):
    assert "layers=" in refused(plain | {"layers": wrong})


# The network that came out


@pytest.mark.parametrize(
    ("strategy", "changes"),
    [
        pytest.param("fine-tuning", {}, marks=pytest.mark.exhaustive),
        ("feature extraction", {"standardize": True}),
        ("duplicate and fine-tune", {}),
        ("network expansion", {"standardize": True, "backbone": "small_resnet"}),
    ],
)
def test_the_trained_network_goes_elsewhere(strategy, changes, tmp_path):
    done = live(settings_for("adam", strategy=strategy, updates=6, **changes))
    tasks = done.settings.tasks()
    for name, accuracy in (("old", done.old_accuracy), ("new", done.new_accuracy)):
        task = getattr(tasks, name)
        done.model(name).save(tmp_path / f"{name}.keras")
        moved = keras.models.load_model(tmp_path / f"{name}.keras")
        logits = moved.predict(task.x_test, batch_size=250, verbose=0)
        assert np.mean(logits.argmax(axis=1) == task.y_test) == pytest.approx(accuracy, abs=1.5 / len(logits))
        assert "utils" not in (tmp_path / f"{name}.keras").read_bytes().decode("latin-1")
    with pytest.raises(ValueError, match="task.*later"):
        done.model("later")


def test_weights_of_the_newest_runs_are_held(monkeypatch):
    runs = [live(settings_for("adam", updates=1)) for _ in range(3)]
    assert all(result.held.values for result in runs)
    size = sum(array.nbytes for arrays in runs[0].held.values.values() for array in arrays)
    monkeypatch.setattr(held_weights, "MOST_BYTES", 2.5 * size)
    newest = live(settings_for("adam", updates=1))
    assert [result.held.values is None for result in (*runs, newest)] == [True, True, False, False]
    with pytest.raises(RuntimeError, match="of the newest runs"):
        runs[0].model("new")
    with pytest.raises(RuntimeError, match="still training"):
        next(iter(train(settings_for("adam")))).run().model("new")
    with pytest.raises(RuntimeError, match="files contain none"):
        Run.from_dict(newest.to_dict()).model("new")


def test_loading_changes_no_number(made):
    back = Run.from_text(json.dumps(made.to_dict()))
    for name, values in made.history.items():
        assert values.dtype == back.history[name].dtype
        assert np.array_equal(values, back.history[name])
