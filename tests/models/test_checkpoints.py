"""The shipped checkpoints are what their records say; what doesn't fit is noticed and made again."""

import io
import json
import os
import shutil
import sys
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np
import pytest

from utils.models import NEW_HEAD, checkpoints, fitting, pretrained, remake, teaching
from utils.models.checkpoints import SHIPPED, checkpoint_weights
from utils.tasks import Task, input_shape, load_pair, sha256

pytestmark = pytest.mark.slow  # what its tests share takes seconds

PAIR_OF = {"digits": "digits-drawings", "digits 0-4": "digits-halves", "fashion": "fashion-digits", "moons": "plane"}
_FOUND = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(SHIPPED.glob("*.json"))]
RECORDS = {  # the small network for photographs lies there, too
    f"{record['old_task']}, {record['backbone']}": record for record in _FOUND if "backbone" in record
}
IN_DEFAULT = "digits, small_cnn", "digits 0-4, small_resnet", "fashion, small_cnn", "moons, small_mlp"
assert set(IN_DEFAULT) <= set(RECORDS)
TOLERANCE = 0.005  # another machine may round an image or two to the other side


@pytest.fixture
def forget(monkeypatch):
    """Nothing that was loaded is kept in memory."""

    def forget():
        monkeypatch.setattr(checkpoints, "_known", WeakKeyDictionary())

    forget()
    return forget


@pytest.fixture
def no_teaching(monkeypatch, forget):
    """Whoever would make a checkpoint fails."""

    def teach(old, backbone):
        raise AssertionError(f"{backbone} is taught {old.name} again")

    monkeypatch.setattr(checkpoints, "teach", teach)


def accuracy(model, x, y):
    logits = np.concatenate([np.array(model(x[i : i + 250])) for i in range(0, len(x), 250)])
    return float(np.mean(np.argmax(logits, axis=1) == y))


# What ships


def test_every_backbone_ships_for_every_old_task():
    assert set(RECORDS) == {f"{task}, {name}" for task, pair in PAIR_OF.items() for name in fitting(input_shape(pair))}
    others = "small-text-encoder.", "small-photo-net."  # which have tests of their own
    files = {path.name for path in SHIPPED.iterdir() if not path.name.startswith(others)}
    assert len(files) == 2 * len(RECORDS)  # an npz and a json each, and nothing else


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in IN_DEFAULT else pytest.mark.exhaustive) for name in RECORDS]
)
def test_a_shipped_checkpoint_is_what_its_record_says(name, pair, no_teaching):
    record = RECORDS[name]
    taught = pair(PAIR_OF[record["old_task"]])
    old = taught.old
    path = SHIPPED / checkpoints.file_name(old, record["backbone"])
    assert sha256(path.with_suffix(".npz").read_bytes()) == record["sha256"]
    assert json.loads(path.with_suffix(".json").read_text(encoding="utf-8")) == record
    # Exactly these images, in this split: the accuracy is told on what the network has never seen.
    assert teaching.fingerprint(old) == record["task_sha256"]
    assert old.name == record["old_task"]
    assert record["recipe"] == teaching.recipe(record["backbone"])
    assert record["command"] == "python -m utils.models.remake"

    model = pretrained(taught, record["backbone"]).keras_model("old")
    measured = {
        "validation": accuracy(model, old.x_validation, old.y_validation),
        "test": accuracy(model, old.x_test, old.y_test),
    }
    assert record["accuracy"] == pytest.approx(measured, abs=TOLERANCE + 1e-6)
    assert measured["test"] > 0.8  # it knows its task


@pytest.mark.parametrize("backbone", fitting((28, 28, 1)))
def test_the_shipped_file_is_what_is_loaded(backbone, no_teaching):
    old = load_pair("digits-drawings").old
    weights = checkpoint_weights(old, backbone)
    with np.load(SHIPPED / f"digits-{backbone}.npz", allow_pickle=False) as file:
        stored = {key: file[key] for key in file.files}
    loaded = {f"{name}/{i}": value for name, values in weights.items() for i, value in enumerate(values)}
    assert stored.keys() == loaded.keys()
    assert all(np.array_equal(stored[key], loaded[key]) for key in stored)
    model = pretrained("digits-drawings", backbone, seed=3)
    for name, values in weights.items():
        assert all(np.array_equal(a.numpy(), b) for a, b in zip(model.weights(name), values, strict=True))
    assert NEW_HEAD not in weights


def test_the_seed_draws_the_new_head_alone(no_teaching):
    a, b, c = (pretrained("digits-drawings", seed=seed).snapshot() for seed in (0, 1, 0))
    for name in a:
        same = all(np.array_equal(x, y) for x, y in zip(a[name], b[name], strict=True))
        assert same == (name != NEW_HEAD)
        assert all(np.array_equal(x, y) for x, y in zip(a[name], c[name], strict=True))


def test_a_pair_and_its_name_give_the_same_model(no_teaching):
    by_name, by_pair = pretrained("digits-halves"), pretrained(load_pair("digits-halves"))
    assert by_name.old_head.units == by_pair.old_head.units == 5
    for name in by_name.layer_names:
        pairs = zip(by_name.weights(name), by_pair.weights(name), strict=True)
        assert all(np.array_equal(a.numpy(), b.numpy()) for a, b in pairs), name


def test_an_unknown_backbone_or_pair_is_named():
    with pytest.raises(ValueError, match="^backbone='small_cnm' .*'small_cnn', 'small_resnet'"):
        pretrained("digits-drawings", "small_cnm")
    with pytest.raises(ValueError, match="^pair='digit-drawings' .*mean 'digits-drawings'"):
        pretrained("digit-drawings")


# What doesn't fit its record


@pytest.fixture(scope="module")
def small_task():
    """A task that is taught in a moment: the first points of the moons."""
    old, few = load_pair("plane").old, slice(0, 100)
    parts = {
        f"{axis}_{part}": getattr(old, f"{axis}_{part}")[few]
        for axis in "xy"
        for part in ("train", "validation", "test")
    }
    return Task(name="few moons", class_names=old.class_names, **parts)


def teach_briefly(patch, epochs=1):
    """The small network is taught for so many passes, one by one, and not for fifty."""
    for name, value in {"epochs": epochs, "passes_an_epoch": 1, "steps_at_once": 1}.items():
        patch.setitem(teaching.RECIPES["small_mlp"], name, value)


@pytest.fixture(scope="module")
def taught(small_task):
    """Two checkpoints of the small task, from two seeds."""
    with pytest.MonkeyPatch.context() as patch:
        made = []
        teach_briefly(patch)
        for seed in (0, 1):
            patch.setitem(teaching.RECIPES["small_mlp"], "seed", seed)
            data, record = teaching.teach(small_task, "small_mlp")
            made.append((data, json.loads(json.dumps(record))))
        return made


class Shelf:
    """A folder of shipped checkpoints with one in it, an empty cache, and a teacher that is counted."""

    def __init__(self, folder, task, shipped, retaught):
        self.task, self.retaught, self.taught, self.lessons = task, retaught, shipped, 0
        folder.mkdir()
        self.npz, self.json = folder / "few-moons-small_mlp.npz", folder / "few-moons-small_mlp.json"
        self.npz.write_bytes(shipped[0])
        self.json.write_text(json.dumps(shipped[1]), encoding="utf-8")

    def teach(self, old, backbone):
        assert (old, backbone.name) == (self.task, "small_mlp")
        self.lessons += 1
        return self.retaught

    def same(self, weights, taught):
        with np.load(io.BytesIO(taught[0])) as file:
            return all(
                np.array_equal(w, file[f"{n}/{i}"]) for n, ws in weights.items() for i, w in enumerate(ws)
            )


@pytest.fixture
def shelf(tmp_path, monkeypatch, small_task, taught, forget):
    shelf = Shelf(tmp_path / "shipped", small_task, *taught)
    monkeypatch.setattr(checkpoints, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setattr(checkpoints, "teach", shelf.teach)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    return shelf


@pytest.mark.slow
def test_a_sound_shipped_checkpoint_is_used_and_nothing_is_cached(shelf, tmp_path):
    weights = checkpoint_weights(shelf.task, "small_mlp")
    assert shelf.same(weights, shelf.taught) and not shelf.same(weights, shelf.retaught)
    assert checkpoint_weights(shelf.task, "small_mlp") is weights  # kept in memory
    assert shelf.lessons == 0
    assert not (tmp_path / "home").exists()


def flip_a_byte(shelf):
    data = bytearray(shelf.npz.read_bytes())
    data[len(data) // 2] ^= 1
    shelf.npz.write_bytes(data)


def cut_the_weights(shelf):
    shelf.npz.write_bytes(shelf.npz.read_bytes()[:-1])


def empty_the_weights(shelf):
    shelf.npz.write_bytes(b"")


def remove_the_weights(shelf):
    shelf.npz.unlink()


def cut_the_record(shelf):
    shelf.json.write_bytes(shelf.json.read_bytes()[:-5])


def garble_the_record(shelf):
    shelf.json.write_bytes(b"\xff\xfe\x00 not text")


def empty_record(shelf):
    shelf.json.write_text("{}", encoding="utf-8")


def list_for_a_record(shelf):
    shelf.json.write_text("[1, 2]", encoding="utf-8")


def remove_the_record(shelf):
    shelf.json.unlink()


def record_of_another_split(shelf):
    record = json.loads(shelf.json.read_text(encoding="utf-8")) | {"task_sha256": "0" * 64}
    shelf.json.write_text(json.dumps(record), encoding="utf-8")


DAMAGES = [
    flip_a_byte,
    cut_the_weights,
    empty_the_weights,
    remove_the_weights,
    cut_the_record,
    garble_the_record,
    empty_record,
    list_for_a_record,
    remove_the_record,
    record_of_another_split,
]


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_made_again_once_and_kept(damage, shelf, forget):
    damage(shelf)
    weights = checkpoint_weights(shelf.task, "small_mlp")
    assert shelf.lessons == 1
    assert shelf.same(weights, shelf.retaught)
    forget()  # the next session
    weights = checkpoint_weights(shelf.task, "small_mlp")
    assert shelf.lessons == 1
    assert shelf.same(weights, shelf.retaught)


def test_a_damaged_cached_checkpoint_is_made_again_as_well(shelf, forget, tmp_path):
    shelf.npz.unlink()
    checkpoint_weights(shelf.task, "small_mlp")
    kept = sorted((tmp_path / "home").rglob("*.checked"))
    assert len(kept) == 2
    for lessons, path in enumerate(kept, start=2):
        data = bytearray(path.read_bytes())
        data[-9] ^= 1
        path.write_bytes(data)
        forget()
        assert shelf.same(checkpoint_weights(shelf.task, "small_mlp"), shelf.retaught)
        assert shelf.lessons == lessons


def test_a_cached_checkpoint_that_belongs_to_another_record_is_made_again(shelf, forget, tmp_path):
    """As when the computer was switched off between the two writes."""
    shelf.npz.unlink()
    checkpoint_weights(shelf.task, "small_mlp")
    (data,) = (tmp_path / "home").rglob("*.npz.checked")
    checkpoints.write_cached(data.name.removesuffix(".checked"), shelf.taught[0])
    forget()
    assert shelf.same(checkpoint_weights(shelf.task, "small_mlp"), shelf.retaught)
    assert shelf.lessons == 2


def test_a_checkpoint_that_cannot_be_kept_is_used_all_the_same(shelf, monkeypatch, tmp_path):
    shelf.npz.unlink()
    (tmp_path / "a file").write_text("in the way")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "a file"))
    assert shelf.same(checkpoint_weights(shelf.task, "small_mlp"), shelf.retaught)


def test_a_checkpoint_of_another_backbone_is_made_again(shelf, taught):
    """As when the backbone was changed, and the files that ship were not."""
    with np.load(io.BytesIO(taught[0][0])) as file:
        arrays = {key: file[key] for key in file.files if not key.startswith("layer3")}
    data = io.BytesIO()
    np.savez(data, **arrays)
    shelf.npz.write_bytes(data.getvalue())
    record = taught[0][1] | {"sha256": sha256(data.getvalue())}
    shelf.json.write_text(json.dumps(record), encoding="utf-8")
    assert shelf.same(checkpoint_weights(shelf.task, "small_mlp"), shelf.retaught)


class Burglar:
    """Executes something when it's unpickled."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def test_nothing_in_a_checkpoint_is_executed(shelf, tmp_path, taught):
    """Even where the record vouches for the file."""
    with np.load(io.BytesIO(taught[0][0])) as file:
        arrays = {key: file[key] for key in file.files}
    trace = tmp_path / "executed"
    arrays["layer1/0"] = np.array([Burglar(trace)], dtype=object)
    file = io.BytesIO()
    np.savez(file, **arrays)
    shelf.npz.write_bytes(file.getvalue())
    record = taught[0][1] | {"sha256": sha256(file.getvalue())}
    shelf.json.write_text(json.dumps(record), encoding="utf-8")
    assert shelf.same(checkpoint_weights(shelf.task, "small_mlp"), shelf.retaught)
    assert shelf.lessons == 1 and not trace.exists()
    with np.load(io.BytesIO(file.getvalue()), allow_pickle=True) as opened:
        opened["layer1/0"]  # the trap does work
    assert trace.exists()


# How they are made


@pytest.mark.slow
def test_teaching_is_repeatable_and_says_what_it_did(small_task, taught, monkeypatch, capsys):
    teach_briefly(monkeypatch)
    data, record = teaching.teach(small_task, "small_mlp")
    assert data == taught[0][0]
    assert record["sha256"] == sha256(data) == taught[0][1]["sha256"] != taught[1][1]["sha256"]
    assert record["task_sha256"] == teaching.fingerprint(small_task)
    printed = capsys.readouterr().out
    assert "few moons" in printed and "small_mlp" in printed


@pytest.mark.slow
def test_no_test_image_has_a_say_in_which_pass_is_kept(small_task, monkeypatch):
    teach_briefly(monkeypatch, epochs=4)
    mislabeled = replace(small_task, y_test=1 - small_task.y_test)  # right least where the network is best
    (kept, _), (kept_too, _) = (teaching.teach(task, "small_mlp") for task in (small_task, mislabeled))
    assert kept == kept_too


def test_the_fingerprint_sees_every_array_and_a_move_between_parts(small_task):
    arrays = {
        f"{axis}_{part}": getattr(small_task, f"{axis}_{part}")
        for axis in "xy"
        for part in ("train", "validation", "test")
    }
    prints = {teaching.fingerprint(small_task)}
    for name, values in arrays.items():
        changed = values.copy()
        changed[-1] = 1 - changed[-1]
        prints.add(teaching.fingerprint(replace(small_task, **{name: changed})))
    swapped = arrays | {"x_test": arrays["x_validation"], "x_validation": arrays["x_test"]}
    prints.add(teaching.fingerprint(replace(small_task, **swapped)))
    assert len(prints) == 2 + len(arrays)


@pytest.mark.slow
def test_a_truncated_shipped_checkpoint_is_really_taught_again(tmp_path, monkeypatch, forget):
    """The whole way with nothing stood in for, but for one pass in place of fifty."""
    shutil.copytree(SHIPPED, tmp_path / "shipped")
    path = tmp_path / "shipped" / "moons-small_mlp.npz"
    path.write_bytes(path.read_bytes()[:-100])
    monkeypatch.setattr(checkpoints, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    teach_briefly(monkeypatch)
    pair = load_pair("plane")
    model = pretrained(pair).keras_model("old")
    (kept,) = (tmp_path / "home").rglob("*.json.checked")
    record = json.loads(kept.read_bytes().partition(b"\n")[2])
    measured = accuracy(model, pair.old.x_test, pair.old.y_test)
    assert record["accuracy"]["test"] == pytest.approx(measured, abs=0.0011)
    assert 0.5 < measured < RECORDS["moons, small_mlp"]["accuracy"]["test"]


@pytest.mark.slow
def test_the_documented_command_makes_what_the_loader_accepts(tmp_path, monkeypatch, forget, capsys):
    for module in (checkpoints, remake):
        monkeypatch.setattr(module, "SHIPPED", tmp_path)
    teach_briefly(monkeypatch)
    arguments = ["--pairs", "plane", "--backbones", "small_mlp"]
    monkeypatch.setattr(sys, "argv", ["remake", *arguments])
    remake.main()
    assert {path.name for path in tmp_path.iterdir()} == {
        "moons-small_mlp.npz",
        "moons-small_mlp.json",
    }
    monkeypatch.setattr(checkpoints, "teach", None)
    pair = load_pair("plane")
    measured = accuracy(pretrained(pair).keras_model("old"), pair.old.x_test, pair.old.y_test)
    record = json.loads((tmp_path / "moons-small_mlp.json").read_text(encoding="utf-8"))
    assert record["accuracy"]["test"] == pytest.approx(measured, abs=0.0011)
    assert "moons-small_mlp" in capsys.readouterr().out
