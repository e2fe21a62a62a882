"""The notebooks again, with settings that a reader might choose: the prose has to follow the numbers.

One of each kind belongs to the default suite: other settings, another network and pair, nothing learned, no network.
"""

import re

import h5py
import keras
import numpy as np
import pytest
from PIL import Image

import utils
from tests.conftest import PROJECT
from tests.notebooks.notebook import NOTEBOOKS, name
from utils.models.photo_networks import PHOTO_NETWORKS, PhotoNetwork
from utils.tasks import write_cached
from utils.tasks.patches import patches
from utils.text import uci
from utils.text.here import QUICK
from utils.user_model.model import OwnModel

PATHS = {name(path): path for path in NOTEBOOKS}


@pytest.fixture
def printed(execute_here):
    """`printed("05_freeze_board.ipynb", ...)` runs the notebook as `execute_here` does, and gives what it printed."""
    return lambda notebook, **changes: execute_here(PATHS[notebook], **changes)[0]


@pytest.mark.exhaustive
def test_start_here_with_another_optimizer(printed):
    """With steps that are too small for it to learn much, fine-tuning forgets little: what is printed must say so."""
    inject = """
import utils

def Settings(**given):
    return utils.Settings(**{**given, "optimizer": "sgd", "updates": 40, "evaluate_every": 40})

tuning = extraction = run(Settings(strategy="fine-tuning", learning_rate=1e-6))
"""
    text = printed("00_start_here.ipynb", inject=inject, after="from utils import Settings")
    assert re.search(r"Fine-tuning\. +Old task (\S+) → \1, forgetting 0\.0 points", text)
    assert re.search(r"difference of the means: -?\d+ to -?\d+ points", text)
    assert "Not yet. Change exactly one of" in text


@pytest.mark.slow
def test_freeze_board_with_another_network_and_pair(printed):
    inject = """
example = board.run(
    Settings(backbone="small_resnet", pair="digits-halves", optimizer="sgd", learning_rate=0.01, updates=60),
    schedule=[(30, {"trained_layers": ["stage3", "new_head"]})],
)
assert board.runs[-1] is example
assert example.trained_spans()["stem"] == [(0, 30)]
assert example.trained_spans()["stage3"] == [(0, 60)]
"""
    seeds = "tuned = [run(Settings(updates=200, evaluate_every=200, seed=seed)) for seed in range(5)]"
    fewer = {seeds: seeds.replace("range(5)", "range(2)").replace("200", "20")}
    text = printed("05_freeze_board.ipynb", inject=inject, after="board = FreezeBoard", replaced=fewer)
    assert "settings: pair=digits-halves; strategy=fine-tuning; backbone=small_resnet" in text
    assert "the same to the last bit: True" in text
    assert "Stay with digits-drawings" in text


# Ten updates, with next to no steps: nothing is forgotten, learned or saved, and the text must not claim it.
NEXT_TO_NOTHING = """
import utils

def Settings(**given):
    few = {"learning_rate": 1e-7, "updates": 10, "evaluate_every": 10, "warm_up": min(4, given.get("warm_up", 0))}
    return utils.Settings(**{**given, **few})
"""


@pytest.mark.exhaustive
def test_features_and_weights_where_next_to_nothing_is_learned(printed, monkeypatch):
    """Nothing is forgotten in the plane, and whatever is asked for, only the new head trains: tables must say so."""
    asked, made = utils.set_trainable, utils.Settings
    few = {"learning_rate": 1e-7, "updates": 10, "evaluate_every": 10}
    monkeypatch.setattr(utils, "Settings", lambda **given: made(**{**given, **few}))
    monkeypatch.setattr(utils, "set_trainable", lambda network, layers: asked(network, ["new_head"]))
    text = printed("01_features_and_weights.ipynb")
    assert len(re.findall(r"(?:layer \d|nothing) frozen +-?0\.0 ± 0\.0 +-?0\.0 ± 0\.0", text)) == 3
    assert text.count("conv3: weights did not move, features did not move") == 2
    assert len(re.findall(r"train +1\.0 +1\.0 +1\.0 +1\.0", text)) == 4


@pytest.mark.exhaustive
def test_what_freezing_does_where_nothing_trains(printed):
    """With a rate of 0 the gradients move nothing; what moves are the statistics of batch normalizations."""
    inject = """
def compile_model(model, optimizer=None):
    optimizer = optimizer or keras.optimizers.SGD()
    optimizer.learning_rate = 0.0
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
"""
    text = printed("02_what_freezing_does.ipynb", inject=inject, after="def compile_model")
    lost = re.findall(r"^(trained|gamma and beta frozen|frozen)  .* (\d+\.\d) ± \d+\.\d$", text, re.MULTILINE)
    lost = {state: float(points) for state, points in lost}
    assert lost["trained"] == lost["gamma and beta frozen"] > 50 and lost["frozen"] == 0


@pytest.mark.exhaustive
def test_joint_training_where_nothing_is_learned(printed):
    text = printed("06_joint_training.ipynb", inject=NEXT_TO_NOTHING, after="from utils import Settings")
    differences = re.findall(r"minus (?:joint training|fine-tuning): +([+-]?\d+\.\d) ± (\d+\.\d)", text)
    assert len(differences) == 2 and all(abs(float(mean)) <= float(half) for mean, half in differences)
    assert len(re.findall(r"old images save -?\d\.\d ± \d\.\d points", text)) == 4
    assert "Leave all settings but old_images as they are" in text


@pytest.mark.exhaustive
def test_learning_without_forgetting_where_nothing_is_learned(printed):
    text = printed("07_learning_without_forgetting.ipynb", inject=NEXT_TO_NOTHING, after="from utils import Settings")
    passage = text[text.index("instead of fine-tuning (5 seeds)") : text.index("drawings at a hundredth")]
    differences = re.findall(r"([+-]?\d+\.\d) ± (\d+\.\d) points", passage)
    assert len(differences) == 3 * 2  # about λ and T
    assert all(abs(float(mean)) <= float(half) + 0.1 for mean, half in differences)


@pytest.mark.exhaustive
def test_feature_extraction_where_nothing_is_learned(printed):
    text = printed("03_feature_extraction.ipynb", inject=NEXT_TO_NOTHING, after="from utils import Settings")
    assert re.search(r"(stopped improving|were used up): the result is from update [\d,]+, where", text)


@pytest.mark.exhaustive
def test_fine_tuning_where_nothing_is_learned(printed):
    """Up to the comparison at equal accuracy, which no recipe reaches."""
    text = printed(
        "04_fine_tuning.ipynb",
        inject=NEXT_TO_NOTHING,
        after="from utils import Settings",
        until="plot_trade_offs",
    )
    differences = re.findall(r"([+-]?\d+\.\d) ± (\d+\.\d) points", text[text.index("head alone for  100") :])
    assert len(differences) == 2 * 2
    assert all(abs(float(mean)) <= float(half) + 0.1 for mean, half in differences)
    assert "trains from update" in text and "0.000000" in text


UCI = PROJECT.parent / "shared" / "text" / "uci-sentiment"


@pytest.mark.exhaustive
@pytest.mark.skipif(not UCI.is_dir(), reason="the UCI sentences aren't on this machine")
def test_features_into_another_model_on_real_sentences(printed, new_keras_home, forget_uci, monkeypatch):
    """The reader says yes to the download; here the files were fetched before."""
    monkeypatch.setenv("KERAS_HOME", str(new_keras_home))
    for file in UCI.glob("*_labelled.txt"):
        assert write_cached(file.name, file.read_bytes())
    replaced = {"sentences=False": "sentences=True"}
    text = printed("10_features_into_another_model.ipynb", replaced=replaced, until="measure_here(")
    assert "Nothing is measured here" not in text
    for pipeline in QUICK:
        assert len(re.findall(rf"^{re.escape(pipeline)}: \d+\.\d ± ", text, re.MULTILINE)) == 1


@pytest.mark.slow
def test_features_into_another_model_without_a_network(printed, new_keras_home, forget_uci, monkeypatch):
    """The reader says yes to a download that can't be had: the cell says so, and all else runs."""
    monkeypatch.setenv("KERAS_HOME", str(new_keras_home))
    monkeypatch.setattr(uci, "_URL", "http://127.0.0.1:9/none.zip")
    replaced = {"sentences=False": "sentences=True"}
    text = printed("10_features_into_another_model.ipynb", replaced=replaced)
    assert "could not be fetched" in text and "Nothing is measured here" in text


# A stand-in for ImageNet's classifier, which isn't on every machine: real weights below it where they are, and a
# head of random numbers.
class StandIn(PhotoNetwork):
    @property
    def make(self):
        return self._stand_in

    def _stand_in(self, weights=None, include_top=True, input_shape=None, **form):
        keras.utils.set_random_seed(0)
        model = super().make(weights=None, include_top=include_top, input_shape=input_shape, **form)
        if weights and include_top:
            smaller = {"include_top": False, "input_shape": (100, 100, 3), **form}
            real = super().make(weights="imagenet", **smaller).get_weights()
            head = np.random.default_rng(0).normal(0, 0.1, (1280, 1000)).astype("float32")
            model.set_weights([*real, head, np.zeros(1000, "float32")])
        return model


@pytest.mark.exhaustive
def test_real_photographs_with_a_network_of_imagenet(printed, new_keras_home, monkeypatch):
    """The online form: a collection that was fetched before, and MobileNetV2 with 1,000 classes."""
    if not list((new_keras_home / "models").glob("mobilenet_v2*no_top.h5")):
        pytest.skip("MobileNetV2's weights aren't on this machine")
    pictures = patches("new", 96)
    for label, class_name in enumerate(pictures.class_names[:5]):
        folder = new_keras_home / "freeze-and-unfreeze" / "flower_photos" / class_name
        folder.mkdir(parents=True)
        for i, pixels in enumerate(pictures.x_train[pictures.y_train == label]):
            Image.fromarray(pixels.astype("uint8")).save(folder / f"{i}.jpg")
    (folder / "broken.jpg").write_bytes(b"no picture")
    monkeypatch.setenv("KERAS_HOME", str(new_keras_home))
    name = "mobilenet_v2"
    file = PHOTO_NETWORKS[name].url[0].format(size=96).rsplit("/", 1)[-1]
    h5py.File(new_keras_home / "models" / file, "w").close()  # in place of the file that the stand-in doesn't need
    monkeypatch.setitem(PHOTO_NETWORKS, name, StandIn(**vars(PHOTO_NETWORKS[name])))
    chosen = {'SOURCE = "patches"': 'SOURCE = "flowers"', "else range(5)": "else range(2)"}
    text = printed("11_real_photographs.ipynb", replaced=chosen)
    assert "This is the form with flowers." in text and "240 pictures of 96 × 96 × 3" in text
    assert "1 skipped: flower/broken.jpg" in text
    assert "mobilenet_v2: 1,691,208 weights, 1,000 classes" in text
    assert re.search(r"(?m)^head alone .* 0\.00 ± 0\.00$", text)  # in the last column: no answer has moved
    assert "largest difference of a logit: 0.0" in text


@pytest.mark.exhaustive
def test_your_own_model_where_next_to_nothing_is_learned(printed, monkeypatch):
    """With a rate of next to nothing, nothing is forgotten at the same budget, and no strategy saves anything."""
    given = OwnModel.settings
    monkeypatch.setattr(OwnModel, "settings", lambda self, **changes: given(self, **{**changes, "learning_rate": 1e-9}))
    text = printed("12_your_own_model.ipynb")
    for strategy in ("learning without forgetting", "joint training"):
        assert f"{strategy}, against fine-tuning: 0.0 ± 0.0 points saved" in text
    assert "Not yet. Too little is learned" in text
