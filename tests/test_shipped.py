"""What ships is what was published: one bit that is turned is noticed, and the manifest has every file."""

import hashlib
import importlib
import json
import os
import shutil
import subprocess

import pytest

from utils import shipped
from utils.models import checkpoints, photo_networks
from utils.shipped import ShippedFileError, read_shipped, write_shipped
from utils.sweeps import example, outcome, recorded, seeds
from utils.tasks import load_pair
from utils.text import encoder, sweep

# The functions of these names hide their modules.
depth, figure2, reach, subsets, table1, trade_offs = (
    importlib.import_module(f"utils.sweeps.{name}")
    for name in ("depth", "figure2", "reach", "subsets", "table1", "trade_offs")
)
reviews = importlib.import_module("utils.text.reviews")


def test_the_manifest_has_every_file_as_it_is(project):
    """`python -m utils.shipped` renews it."""
    utils = project / "utils"
    files = [file for folder in ("shipped", "stored") for file in utils.rglob(f"{folder}/*")]
    sums = {file.relative_to(utils).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert len(sums) >= 25 and shipped.digests() == sums


def test_git_leaves_their_lines_as_they_are(project):
    names = [f"utils/{name}" for name in shipped.digests()]
    try:
        done = subprocess.run(
            ["git", "check-attr", "text", "--", *names], cwd=project, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git, or no repository")
    assert done.stdout.splitlines() == [f"{name}: text: unset" for name in names]


@pytest.fixture
def copy(monkeypatch, tmp_path):
    """The project's data as a copy that the readers take, with nothing in memory."""
    root = tmp_path / "utils"
    for file in [*shipped.shipped_files(), shipped.UTILS / "shipped.json"]:
        place = root / file.relative_to(shipped.UTILS)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
    places = [(checkpoints, "SHIPPED"), (photo_networks, "SHIPPED"), (encoder, "SHIPPED"), (reviews, "_FILE")]
    stores = table1, trade_offs, depth, figure2, reach, recorded, seeds, subsets, sweep, example
    places += [(table1, "PAPER"), *((module, "STORED") for module in stores)]
    for module, name in places:
        monkeypatch.setattr(module, name, root / getattr(module, name).relative_to(shipped.UTILS))
    monkeypatch.setattr(shipped, "UTILS", root)
    monkeypatch.setattr(shipped, "_checked", {})
    kept = reviews._reviews, encoder._shipped, table1.stored_table, reach.stored_reach
    kept += depth.store, seeds.store, seeds.stored_runs, subsets.store, table1.stored_trials, recorded.stored_recorded
    kept += (trade_offs.stored_trade_offs,)
    for function in kept:
        function.cache_clear()
    yield root
    for function in kept:
        function.cache_clear()


def checkpoint():
    return checkpoints._find_or_make(load_pair("plane").old, checkpoints.find_backbone("small_mlp"))


READERS = {
    "models/shipped/moons-small_mlp.npz": checkpoint,
    "models/shipped/moons-small_mlp.json": checkpoint,
    "models/shipped/small-photo-net.npz": photo_networks.shipped_photo_net,
    "models/shipped/small-photo-net.json": photo_networks.shipped_record,
    "text/shipped/small-text-encoder.npz": encoder.small_text_encoder,
    "text/shipped/small-text-encoder.json": encoder.shipped_record,
    "text/shipped/reviews.csv": reviews.reviews,
    "text/stored/texts.json": sweep._read,
    "sweeps/stored/table1.json": table1.stored_table,
    "sweeps/stored/paper_table1.csv": table1.paper_table,
    "sweeps/stored/example.json": example.example_run,
    "sweeps/stored/figure2.json": figure2.stored_costs,
    "sweeps/stored/reach.json": reach.stored_reach,
    "sweeps/stored/recorded.json": recorded.stored_recorded,
    "sweeps/stored/seeds.json": seeds.stored_runs,
    "sweeps/stored/depth.json": depth.store,
    "sweeps/stored/subsets.json": subsets.store,
    "sweeps/stored/trade_offs.json": trade_offs.stored_trade_offs,
}


@pytest.mark.parametrize("name", READERS)
def test_one_bit_that_is_turned_is_noticed(copy, name):
    path = copy / name
    right = path.read_bytes()
    for place in (len(right) // 2, len(right) // 3 | 1):  # a digit of a number, a pixel, a letter: whatever is there
        wrong = bytearray(right)
        wrong[place] ^= 1
        path.write_bytes(wrong)
        with pytest.raises(ShippedFileError, match=rf"^utils/{name} .*git checkout -- utils/{name}`"):
            READERS[name]()
    path.unlink()
    with pytest.raises(ShippedFileError, match=rf"^utils/{name} is missing"):
        READERS[name]()
    path.write_bytes(right)
    assert READERS[name]() is not None


def test_a_reader_for_every_kind_of_file():
    kinds = {name for name in shipped.digests() if not name.startswith("models/shipped/")}
    assert kinds == {name for name in READERS if not name.startswith("models/shipped/")}


def test_a_damaged_manifest_is_named(copy):
    for content in ("{", "[]", '{"sha256": '):
        (copy / "shipped.json").write_text(content)
        with pytest.raises(ShippedFileError, match=r"^utils/shipped.json .*git checkout -- utils/shipped.json`"):
            read_shipped(copy / "text" / "shipped" / "reviews.csv")


def test_a_file_is_hashed_once_and_again_when_it_changes(copy, monkeypatch):
    path, hashed = copy / "sweeps" / "stored" / "figure2.json", []
    real = shipped._sha256
    monkeypatch.setattr(shipped, "_sha256", lambda data: hashed.append(len(data)) or real(data))
    right = path.read_bytes()
    assert [read_shipped(path) for _ in range(3)] == [right] * 3 and hashed == [len(right)]
    path.write_bytes(right + b" ")
    with pytest.raises(ShippedFileError):
        read_shipped(path)


def test_what_is_stored_again_is_entered_and_nothing_else(copy):
    """A sweep's command renews its own line: another file that was damaged meanwhile stays noticed."""
    damaged = copy / "text" / "shipped" / "reviews.csv"
    damaged.write_bytes(damaged.read_bytes() + b" ")
    before = shipped.digests()
    table1.stored_table().save(table1.STORED)
    seeds.save({**seeds.store(), "date": "2001-01-01"}, seeds.STORED)
    after = shipped.digests()
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"sweeps/stored/table1.json", "sweeps/stored/seeds.json"} and before.keys() == after.keys()
    assert "sweeps/stored/seeds.json" in changed and seeds.store()["date"] == "2001-01-01"
    assert table1.stored_table().date
    with pytest.raises(ShippedFileError):
        reviews.reviews("domain")
    write_shipped(copy / "models" / "shipped" / "new.npz", b"data")
    assert shipped.digests()["models/shipped/new.npz"] == hashlib.sha256(b"data").hexdigest()


def test_files_of_the_readers_own_are_only_read(copy, tmp_path):
    sweep_file = tmp_path / "mine.json"
    table1.stored_table().save(sweep_file)
    assert outcome.Sweep.load(sweep_file) == table1.stored_table()
    assert set(json.loads((copy / "shipped.json").read_text())["sha256"]) == set(READERS) | {
        name for name in shipped.digests() if name.startswith("models/")
    }
    with pytest.raises(FileNotFoundError):
        read_shipped(tmp_path / "nowhere.json")
    assert os.path.exists(sweep_file)
