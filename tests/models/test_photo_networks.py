"""Networks for photographs: ImageNet's real weights, each with its own preprocessing inside; the project's own."""

import json
import warnings
from dataclasses import replace

import keras
import numpy as np
import pytest

from utils.models import photo_networks as module
from utils.models.photo_networks import (
    PHOTO_NETWORKS,
    imagenet_classifier,
    photo_features,
    shipped_photo_net,
    shipped_record,
)
from utils.tasks import DownloadError
from utils.tasks.patches import patches

REAL = {"mobilenet_v2": keras.applications.mobilenet_v2, "mobilenet": keras.applications.mobilenet}


@pytest.fixture
def real_weights(keras_home):
    """The two smallest networks' weights, which come with the machine or are fetched."""
    if len(list((keras_home / "models").glob("*no_top.h5"))) < 2:
        pytest.skip("ImageNet's weights aren't on this machine")


@pytest.fixture
def random_weights(monkeypatch):
    """`random_weights(name)`: this network gets random weights where ImageNet's would be loaded, all else as it is for
    these (EfficientNet has a layer more with them); what was made.
    """
    made, rng = [], np.random.default_rng(0)

    def load(model, *given, **options):
        for weight in model.weights:
            if weight.name.endswith("kernel"):  # so large that what passes neither vanishes nor explodes
                fan_in = np.prod(weight.shape[:2] if weight.shape[-1] == 1 else weight.shape[:-1])
                weight.assign(rng.normal(0, np.sqrt(2 / fan_in), weight.shape))
        made.append(model)

    def put(name):
        monkeypatch.setattr(module, "_fetch_weights", lambda *given: None)
        monkeypatch.setattr("keras.src.utils.file_utils.get_file", lambda *given, **options: "none.h5")
        monkeypatch.setattr(keras.Model, "load_weights", load)
        return made

    return put


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param("mobilenet_v2", marks=pytest.mark.exhaustive), "mobilenet"])
def test_the_preprocessing_inside_is_keras_own(name, real_weights):
    x = patches("new", 100).x_test[:5]  # a size without weights of its own: those of 224 pixels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        base = PHOTO_NETWORKS[name].make(
            weights="imagenet", include_top=False, pooling="avg", input_shape=(100, 100, 3),
            **dict(PHOTO_NETWORKS[name].options),
        )  # fmt: skip
    wanted = base.predict(REAL[name].preprocess_input(x.copy()), verbose=0)
    ours = photo_features(name, 100)
    assert ours.name == name and ours.input_shape == (None, 100, 100, 3)
    assert ours.predict(x, verbose=0) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.slow
def test_imagenet_weights_tell_real_pictures_apart(real_weights):
    """A head on frozen features; guessing gives a seventh."""
    task = patches("new", 100)
    features = photo_features("mobilenet_v2", 100)
    few, x_test = np.arange(len(task.x_train))[::2], task.x_test[::2]
    x, x_test = (features.predict(given, verbose=0) for given in (task.x_train[few], x_test))
    head = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(task.classes)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    keras.utils.set_random_seed(0)
    head.compile(keras.optimizers.Adam(0.005), loss)
    head.fit(x, task.y_train[few], epochs=30, verbose=0)
    assert np.mean(head.predict(x_test, verbose=0).argmax(axis=1) == task.y_test[::2]) > 0.8


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("mobilenet", marks=pytest.mark.slow),
        pytest.param("mobilenet_v2", marks=pytest.mark.exhaustive),
        pytest.param("efficientnet_b0", marks=pytest.mark.exhaustive),
    ],
)
def test_the_classifier_says_what_keras_own_says(name, random_weights):
    made = random_weights(name)
    ours = imagenet_classifier(name, 224)
    whole = made[0]
    x = patches("new", 224).x_test[:2]
    preprocess = {**REAL, "efficientnet_b0": keras.applications.efficientnet}[name].preprocess_input
    wanted = whole.predict(preprocess(x.copy()), verbose=0)
    assert ours.output_shape == (None, 1000)
    assert ours.predict(x, verbose=0) == pytest.approx(wanted, abs=1e-5)
    assert np.abs(wanted - wanted[0]).max() > 1e-6  # it doesn't say the same of everything


@pytest.mark.slow
def test_the_classifier_takes_smaller_photos(random_weights):
    made = random_weights("mobilenet")
    small = imagenet_classifier("mobilenet", 64)
    assert made[0].input_shape == (None, 224, 224, 3)  # as it was trained
    kernel = made[0].get_layer("conv_preds").get_weights()[0]
    assert small.input_shape == (None, 64, 64, 3)
    assert any(np.array_equal(kernel.reshape(-1, 1000), given) for given in small.get_weights())
    probabilities = small.predict(patches("new").x_test[:3], verbose=0)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size", "trained_at"), [
    ("mobilenet_v2", 96, 96), ("mobilenet", 96, 224), ("mobilenet", 128, 128),
    pytest.param("mobilenet_v2", 100, 224, marks=pytest.mark.exhaustive),
])  # fmt: skip
def test_the_classifier_of_weights_that_were_learned_at_that_size(random_weights, name, size, trained_at):
    made = random_weights(name)
    imagenet_classifier(name, size)
    assert made[0].input_shape == (None, trained_at, trained_at, 3)


@pytest.mark.slow
def test_vgg16_sees_blue_before_red_and_no_mean(random_weights):
    made = random_weights("vgg16")
    ours = photo_features("vgg16", 32)
    x = patches("new", 32).x_test[:5]
    kernel, bias = made[0].get_layer("block1_conv1").get_weights()
    made[0].get_layer("block1_conv1").set_weights([kernel[:, :, ::-1], bias])  # as it was
    plain = keras.Sequential([made[0], keras.layers.GlobalAveragePooling2D()])
    wanted = plain.predict(keras.applications.vgg16.preprocess_input(x.copy()), verbose=0)
    made[0].get_layer("block1_conv1").set_weights([kernel, bias])
    assert ours.predict(x, verbose=0) == pytest.approx(wanted, rel=1e-3, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("with_classifier", [False, True])
@pytest.mark.parametrize(("name", "size"), [
    ("mobilenet_v2", 96), ("mobilenet", 100), ("efficientnet_b0", 64),
    *(pytest.param(*row, marks=pytest.mark.exhaustive) for row in (("mobilenet_v2", 100), ("mobilenet", 128))),
    pytest.param("vgg16", 224, marks=pytest.mark.exhaustive),  # with its classifier it takes 0.6 GB
])  # fmt: skip
def test_the_file_that_is_fetched_is_the_one_keras_wants(monkeypatch, tmp_path, name, size, with_classifier):
    """So Keras never downloads by itself: it has no time limit of its own."""
    fetched, wanted = [], []
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(module, "unreachable", lambda url: None)
    monkeypatch.setattr(module, "_is_whole", lambda path, md5: fetched and fetched.append((path.name, md5)) is None)
    monkeypatch.setattr(module, "fetch", lambda url, path, is_right: fetched.append(url) or is_right(path))

    def get_file(file, url, cache_subdir, file_hash=None):
        wanted.extend([url, (file, file_hash)])
        assert cache_subdir == "models"
        raise LookupError("of the test")

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", get_file)
    with pytest.raises(LookupError, match="of the test"):
        imagenet_classifier(name, size) if with_classifier else photo_features(name, size)
    assert fetched == wanted


@pytest.fixture
def served_weights(monkeypatch, tmp_path, web, real_weights, keras_home):
    """An empty Keras home, and the smallest network's weights to be had from a server on this machine: its address."""
    file = "mobilenet_2_5_224_tf_no_top.h5"
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    web.files[file] = (keras_home / "models" / file).read_bytes()
    served = replace(PHOTO_NETWORKS["mobilenet"], url=("", web.url + file))
    monkeypatch.setitem(PHOTO_NETWORKS, "mobilenet", served)
    monkeypatch.setattr(
        "keras.src.utils.file_utils.get_file", lambda name, *given, **options: str(tmp_path / "models" / name)
    )
    return web, file, tmp_path / "models" / file


@pytest.mark.slow
def test_a_file_that_was_cut_off_is_not_used_and_fetched_again(served_weights):
    web, file, kept = served_weights
    kept.parent.mkdir()
    kept.write_bytes(web.files[file][: len(web.files[file]) // 2])
    assert photo_features("mobilenet", 100).output_shape == (None, 256)
    assert web.asked == [file] and kept.read_bytes() == web.files[file]


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["cut", "something else", "another hash"])
def test_what_is_not_the_published_file_is_not_kept(served_weights, monkeypatch, broken):
    web, file, kept = served_weights
    if broken == "cut":
        web.cut = 5000
    elif broken == "something else":
        web.files[file] = b"<html>Please log in</html>"
    else:
        monkeypatch.setitem(PHOTO_NETWORKS, "mobilenet", replace(PHOTO_NETWORKS["mobilenet"], md5=("", "0" * 32)))
    with pytest.raises(DownloadError, match=r"mobilenet's ImageNet weights \(2 MB .* or use shipped"):
        photo_features("mobilenet", 100)
    assert list(kept.parent.iterdir()) == []


def test_vgg16_with_its_classifier_takes_one_size(random_weights):
    with pytest.raises(ValueError, match=r"^size=96 .*'vgg16' .*\b224\b.*photo_features"):
        imagenet_classifier("vgg16", 96)


@pytest.mark.parametrize("make", [photo_features, imagenet_classifier])
@pytest.mark.parametrize(
    ("given", "message"),
    [(("resnet", 96), "name='resnet'"), (("mobilenet", 16), "size=16"), (("mobilenet", "96"), "size='96'")],
)
def test_bad_values_are_named(make, given, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make(*given)


@pytest.mark.slow
def test_without_a_network(no_network, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(DownloadError, match=r"efficientnet_b0.*shipped_photo_net\(\)"):
        photo_features("efficientnet_b0", 64)


# The project's own


@pytest.mark.slow
def test_the_shipped_network_is_what_its_record_says():
    record, task = shipped_record(), patches("old")
    model = shipped_photo_net()
    assert record["classes"] == task.classes and record["command"] == "python -m utils.models.photo_teaching"
    for part in ("validation", "test"):
        predicted = model.predict(getattr(task, f"x_{part}"), verbose=0).argmax(axis=1)
        assert np.mean(predicted == getattr(task, f"y_{part}")) == pytest.approx(record["accuracy"][part], abs=0.01)
    assert record["accuracy"]["test"] > 0.9


def test_each_call_gives_one_of_its_own():
    first, second = shipped_photo_net(), shipped_photo_net()
    first.layers[2].set_weights([0 * first.layers[2].get_weights()[0]])
    assert second.layers[2].get_weights()[0].any()


def test_a_damaged_file_is_noticed(monkeypatch, tmp_path):
    for ending in (".npz", ".json"):
        data = module.SHIPPED.with_suffix(ending).read_bytes()
        (tmp_path / f"net{ending}").write_bytes(data[:-1] + b"x" if ending == ".npz" else data)
    monkeypatch.setattr(module, "SHIPPED", tmp_path / "net")
    with pytest.raises(ValueError, match="shipped"):
        shipped_photo_net()


@pytest.mark.exhaustive
def test_teaching_again_in_short(monkeypatch, tmp_path):
    from utils.models import photo_teaching

    monkeypatch.setattr(photo_teaching, "SHIPPED", tmp_path / "net")
    short = {**photo_teaching.RECIPE, "epochs": 2}
    data, record = photo_teaching.teach_photo_net(patches("old"), short)
    assert record["recipe"]["epochs"] == 2 and record["accuracy"]["validation"] > 0.25
    again, _ = photo_teaching.teach_photo_net(patches("old"), short)
    assert {**record, "sha256": 0} == {**json.loads(json.dumps(record)), "sha256": 0} and len(again) == len(data)
